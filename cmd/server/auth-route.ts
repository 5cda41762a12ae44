import type { z } from 'zod';
import type { Authenticated } from '../../identity/authenticate.ts';
import type { Credentials } from '../../identity/credentials.ts';
import type { Parts } from '../../identity/parts.ts';
import type { Reply } from './auth-request.ts';

/** Who asks, how, and what the answer is made of. */
export interface AuthCall {
  parts: Parts;
  credentials: Credentials;
  /** Whether the proof of work that came with the request is good; it is used up by that. */
  solved(captcha: string | undefined): Promise<boolean>;
}

export interface Route<T extends z.ZodType = z.ZodType> {
  body: T;
  /** `anyone`, somebody signed in, or somebody who has just proved who they are. */
  for: 'anyone' | 'session' | 'fresh';
  run(call: AuthCall, body: z.output<T>, who: Authenticated | null): Promise<Reply>;
}

/** Keeps the types of body and handler together, and erases them for the table. */
export function route<T extends z.ZodType>(made: Route<T>): Route {
  return made as unknown as Route;
}

/** The user is told by letter: whoever changed it may be somebody else. */
export async function factorChanged(
  parts: Parts,
  who: Authenticated,
  { what, from }: { what: 'SecondFactorSet' | 'SecondFactorRemoved' | 'PasskeyAdded' | 'PasskeyRemoved'; from: string },
): Promise<void> {
  const { person } = who;
  parts.noted({ what, user: person.name, from });
  await parts.people.changed(person.uid);
  if (person.email === null) return;
  const event = `${what}:${person.uid}:${parts.now()}`;
  const params = { name: person.displayName };
  await parts.letters.send({ event, recipient: person.email, template: 'SecondFactorChanged', params });
}
