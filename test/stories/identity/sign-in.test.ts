import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';
const ME = '{ me { actor user session } }';

describe('a user whom the administrator made', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply({
      kind: 'User',
      metadata: { name: 'anna' },
      spec: { email: 'anna@acme.example', displayName: 'Anna' },
    });
  });
  afterAll(() => server.close());

  const invited = async () => {
    const { body } = await server.asAdmin('mutation { inviteUser(user: "anna") }');
    expect(body.data).toEqual({ inviteUser: true });
    return (await server.letters()).filter(({ template }) => template === 'Invitation').at(-1);
  };

  it('chooses a password by the link of a letter, once', async () => {
    const letter = await invited();
    expect(letter).toMatchObject({ recipient: 'anna@acme.example', params: { user: 'anna', name: 'Anna' } });
    const token = linkToken(letter);
    const anna = server.browser();
    const weak = await anna.auth('invitation/accept', { token, password: 'Password12345!' });
    expect(weak).toMatchObject({ status: 422, body: { reasons: [expect.stringContaining('guessers')] } });
    expect(await anna.auth('invitation/accept', { token, password: PASSWORD })).toMatchObject({
      status: 200,
      body: { user: 'anna' },
    });
    expect((await anna.auth('invitation/accept', { token, password: PASSWORD })).status).toBe(422);
  });

  it('signs in by name or proved address, asks as themselves, and signs out', async () => {
    for (const login of ['anna', 'Anna@ACME.example']) {
      const anna = server.browser();
      const signed = await anna.auth('sign-in', { login, password: PASSWORD });
      expect(signed).toMatchObject({ status: 200, body: { state: 'signedIn', user: 'anna' } });
      expect(JSON.stringify(signed.body)).not.toContain(anna.cookie()?.split('=')[1]);
      expect(signed.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
      expect((await anna.query(ME)).body.data.me).toMatchObject({ actor: 'user:anna', user: 'anna' });
      expect((await anna.get('/auth/session')).body).toMatchObject({ actor: 'user:anna', displayName: 'Anna' });
      const stolen = anna.cookie() ?? '';
      expect((await anna.auth('sign-out')).status).toBe(200);
      expect(anna.cookie()).toBeNull();
      expect((await anna.get('/auth/session', { cookie: stolen })).status).toBe(401);
    }
  });

  it('is not believed by the cookie alone when something may change', async () => {
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const cookie = anna.cookie() ?? '';
    const stranger = server.browser();
    const query = { query: ME };
    expect((await stranger.post('/graphql', query, { cookie })).status).toBe(401);
    expect((await stranger.post('/graphql', query, { cookie, 'x-steward-csrf': 'a'.repeat(64) })).status).toBe(401);
    expect((await stranger.auth('sign-out', {}, { cookie })).status).toBe(401);
    expect((await anna.query(ME)).status).toBe(200);
  });

  it('takes a bearer token for the command line, which no cookie carries', async () => {
    const anna = server.browser();
    const { body } = await anna.auth('sign-in', { login: 'anna', password: PASSWORD, use: 'commandLine' });
    expect(anna.cookie()).toBeNull();
    const asked = await anna.post('/graphql', { query: ME }, { authorization: `Bearer ${body.token}` });
    expect(asked.body.data.me.actor).toBe('user:anna');
    expect((await anna.get('/auth/session', { cookie: `steward-session=${body.token}` })).status).toBe(401);
  });

  it('sees where they are signed in, and ends a stolen session', async () => {
    const [anna, thief] = [server.browser(), server.browser()];
    await thief.auth('sign-in', { login: 'anna', password: PASSWORD });
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const { sessions } = (await anna.query('{ sessions { id current how use } }')).body.data;
    expect(sessions.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const others = sessions.filter(({ current }: { current: boolean }) => !current).length;
    const ended = await anna.query('mutation { revokeOtherSessions }');
    expect(ended.body.data.revokeOtherSessions).toBe(others);
    expect((await thief.get('/auth/session')).status).toBe(401);
    expect((await anna.get('/auth/session')).status).toBe(200);
  });

  it('changes the password: the session gets another token, all others end', async () => {
    const [anna, other] = [server.browser(), server.browser()];
    await other.auth('sign-in', { login: 'anna', password: PASSWORD });
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const before = anna.cookie();
    const changed = 'seven slow green lanterns';
    expect((await anna.auth('password/change', { password: changed })).status).toBe(200);
    expect(anna.cookie()).not.toBe(before);
    expect((await other.get('/auth/session')).status).toBe(401);
    expect((await server.browser().get('/auth/session', { cookie: before ?? '' })).status).toBe(401);
    expect((await anna.auth('password/change', { password: PASSWORD })).status).toBe(200);
  });

  it('is out at once when suspended, and nobody is told why', async () => {
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const user = { kind: 'User', metadata: { name: 'anna' } };
    const spec = { email: 'anna@acme.example', displayName: 'Anna' };
    await server.apply({ ...user, spec: { ...spec, suspended: true } });
    expect((await anna.get('/auth/session')).status).toBe(401);
    const refused = await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const unknown = await anna.auth('sign-in', { login: 'nobody', password: PASSWORD });
    expect(refused.status).toBe(401);
    expect(refused.body).toEqual(unknown.body);
    await server.apply({ ...user, spec });
  });

  it('leaves nothing of itself in logs', async () => {
    expect(server.events.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['Invited', 'PasswordSet', 'SignedIn', 'SignInRefused']),
    );
    expect(JSON.stringify(server.events)).not.toContain(PASSWORD);
    expect(server.errors).toEqual([]);
  });

  it('the token of the administrator goes on to work', async () => {
    expect((await server.asAdmin(ME)).body.data.me).toEqual({ actor: 'token:admin', user: null, session: null });
  });
});
