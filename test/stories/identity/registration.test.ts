import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_SIGN_IN } from '../../../cmd/config/sign-in-settings.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';

describe('a stranger', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    const registration = {
      ...DEFAULT_SIGN_IN.registration,
      open: true,
      termsVersion: '2026-01',
      refusedDomains: ['spam.example'],
    };
    server = await startIdentityServer({ registration });
  });
  afterAll(() => server.close());

  const request = { name: 'acme', email: 'anna@acme.example', displayName: 'Acme', terms: '2026-01' };

  it('registers with a proof of work, answers the letter, and is the master of an account', async () => {
    const anna = server.browser();
    expect((await anna.auth('register', request)).body.state).toBe('captchaNeeded');
    const asked = await anna.auth('register', { ...request, captcha: await anna.solve() });
    expect(asked).toMatchObject({ status: 202, body: { state: 'emailSent' } });
    expect((await server.asAdmin('{ account(name: "acme") { name } }')).body.data.account).toBeNull();
    const letter = (await server.letters()).at(-1);
    expect(letter).toMatchObject({ template: 'VerifyEmail', recipient: 'anna@acme.example' });
    expect(letter?.params.link).toContain(`${server.url}/verify#token=`);
    const done = await anna.auth('register/complete', { token: linkToken(letter), password: PASSWORD });
    expect(done).toMatchObject({ status: 200, body: { state: 'registered', user: 'acme' } });
    expect((await anna.auth('sign-in', { login: 'anna@acme.example', password: PASSWORD })).body.state).toBe(
      'signedIn',
    );
    const { body } = await server.asAdmin(
      '{ account(name: "acme") { spec { ownerEmail } metadata { annotations } } user(name: "acme") { spec { account roles { role account } } } project(name: "acme") { spec { account } } }',
    );
    expect(body.data).toMatchObject({
      account: {
        spec: { ownerEmail: 'anna@acme.example' },
        metadata: { annotations: { 'identity.steward/terms': expect.stringMatching(/^2026-01 /) } },
      },
      user: { spec: { account: 'acme', roles: [{ role: 'master-user', account: 'acme' }] } },
      project: { spec: { account: 'acme' } },
    });
  });

  it('is told all that is wrong at once, before any proof is asked for', async () => {
    const wrong = { name: 'root', email: 'x@mail.spam.example', terms: 'old' };
    const answer = await server.browser().auth('register', wrong);
    expect(answer.status).toBe(400);
    expect(answer.body.issues.map(({ field }: { field: string }) => field)).toEqual(['name', 'email', 'terms']);
    expect((await server.browser().auth('register', { ...request, extra: 1 })).status).toBe(400);
  });

  it('cannot tell a known address from an unknown one', async () => {
    const answers = [];
    for (const email of ['anna@acme.example', 'nobody@acme.example']) {
      const browser = server.browser();
      answers.push(
        await browser.auth('register', { ...request, name: 'other', email, captcha: await browser.solve() }),
      );
      answers.push(await browser.auth('password/forgot', { login: email, captcha: await browser.solve() }));
    }
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual([
      { status: 202, body: { state: 'emailSent' } },
      { status: 200, body: { state: 'asked' } },
      { status: 202, body: { state: 'emailSent' } },
      { status: 200, body: { state: 'asked' } },
    ]);
  });

  it('is registered by staff on the same way, without a proof', async () => {
    const registered = await server.asAdmin('mutation { registerAccount(name: "bolt", email: "bert@bolt.example") }');
    expect(registered.body.data).toEqual({ registerAccount: 'bolt' });
    const token = linkToken((await server.letters()).filter(({ template }) => template === 'Invitation').at(-1));
    expect((await server.browser().auth('invitation/accept', { token, password: PASSWORD })).status).toBe(200);
    const twice = await server.asAdmin('mutation { registerAccount(name: "bolt", email: "x@bolt.example") }');
    expect(twice.body.errors[0].message).toContain('taken');
    const spam = await server.asAdmin('mutation { registerAccount(name: "spam", email: "x@spam.example") }');
    expect(spam.body.errors[0].message).toContain('not taken here');
    expect(server.errors).toEqual([]);
  });
});
