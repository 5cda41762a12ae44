import { z } from 'zod';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** One role, everywhere, or only within what is named beside it. */
export function roleGrant() {
  const within = (what: string) => z.string().regex(NAME, `name of ${what}`).optional();
  return z.object({
    role: z.string().regex(NAME, 'name of a role').describe('Name of the role.'),
    account: within('an account').describe('Only within this account.'),
    project: within('a project').describe('Only within this project.'),
    channel: within('a channel').describe('Only within this channel.'),
  });
}
