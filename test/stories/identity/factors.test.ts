import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createAuthenticator } from '../../../identity/fixtures/authenticator.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';

describe('a user with a passkey', () => {
  let server: IdentityServer;
  let recovery: string[];
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } });
    await server.asAdmin('mutation { inviteUser(user: "anna") }');
    const token = linkToken((await server.letters()).at(-1));
    await server.browser().auth('invitation/accept', { token, password: PASSWORD });
  });
  afterAll(() => server.close());

  it('adds it, signs in by it, and by nothing less from then on', async () => {
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const authenticator = createAuthenticator(server.url);
    const begun = (await anna.auth('passkeys/begin')).body;
    const before = anna.cookie();
    const added = await anna.auth('passkeys/add', {
      token: begun.token,
      response: authenticator.register(begun.options),
      label: 'laptop',
    });
    expect(added).toMatchObject({ status: 200, body: { state: 'signedIn', recoveryCodes: expect.any(Array) } });
    expect(anna.cookie()).not.toBe(before);
    recovery = added.body.recoveryCodes;
    const other = server.browser();
    expect((await other.auth('sign-in', { login: 'anna', password: PASSWORD })).body.state).toBe('secondFactorNeeded');
    expect((await other.get('/auth/session')).status).toBe(401);
    const asked = (await other.auth('passkeys/ask')).body;
    const signed = await other.auth('passkeys/sign-in', {
      token: asked.token,
      response: authenticator.sign(asked.options),
    });
    expect(signed).toMatchObject({ status: 200, body: { user: 'anna' } });
    expect((await other.query('{ me { actor secondFactorAt } }')).body.data.me.secondFactorAt).not.toBeNull();
    expect((await server.letters()).map(({ template }) => template)).toContain('SecondFactorChanged');
  });

  it('comes in by a recovery code, and proves by another what is dangerous', async () => {
    const anna = server.browser();
    const { body } = await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const entered = await anna.auth('second-factor', { ticket: body.ticket, code: recovery[0] });
    expect(entered.body.state).toBe('signedIn');
    expect((await anna.auth('prove', { password: PASSWORD })).body.state).toBe('secondFactorNeeded');
    expect((await anna.auth('prove', { code: recovery[0] })).status).toBe(401);
    expect((await anna.auth('prove', { code: recovery[1] })).body.state).toBe('signedIn');
    expect((await anna.auth('recovery-codes')).body.recoveryCodes).toHaveLength(10);
  });

  it('shows the object what is set up, and nothing of it', async () => {
    const standing = async () =>
      (await server.asAdmin('{ user(name: "anna") { status { password secondFactor emailProved } } }')).body.data.user
        .status;
    const seen = await eventually(standing, (status) => status?.secondFactor === true);
    expect(seen).toEqual({ password: true, secondFactor: true, emailProved: true });
  });

  it('leaves nothing behind when deleted: whoever gets the name is somebody else', async () => {
    const [found] = await server.storage.store.getByKey([{ kind: 'User', project: null, name: 'anna' }]);
    const uid = found?.metadata.uid ?? '';
    const { records } = server.storage.identity;
    const kept = async () => [await records.get('password', uid), ...(await records.ofSubject('passkey', uid, 9))];
    expect((await kept()).filter(Boolean)).toHaveLength(2);
    await server.asAdmin('mutation { delete(objects: [{ kind: "User", name: "anna" }]) { __typename } }');
    const user = async () => (await server.asAdmin('{ user(name: "anna") { name } }')).body.data.user;
    expect(await eventually(user, (found) => found === null)).toBeNull();
    expect((await kept()).filter(Boolean)).toEqual([]);
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: {} });
    expect((await server.browser().auth('sign-in', { login: 'anna', password: PASSWORD })).body.state).toBe('refused');
    expect(
      (await server.browser().auth('sign-in', { login: 'anna@acme.example', password: PASSWORD })).body.state,
    ).toBe('refused');
    expect(server.errors).toEqual([]);
  });
});

async function eventually<T>(read: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (let tried = 0; tried < 200; tried++) {
    const value = await read();
    if (good(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return read();
}
