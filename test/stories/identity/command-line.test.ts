import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { hotp } from '../../../identity/totp.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(180_000);

const PASSWORD = 'four rivers meet at noon';

describe('steward invite', () => {
  it('prints a link by which a new user chooses a password, and none for one who has come', async () => {
    const server = await startIdentityServer();
    await server.apply({ kind: 'User', metadata: { name: 'bert' }, spec: {} });
    const invite = (...args: string[]) => server.installation.steward(['invite', 'bert', ...args]);
    expect((await invite()).err).toContain('no e-mail address');
    const link = await invite('--link');
    expect(link.out).toMatch(new RegExp(`^${server.url}/invitation#token=sto_`));
    const token = link.out.trim().split('#token=')[1];
    const bert = server.browser();
    expect((await bert.auth('invitation/accept', { token, password: PASSWORD })).status).toBe(200);
    expect((await bert.auth('sign-in', { login: 'bert', password: PASSWORD })).status).toBe(200);
    expect(await invite('--link')).toMatchObject({
      code: 64,
      err: expect.stringContaining('only a letter lets in there'),
    });
    await server.close();
  });
});

describe('steward login', () => {
  let server: IdentityServer;
  let recovery: string[];
  beforeAll(async () => {
    server = await startIdentityServer({ captchaAfter: 1 });
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } });
    await server.asAdmin('mutation { inviteUser(user: "anna") }');
    const token = linkToken((await server.letters()).at(-1));
    await server.browser().auth('invitation/accept', { token, password: PASSWORD });
    recovery = [];
  });
  afterAll(() => server.close());

  const config = () => join(server.installation.folder, 'config', 'config.yaml');
  const steward = (args: string[], input?: string) =>
    server.installation.steward(args, {
      env: { STEWARD_CONFIG: config(), STEWARD_URL: server.url },
      ...(input === undefined ? {} : { input }),
    });

  it('refuses a wrong password with the code for "denied", and keeps nothing', async () => {
    const ran = await steward(['login', '--user', 'anna'], 'wrong\n');
    expect({ code: ran.code, out: ran.out }).toEqual({ code: 6, out: '' });
    expect(ran.err).toContain('Name or password is wrong');
    expect(() => statSync(config())).toThrow('ENOENT');
  });

  it('signs in, doing the proof of work that the failure before asks for, and keeps the token to itself', async () => {
    const ran = await steward(['login'], `anna\n${PASSWORD}\n`);
    expect({ code: ran.code, err: ran.err }).toMatchObject({ code: 0, err: expect.stringContaining('as anna') });
    const tokenFile = join(server.installation.folder, 'config', 'token');
    expect([statSync(tokenFile).mode & 0o777, statSync(config()).mode & 0o777]).toEqual([0o600, 0o600]);
    expect(readFileSync(config(), 'utf8')).not.toContain('sts_');
    expect(ran.out + ran.err).not.toContain(readFileSync(tokenFile, 'utf8').trim());
  });

  it('says who one is, and what one is then allowed', async () => {
    const ran = await steward(['whoami', '-o', 'json']);
    expect(JSON.parse(ran.out)).toMatchObject({ actor: 'user:anna', user: 'anna', scopes: null });
    const admin = await server.installation.steward(['whoami']);
    expect(admin.out).toContain('token:admin');
  });

  it('ends here and at the server', async () => {
    const token = readFileSync(join(server.installation.folder, 'config', 'token'), 'utf8').trim();
    expect((await steward(['logout'])).err).toContain('Signed out');
    expect((await server.browser().get('/auth/session', { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await steward(['logout'])).err).toContain('not signed in');
  });

  it('asks for the second factor where there is one', async () => {
    const anna = server.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const begun = await anna.auth('totp/begin');
    const code = hotp(fromBase32(begun.body.secret), Math.floor(Date.now() / 30_000));
    recovery = (await anna.auth('totp/confirm', { code })).body.recoveryCodes;
    expect(recovery).toHaveLength(10);
    expect((await steward(['login', '-u', 'anna'], `${PASSWORD}\nwrong-code\n${recovery[0]}\n`)).code).toBe(0);
    expect(JSON.parse((await steward(['whoami', '-o', 'json'])).out).secondFactorAt).not.toBeNull();
    expect((await steward(['login', '-u', 'anna'], `${PASSWORD}\n${recovery[0]}\n`)).code).not.toBe(0);
  });
});

function fromBase32(text: string): Buffer {
  const bits = [...text]
    .map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
