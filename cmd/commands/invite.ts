import type { Command } from 'commander';
import { CliError } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

const INVITE = 'mutation ($user: String!, $key: String) { inviteUser(user: $user, idempotencyKey: $key) }';
const LINK = 'mutation ($user: String!, $key: String) { makeInvitationLink(user: $user, idempotencyKey: $key) }';

export function addInvite(program: Command, io: Io): void {
  program
    .command('invite')
    .description('let a user choose a password: by letter, or by a link that is printed')
    .argument('<user>', 'name of the User')
    .option('--link', 'print the link instead of sending it; only for a user who never signed in')
    .action(async (user: string, { link }: { link?: boolean }, command: Command) => {
      const { client } = openSession(io, command);
      if (link) {
        const { makeInvitationLink } = await client.mutate<{ makeInvitationLink: string }>(LINK, { user });
        return io.out(`${makeInvitationLink}\n`);
      }
      const { inviteUser } = await client.mutate<{ inviteUser: boolean }>(INVITE, { user });
      if (!inviteUser)
        throw new CliError(
          `User "${user}" has no e-mail address, or is not ours to invite. Use --link, or set spec.email.`,
        );
      io.err(`A letter is on its way to ${user}.\n`);
    });
}
