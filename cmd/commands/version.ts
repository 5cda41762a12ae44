import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';
import { VERSION } from '../version.ts';

export interface About {
  version: string;
  database: string;
  hypervisor: string;
  installationId: string;
}

export const ABOUT = 'query { about { version database hypervisor installationId } }';

export function addVersion(program: Command, io: Io): void {
  program
    .command('version')
    .description('of this command and of the server')
    .option('--client', 'do not ask a server')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (options: { client?: boolean; output: 'text' | 'json' }, command: Command) => {
      const client = VERSION;
      const server = options.client ? null : await askServer(io, command);
      if (options.output === 'json') return io.out(`${JSON.stringify({ client, server })}\n`);
      const lines = [`client  ${client} (Node ${process.versions.node})`];
      if (server)
        lines.push(
          `server  ${server.version} (${server.database}; ${server.hypervisor}; installation ${server.installationId})`,
        );
      io.out(`${lines.join('\n')}\n`);
    });
}

async function askServer(io: Io, command: Command): Promise<About> {
  const { client } = openSession(io, command);
  return (await client.query<{ about: About }>(ABOUT)).about;
}
