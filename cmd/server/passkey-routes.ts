import { z } from 'zod';
import { factorMethods } from '../../identity/second-factor.ts';
import { rotateSession } from '../../identity/sessions.ts';
import { FORBIDDEN, REFUSED, rotated, signInReply } from './auth-replies.ts';
import { factorChanged, type Route, route } from './auth-route.ts';

const token = z.string().min(1).max(256);
/** What the browser's authenticator answers; its inside is for the verification to judge. */
const response = z.record(z.string(), z.unknown());

/** Their library is large, and read when somebody first uses one. */
const passkeys = () => import('../../identity/passkeys.ts');

/** POST /auth/passkeys/…: to add one when signed in, and to sign in by one. */
export const PASSKEY_ROUTES: Readonly<Record<string, Route>> = {
  'passkeys/begin': route({
    body: z.strictObject({}),
    for: 'fresh',
    run: async ({ parts }, _body, who) =>
      who ? { status: 200, body: { ...(await (await passkeys()).beginPasskey(parts, who.person)) } } : FORBIDDEN,
  }),
  'passkeys/add': route({
    body: z.strictObject({ token, response, label: z.string().max(64).default('') }),
    for: 'fresh',
    run: async ({ parts, credentials: { from } }, body, who) => {
      if (!who?.session) return FORBIDDEN;
      const added = await (await passkeys()).addPasskey(parts, who.person, body);
      if (!added.ok) return REFUSED;
      await factorChanged(parts, who, { what: 'PasskeyAdded', from });
      const more = { passkey: added.id, ...(added.recoveryCodes && { recoveryCodes: added.recoveryCodes }) };
      return rotated(await rotateSession(parts, who.session, { secondFactor: true }), more);
    },
  }),
  'passkeys/remove': route({
    body: z.strictObject({ passkey: z.string().regex(/^[0-9a-f]{64}$/) }),
    for: 'fresh',
    run: async ({ parts, credentials: { from } }, { passkey }, who) => {
      const row = await parts.records.get('passkey', passkey);
      if (!who?.session || row?.subject !== who.person.uid)
        return { status: 404, body: { error: 'There is no such passkey.' } };
      await parts.records.remove('passkey', passkey);
      if ((await factorMethods(parts, who.person.uid)).length === 0)
        await parts.records.remove('recovery', who.person.uid);
      await factorChanged(parts, who, { what: 'PasskeyRemoved', from });
      return rotated(await rotateSession(parts, who.session, { secondFactor: false }));
    },
  }),
  'passkeys/ask': route({
    body: z.strictObject({}),
    for: 'anyone',
    run: async ({ parts }) => ({ status: 200, body: { ...(await (await passkeys()).askPasskey(parts)) } }),
  }),
  'passkeys/sign-in': route({
    body: z.strictObject({ token, response, use: z.enum(['browser', 'commandLine']).default('browser') }),
    for: 'anyone',
    run: async ({ parts, credentials: { from, agent } }, body) =>
      signInReply(await (await passkeys()).signInByPasskey(parts, { ...body, from, agent })),
  }),
};
