import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOKEN } from '../../../cmd/fixtures/running.ts';
import { hotp } from '../../../identity/totp.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';

describe('an attacker', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } });
    await server.asAdmin('mutation { inviteUser(user: "anna") }');
    const token = linkToken((await server.letters()).at(-1));
    await server.browser().auth('invitation/accept', { token, password: PASSWORD });
  });
  afterAll(() => server.close());

  const signIn = async () => {
    const browser = server.browser();
    return { browser, ...(await browser.auth('sign-in', { login: 'anna', password: PASSWORD })) };
  };

  it('has no letter lead elsewhere by a forged host', async () => {
    const body = JSON.stringify({ login: 'anna', captcha: await server.browser().solve() });
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'content-type': 'application/json',
      'content-length': String(body.length),
    };
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${server.url}/auth/password/forgot`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    expect(status).toBe(200);
    const letters = JSON.stringify(await server.letters());
    expect(letters).toContain(`${server.url}/reset`);
    expect(letters).not.toContain('evil.example');
  });

  it('fixes nobody’s session: who signs in gets another, whatever the browser brought', async () => {
    const fixed = 'steward-session=sts_of-the-attacker';
    const browser = server.browser();
    const came = await browser.auth('sign-in', { login: 'anna', password: PASSWORD }, { cookie: fixed });
    expect(came.body.state).toBe('signedIn');
    expect(browser.cookie()).not.toContain('of-the-attacker');
    expect((await server.browser().get('/auth/session', { cookie: fixed })).status).toBe(401);
  });

  it('changes no prototype by what is sent as JSON', async () => {
    const evil = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const manifest = `{"kind":"Project","metadata":{"name":"evil","labels":${evil},"custom":${evil}},"spec":${evil}}`;
    const query = 'mutation ($m: [JSON!]!) { apply(manifests: $m) { ... on AdmissionFailure { issues { path } } } }';
    const sent = [
      ['/graphql', `{"query":"${query}","variables":{"m":[${manifest}]}}`],
      ['/auth/sign-in', `{"login":"a","password":"b","__proto__":{"polluted":1}}`],
      ['/auth/passkeys/sign-in', `{"token":"a","response":${evil}}`],
    ] as const;
    for (const [path, body] of sent) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
      expect((await fetch(`${server.url}${path}`, { method: 'POST', headers, body })).status).toBeLessThan(500);
    }
    expect(
      (
        await server.asAdmin('mutation ($m: [JSON!]!) { apply(manifests: $m, dryRun: true) { __typename } }', {
          m: [JSON.parse(manifest)],
        })
      ).status,
    ).toBe(200);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(server.errors).toEqual([]);
  });

  it('uses no code twice, nor one recovery code many times at once', async () => {
    const { browser } = await signIn();
    const { secret } = (await browser.auth('totp/begin')).body;
    const code = (shift: number) => hotp(fromBase32(secret), Math.floor(Date.now() / 30_000) + shift);
    const confirmed = await browser.auth('totp/confirm', { code: code(0) });
    const recovery: string[] = confirmed.body.recoveryCodes;
    const tickets = [];
    for (let came = 0; came < 3; came += 1) tickets.push(await signIn());
    const entered = await Promise.all(
      tickets.map(({ browser: each, body }) => each.auth('second-factor', { ticket: body.ticket, code: recovery[0] })),
    );
    expect(entered.filter(({ body }) => body.state === 'signedIn')).toHaveLength(1);
    const again = await signIn();
    const used = await again.browser.auth('second-factor', { ticket: again.body.ticket, code: code(0) });
    expect(used.body.state).not.toBe('signedIn');
  });
});

function fromBase32(text: string): Buffer {
  const bits = [...text.replaceAll('=', '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
