import { z } from 'zod';
import { acceptEmailProof, askEmailProof } from '../../identity/email.ts';
import { setPassword } from '../../identity/password/passwords.ts';
import { completeRegistration, register } from '../../identity/registration.ts';
import { acceptLink, askReset, tellPasswordChanged } from '../../identity/reset.ts';
import { beginTotp, confirmTotp, factorMethods, removeTotp, renewRecoveryCodes } from '../../identity/second-factor.ts';
import { rotateSession } from '../../identity/sessions.ts';
import { giveSecondFactor, signIn } from '../../identity/sign-in.ts';
import { proveAgain } from './auth-prove.ts';
import { CAPTCHA, FORBIDDEN, passwordReply, REFUSED, rotated, signInReply, waitingReply } from './auth-replies.ts';
import { factorChanged, type Route, route } from './auth-route.ts';

const password = z.string().min(1).max(1_024);
const token = z.string().min(1).max(256);
const code = z.string().min(6).max(32);
const captcha = z.string().max(2_048).optional();
const use = z.enum(['browser', 'commandLine']).default('browser');

/** POST /auth/…: small bodies of JSON in, JSON out. */
export const AUTH_ROUTES: Readonly<Record<string, Route>> = {
  'sign-in': route({
    body: z.strictObject({
      login: z.string().min(1).max(254),
      password,
      provider: z.string().max(63).optional(),
      captcha,
      use,
    }),
    for: 'anyone',
    run: async ({ parts, credentials, solved }, body) => {
      const { from, agent } = credentials;
      const request = { ...body, from, agent, solved: () => solved(body.captcha) };
      return signInReply(await signIn(parts, request));
    },
  }),
  'second-factor': route({
    body: z.strictObject({ ticket: token, code }),
    for: 'anyone',
    run: async ({ parts, credentials: { from, agent } }, body) =>
      signInReply(await giveSecondFactor(parts, { ...body, from, agent })),
  }),
  'sign-out': route({
    body: z.strictObject({}),
    for: 'session',
    run: async ({ parts, credentials }, _body, who) => {
      if (who?.session) await parts.records.remove('session', who.session.key);
      parts.noted({ what: 'SignedOut', user: who?.person.name ?? '', from: credentials.from });
      return { status: 200, body: { state: 'signedOut' }, cookie: null };
    },
  }),
  prove: route({
    body: z.strictObject({ password: password.optional(), code: code.optional() }),
    for: 'session',
    run: proveAgain,
  }),
  'password/change': route({
    body: z.strictObject({ password }),
    for: 'fresh',
    run: async ({ parts, credentials: { from } }, body, who) => {
      if (!who?.session) return FORBIDDEN;
      const set = await setPassword(parts, who.person, { password: body.password, keepSession: who.session.value.id });
      if (!set.ok) return passwordReply(set.reasons);
      parts.noted({ what: 'PasswordSet', user: who.person.name, from, how: 'change' });
      await tellPasswordChanged(parts, who.person);
      return rotated(await rotateSession(parts, who.session, { secondFactor: false }));
    },
  }),
  'password/forgot': route({
    body: z.strictObject({ login: z.string().min(1).max(254), captcha }),
    for: 'anyone',
    run: async ({ parts, credentials: { from }, solved }, body) => {
      if (!(await solved(body.captcha))) return CAPTCHA;
      const asked = await askReset(parts, { login: body.login, from });
      return asked.state === 'waiting' ? waitingReply(asked.waitMs) : { status: 200, body: { state: 'asked' } };
    },
  }),
  'password/reset': linkRoute('reset'),
  'invitation/accept': linkRoute('invite'),
  'email/prove': route({
    body: z.strictObject({}),
    for: 'session',
    run: async ({ parts }, _body, who) => {
      const sent = who !== null && (await askEmailProof(parts, who.person));
      return sent
        ? { status: 202, body: { state: 'emailSent' } }
        : { status: 409, body: { error: 'There is no address, or letters went there already. Wait a while.' } };
    },
  }),
  'email/confirm': route({
    body: z.strictObject({ token }),
    for: 'anyone',
    run: async ({ parts, credentials: { from } }, body) =>
      (await acceptEmailProof(parts, { ...body, from })) ? { status: 200, body: { state: 'proved' } } : REFUSED,
  }),
  register: route({
    body: z.strictObject({
      name: z.string().max(64),
      email: z.string().max(320),
      displayName: z.string().max(400).default(''),
      currency: z.string().max(8).default('EUR'),
      terms: z.string().max(64).default(''),
      country: z.string().max(2).default(''),
      channel: z.string().max(63).default(''),
      projectInvitation: token.optional(),
      captcha,
    }),
    for: 'anyone',
    run: async ({ parts, credentials: { from, host }, solved }, { captcha: proof, ...request }) => {
      const mode = { assisted: false, from, host, solved: () => solved(proof) };
      const outcome = await register(parts, request, mode);
      if (outcome.state === 'issues')
        return { status: 400, body: { error: 'Some fields are wrong.', issues: outcome.issues } };
      if (outcome.state === 'captchaNeeded') return CAPTCHA;
      if (outcome.state === 'waiting') return waitingReply(outcome.waitMs);
      if (outcome.state === 'closed') return { status: 403, body: { error: 'Registration is closed here.' } };
      return { status: 202, body: { state: 'emailSent' } };
    },
  }),
  'register/complete': route({
    body: z.strictObject({ token, password }),
    for: 'anyone',
    run: async ({ parts, credentials: { from } }, body) => {
      const done = await completeRegistration(parts, { ...body, from });
      return done.ok
        ? { status: 200, body: { state: 'registered', user: done.person.name, invitation: done.invitation } }
        : passwordReply(done.reasons);
    },
  }),
  'totp/begin': route({
    body: z.strictObject({}),
    for: 'fresh',
    run: async ({ parts }, _body, who) => {
      const begun = who && (await beginTotp(parts, who.person));
      return begun
        ? { status: 200, body: { state: 'begun', ...begun } }
        : { status: 409, body: { error: 'An authenticator app is set up already: remove it first.' } };
    },
  }),
  'totp/confirm': route({
    body: z.strictObject({ code }),
    for: 'fresh',
    run: async ({ parts, credentials: { from } }, body, who) => {
      if (!who?.session) return FORBIDDEN;
      const recoveryCodes = await confirmTotp(parts, who.person, body.code);
      if (!recoveryCodes) return REFUSED;
      await factorChanged(parts, who, { what: 'SecondFactorSet', from });
      return rotated(await rotateSession(parts, who.session, { secondFactor: true }), { recoveryCodes });
    },
  }),
  'totp/remove': route({
    body: z.strictObject({}),
    for: 'fresh',
    run: async ({ parts, credentials: { from } }, _body, who) => {
      if (!who?.session) return FORBIDDEN;
      await removeTotp(parts, who.person.uid);
      await factorChanged(parts, who, { what: 'SecondFactorRemoved', from });
      return rotated(await rotateSession(parts, who.session, { secondFactor: false }));
    },
  }),
  'recovery-codes': route({
    body: z.strictObject({}),
    for: 'fresh',
    run: async ({ parts }, _body, who) => {
      if (!who || (await factorMethods(parts, who.person.uid)).length === 0)
        return { status: 409, body: { error: 'Set up a second factor first.' } };
      return { status: 200, body: { state: 'made', recoveryCodes: await renewRecoveryCodes(parts, who.person.uid) } };
    },
  }),
};

function linkRoute(purpose: 'reset' | 'invite'): Route {
  return route({
    body: z.strictObject({ token, password }),
    for: 'anyone',
    run: async ({ parts, credentials: { from } }, body) => {
      const set = await acceptLink(parts, { ...body, purpose, from });
      return set.ok ? { status: 200, body: { state: 'set', user: set.person?.name } } : passwordReply(set.reasons);
    },
  });
}
