import { z } from 'zod';
import { beginDevice, type DevicePolled, decideOnDevice, lookAtDevice, pollDevice } from '../../identity/device.ts';
import { FORBIDDEN, signInReply, waitingReply } from './auth-replies.ts';
import type { Reply } from './auth-request.ts';
import { type Route, route } from './auth-route.ts';

const userCode = z.string().min(8).max(16);

/** POST /auth/device/…: a program without a browser asks to be let in, and a person elsewhere says yes or no (RFC 8628). */
export const DEVICE_ROUTES: Readonly<Record<string, Route>> = {
  'device/begin': route({
    body: z.strictObject({}),
    for: 'anyone',
    run: async ({ parts, credentials: { from, agent } }) => {
      const begun = await beginDevice(parts, { from, agent });
      if (begun.state === 'waiting') return waitingReply(begun.waitMs);
      const { deviceCode, userCode: code, expiresInMs, intervalMs } = begun;
      const verificationUri = `${parts.policy.publicUrl}/auth/device`;
      const seconds = { expiresIn: expiresInMs / 1000, interval: intervalMs / 1000 };
      return { status: 200, body: { state: 'begun', deviceCode, userCode: code, verificationUri, ...seconds } };
    },
  }),
  'device/poll': route({
    body: z.strictObject({ deviceCode: z.string().min(1).max(256) }),
    for: 'anyone',
    run: async ({ parts, credentials: { from, agent } }, { deviceCode }) =>
      pollReply(await pollDevice(parts, { deviceCode, from, agent })),
  }),
  'device/look': route({
    body: z.strictObject({ userCode }),
    for: 'session',
    run: async ({ parts }, body, who) => {
      if (!who?.session) return FORBIDDEN;
      const looked = await lookAtDevice(parts, who.person, body.userCode);
      if (looked.state === 'waiting') return waitingReply(looked.waitMs);
      if (looked.state === 'unknown') return UNKNOWN_CODE;
      const { from, agent, at, expiresAt } = looked.asking;
      const times = { at: new Date(at).toISOString(), expiresAt: new Date(expiresAt).toISOString() };
      return { status: 200, body: { state: 'found', from, agent, ...times } };
    },
  }),
  'device/decide': route({
    body: z.strictObject({ userCode, approve: z.boolean() }),
    for: 'fresh',
    run: async ({ parts }, body, who) => {
      // What was let in itself lets nobody else in.
      if (who?.session?.value.use !== 'browser') return FORBIDDEN;
      const decided = await decideOnDevice(parts, { person: who.person, session: who.session.value }, body);
      if (decided.state === 'waiting') return waitingReply(decided.waitMs);
      return decided.state === 'unknown' ? UNKNOWN_CODE : { status: 200, body: { state: decided.state } };
    },
  }),
};

const UNKNOWN_CODE: Reply = {
  status: 404,
  body: { error: 'Nobody asks with this code. It may be used, or over after ten minutes.', state: 'unknown' },
};

/** The words of RFC 8628, 3.5, in our spelling. */
function pollReply(polled: DevicePolled): Reply {
  switch (polled.state) {
    case 'authorizationPending':
      return { status: 400, body: { state: polled.state, error: 'Nobody has said yes or no yet.' } };
    case 'slowDown':
      return {
        status: 400,
        body: { state: polled.state, error: 'Ask less often.', interval: polled.intervalMs / 1000 },
        retryAfterMs: polled.intervalMs,
      };
    case 'accessDenied':
      return { status: 403, body: { state: polled.state, error: 'It was denied.' } };
    case 'expiredToken':
      return { status: 400, body: { state: polled.state, error: 'The code is over. Begin again.' } };
    default:
      return signInReply(polled);
  }
}
