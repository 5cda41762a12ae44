import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

interface Caller {
  actor: string;
  onBehalfOf: string | null;
  user: string | null;
  scopes: string[] | null;
  secondFactorAt: string | null;
}

const ME = 'query { me { actor onBehalfOf user scopes secondFactorAt } }';

export function addWhoami(program: Command, io: Io): void {
  program
    .command('whoami')
    .description('as whom the server takes you')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async ({ output }: { output: 'text' | 'json' }, command: Command) => {
      const { client } = openSession(io, command);
      const { me } = await client.query<{ me: Caller }>(ME);
      if (output === 'json') return io.out(`${JSON.stringify({ server: client.endpoint.url, ...me })}\n`);
      const lines = [
        `actor   ${me.actor}${me.onBehalfOf === null ? '' : ` for ${me.onBehalfOf}`}`,
        `server  ${client.endpoint.url}`,
        ...(me.scopes === null ? [] : [`scopes  ${me.scopes.join(', ')}`]),
        ...(me.user === null ? [] : [`second factor  ${me.secondFactorAt ?? 'not given'}`]),
      ];
      io.out(`${lines.join('\n')}\n`);
    });
}
