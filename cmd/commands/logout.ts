import type { Command } from 'commander';
import { askAuth } from '../client/auth.ts';
import { configPath, discoverEndpoint, type EndpointOptions } from '../client/endpoint.ts';
import { forgetLogin } from '../client/saved-login.ts';
import type { Io } from '../io.ts';

export function addLogout(program: Command, io: Io): void {
  program
    .command('logout')
    .description('end the session of "steward login", here and at the server')
    .action(async (_options: object, command: Command) => {
      const { url, token } = discoverEndpoint(command.optsWithGlobals<EndpointOptions>(), io);
      if (!token?.startsWith('sts_')) return io.err('You are not signed in.\n');
      const answer = await askAuth({ url, token }, 'sign-out', {});
      forgetLogin(configPath(io.env));
      io.err(
        answer.status === 200 ? `Signed out at ${url}.\n` : 'The session had ended already; its token is forgotten.\n',
      );
    });
}
