import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createAuthenticator } from '../../../identity/fixtures/authenticator.ts';
import type { Browser } from '../../fixtures/browser.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(180_000);

const PASSWORD = 'four rivers meet at noon';

describe('a program without a browser', () => {
  let server: IdentityServer;
  let authenticator: ReturnType<typeof createAuthenticator>;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply(
      { kind: 'User', metadata: { name: 'anna' }, spec: {} },
      { kind: 'User', metadata: { name: 'bert' }, spec: {} },
    );
    for (const user of ['anna', 'bert']) {
      const { body } = await server.asAdmin(`mutation { makeInvitationLink(user: "${user}") }`);
      const token = linkToken({ params: { link: body.data.makeInvitationLink } });
      await server.browser().auth('invitation/accept', { token, password: PASSWORD });
    }
    authenticator = createAuthenticator(server.url);
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const { token, options } = (await anna.auth('passkeys/begin')).body;
    await anna.auth('passkeys/add', { token, response: authenticator.register(options) });
  });
  afterAll(() => server.close());

  /** By passkey, as the page does it. */
  const anna = async () => {
    const browser = server.browser();
    const { token, options } = (await browser.auth('passkeys/ask')).body;
    const { body } = await browser.auth('passkeys/sign-in', { token, response: authenticator.sign(options) });
    expect(body.state).toBe('signedIn');
    return browser;
  };
  const bert = async () => {
    const browser = server.browser();
    await browser.auth('sign-in', { login: 'bert', password: PASSWORD });
    return browser;
  };
  const begun = async () => (await server.browser().auth('device/begin')).body;
  const poll = (deviceCode: string) => server.browser().auth('device/poll', { deviceCode });
  const decide = (browser: Browser, userCode: string, approve: boolean) =>
    browser.auth('device/decide', { userCode, approve });

  it('lets "steward login --device" in for whoever has only a passkey', async () => {
    const config = join(server.installation.folder, 'device', 'config.yaml');
    const command = spawn(process.execPath, [join('cmd', 'steward.mjs'), 'login', '--device'], {
      env: { ...process.env, STEWARD_CONFIG: config, STEWARD_URL: server.url },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    const code = new Promise<string>((resolve) => {
      command.stderr.on('data', (chunk: Buffer) => {
        said += chunk;
        const [found] = /[B-Z]{4}-[B-Z]{4}/.exec(said) ?? [];
        if (found) resolve(found);
      });
    });
    const ended = new Promise((resolve) => command.on('exit', resolve));
    const userCode = await code;
    expect(said).toContain(`Open ${server.url}/auth/device`);
    const browser = await anna();
    const looked = await browser.auth('device/look', { userCode: userCode.toLowerCase().replace('-', ' ') });
    expect(looked).toMatchObject({ status: 200, body: { state: 'found', from: expect.any(String) } });
    expect((await decide(browser, userCode, true)).body).toEqual({ state: 'approved' });
    expect(await ended).toBe(0);
    expect(said).toContain('as anna');
    const token = readFileSync(join(server.installation.folder, 'device', 'token'), 'utf8').trim();
    const me = (await server.browser().get('/auth/session', { authorization: `Bearer ${token}` })).body;
    expect(me).toMatchObject({ actor: 'user:anna', secondFactorAt: expect.any(Number) });
    const sessions = (await browser.query('{ sessions { use how current } }')).body.data.sessions;
    expect(sessions).toContainEqual({ use: 'commandLine', how: 'passkey', current: false });
  });

  it('is told to slow down, and hears yes or no once', async () => {
    const { deviceCode, userCode, interval } = await begun();
    expect((await poll(deviceCode)).body.state).toBe('authorizationPending');
    const hurried = (await poll(deviceCode)).body;
    expect(hurried).toMatchObject({ state: 'slowDown', interval: interval + 5 });
    expect((await poll(deviceCode)).body.interval).toBe(interval + 10);
    expect((await decide(await bert(), userCode, false)).body.state).toBe('denied');
    expect(await poll(deviceCode)).toMatchObject({ status: 403, body: { state: 'accessDenied' } });
    expect((await poll(deviceCode)).body.state).toBe('expiredToken');
  });

  it('gets one session, however many ask at once', async () => {
    const { deviceCode, userCode } = await begun();
    await decide(await bert(), userCode, true);
    const answers = await Promise.all(Array.from({ length: 6 }, () => poll(deviceCode)));
    expect(answers.filter(({ body }) => body.token !== undefined)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.state === 'expiredToken')).toHaveLength(5);
  });

  it('gets nothing when the session is ended that said yes', async () => {
    const browser = await bert();
    const { deviceCode, userCode } = await begun();
    await decide(browser, userCode, true);
    await browser.auth('sign-out');
    expect(await poll(deviceCode)).toMatchObject({ status: 401, body: { state: 'refused' } });
  });

  it('is decided on once, by a browser that proved lately who it is, and by no program', async () => {
    const { userCode, deviceCode } = await begun();
    expect((await server.browser().auth('device/decide', { userCode, approve: true })).status).toBe(401);
    const program = (await server.browser().auth('sign-in', { login: 'bert', password: PASSWORD, use: 'commandLine' }))
      .body;
    const asProgram = { authorization: `Bearer ${program.token}` };
    expect((await server.browser().auth('device/decide', { userCode, approve: true }, asProgram)).status).toBe(403);
    const browser = await bert();
    const cookie = browser.cookie() ?? '';
    // A page of another site has the cookie sent, and knows nothing else.
    const forged = await server.browser().auth('device/decide', { userCode, approve: true }, { cookie });
    expect(forged.status).toBe(401);
    expect((await decide(browser, userCode, true)).body.state).toBe('approved');
    expect((await decide(browser, userCode, false)).status).toBe(404);
    expect((await poll(deviceCode)).body.user).toBe('bert');
  });

  it('is found by nobody who guesses: wrong codes are soon waited for', async () => {
    const browser = await bert();
    const { userCode } = await begun();
    const answers = [];
    for (let tries = 0; tries < 7; tries += 1)
      answers.push((await browser.auth('device/look', { userCode: `BBBB-BBB${'BCDFGHJ'[tries]}` })).status);
    expect(answers.slice(0, 4)).toEqual([404, 404, 404, 404]);
    expect(answers.at(-1)).toBe(429);
    expect((await browser.auth('device/look', { userCode })).status).toBe(429);
  });

  it('asks for few codes from one address', async () => {
    const small = await startIdentityServer({ requestsPerAddress: 3 });
    const statuses = [];
    for (let asked = 0; asked < 6; asked += 1) statuses.push((await small.browser().auth('device/begin')).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
    await small.close();
  });

  it('has a page that warns, runs nothing but its own script, and is framed by nobody', async () => {
    const { headers } = await server.browser().get('/auth/device');
    const page = await (await fetch(`${server.url}/auth/device`)).text();
    expect(page).toContain('Only say yes if you started this program yourself');
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'sha256-[^;]+; .*frame-ancestors 'none'/,
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(page).not.toMatch(/innerHTML|document\.write|src=|https?:/);
  });
});
