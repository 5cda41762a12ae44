import type { Command } from 'commander';
import { type AuthAnswer, askAuth, refusal } from '../client/auth.ts';
import { loggedInByDevice } from '../client/device-login.ts';
import { configPath, discoverEndpoint, type EndpointOptions } from '../client/endpoint.ts';
import { saveLogin } from '../client/saved-login.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { type Answers, openAnswers } from '../input/ask.ts';
import type { Io } from '../io.ts';

const HELP = `
Without a terminal the answers come on stdin, one a line: the name unless --user gives it, the password, and the code of the second
factor where one is set up. With --device a code is shown instead, and you say yes in a browser where you are signed in: for who has
passkeys only, or signs in at another house. The token is kept beside the configuration file, readable by you alone; "steward logout" ends it.`;

export function addLogin(program: Command, io: Io): void {
  program
    .command('login')
    .description('sign in, so that further commands are yours')
    .option('-u, --user <name>', 'name or e-mail address')
    .option('--device', 'show a code, and say yes in a browser')
    .option('--provider <name>', 'directory that is asked, at the first sign-in')
    .addHelpText('after', HELP)
    .action(async (options: { user?: string; provider?: string; device?: boolean }, command: Command) => {
      const { url } = discoverEndpoint(command.optsWithGlobals<EndpointOptions>(), io);
      const { token, user } = options.device ? await loggedInByDevice(io, url) : await loggedIn(io, url, options);
      const file = saveLogin(configPath(io.env), { url, token });
      io.err(`Signed in at ${url} as ${user}. The token is in ${file}.\n`);
    });
}

async function loggedIn(
  io: Io,
  url: string,
  options: { user?: string; provider?: string },
): Promise<{ token: string; user: string }> {
  const answers = await openAnswers(io);
  const login = options.user ?? (await answers.ask('Name'));
  const password = await answers.ask('Password', { secret: true });
  const provider = options.provider === undefined ? {} : { provider: options.provider };
  const first = await askAuth({ url }, 'sign-in', { login, password, use: 'commandLine', ...provider });
  return completed(url, answers, first);
}

/** A wrong code may be mended, a wrong password begins anew. */
const CODES_MAX = 3;

async function completed(url: string, answers: Answers, first: AuthAnswer): Promise<{ token: string; user: string }> {
  let answer = first;
  const { ticket } = first.body;
  for (let tried = 0; ticket !== undefined && tried < CODES_MAX && answer.body.token === undefined; tried++) {
    const methods = (first.body.methods as string[] | undefined) ?? [];
    if (!methods.includes('totp') && !methods.includes('recovery'))
      throw new CliError('The second factor of this user needs a browser: steward login --device.', EXIT.denied);
    const code = await answers.ask('Code of the second factor, or a recovery code', { secret: true });
    answer = await askAuth({ url }, 'second-factor', { ticket, code });
    if (answer.status === 429) break;
  }
  const { token, user } = answer.body;
  if (token === undefined || user === undefined) throw refusal(answer);
  return { token, user };
}
