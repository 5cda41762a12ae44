import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { issueKey } from './api-keys.ts';
import { type Authenticated, authenticate } from './authenticate.ts';
import type { Credentials } from './credentials.ts';
import { createHouse, HERE, MINUTE } from './fixtures/house.ts';
import { contentSha256, isSigned, parseSignedHeader, type SignedRequest, signedHeader } from './signature.ts';

const REQUEST: SignedRequest = {
  method: 'POST',
  path: '/graphql',
  host: 'cloud.example.org',
  contentSha256: contentSha256('{}'),
};
const NONCE = 'n'.repeat(22);

async function withKey(more: { signedOnly?: boolean; expiresAt?: number } = {}) {
  const house = createHouse();
  house.add('anna');
  const view = {
    name: 'deploy',
    uid: 'k1',
    user: 'anna',
    scopes: ['get:*'],
    signedOnly: false,
    expiresAt: null,
    active: true,
  };
  house.keys.set('deploy', { ...view, ...more });
  const issued = await issueKey(house.parts, view);
  const keys = { byName: async (name: string) => house.keys.get(name) };
  const credentials: Credentials = { authorization: null, cookie: null, csrf: null, ...HERE, ...REQUEST };
  const ask = (change: Partial<Credentials>): Promise<Authenticated | null> =>
    authenticate(house.parts, { keys, cookie: 'c' }, { ...credentials, ...change });
  const sign = (request = REQUEST, nonce = NONCE, at = house.clock.now) =>
    signedHeader({ key: issued.id, secret: issued.secret }, { request, timestamp: new Date(at).toISOString(), nonce });
  return { house, issued, view, ask, sign };
}

describe('a signed request', () => {
  it('is its key acting for its user, within its scopes', async () => {
    const { ask, sign } = await withKey();
    expect(await ask({ authorization: sign() })).toMatchObject({
      actor: 'key:deploy',
      onBehalfOf: 'user:anna',
      authentication: { user: 'anna', scopes: ['get:*'], session: null },
    });
  });

  it('is taken once, also when it comes twice at the same time', async () => {
    const { ask, sign } = await withKey();
    const authorization = sign();
    const both = await Promise.all([ask({ authorization }), ask({ authorization })]);
    expect(both.filter((who) => who !== null)).toHaveLength(1);
    expect(await ask({ authorization })).toBeNull();
    expect(await ask({ authorization: sign(REQUEST, 'm'.repeat(22)) })).not.toBeNull();
  });

  it('is refused when anything of it was changed', async () => {
    const { ask, sign } = await withKey();
    const changes: Partial<Credentials>[] = [
      { path: '/graphql?x=1' },
      { method: 'PUT' },
      { host: 'other.example.org' },
      { contentSha256: contentSha256('{"query":"mutation"}') },
      { contentSha256: null },
    ];
    for (const change of changes) expect(await ask({ authorization: sign(), ...change })).toBeNull();
    const authorization = sign();
    expect(await ask({ authorization: authorization.replace(NONCE, 'x'.repeat(22)) })).toBeNull();
    expect(await ask({ authorization })).not.toBeNull();
  });

  it('counts for five minutes around its time; what was seen is remembered for longer', async () => {
    const { house, ask, sign } = await withKey();
    const at = (shift: number) =>
      ask({ authorization: sign(REQUEST, `${NONCE}${shift + 900_000}`, house.clock.now + shift) });
    expect(await at(-5 * MINUTE - 1)).toBeNull();
    expect(await at(5 * MINUTE + 1)).toBeNull();
    expect(await at(-5 * MINUTE)).not.toBeNull();
    const early = sign(REQUEST, 'e'.repeat(22), house.clock.now + 5 * MINUTE);
    expect(await ask({ authorization: early })).not.toBeNull();
    house.clock.now += 10 * MINUTE;
    await house.parts.records.removeExpired(house.clock.now, 100);
    expect(await ask({ authorization: early })).toBeNull();
  });

  it('is all that a key of signed requests takes; an expired or suspended key takes nothing', async () => {
    const signedOnly = await withKey({ signedOnly: true });
    expect(await signedOnly.ask({ authorization: `Bearer ${signedOnly.issued.bearer}` })).toBeNull();
    expect(await signedOnly.ask({ authorization: signedOnly.sign() })).not.toBeNull();
    const { house, ask, sign, issued, view } = await withKey({ expiresAt: Date.UTC(2026, 0, 2) });
    expect(await ask({ authorization: `Bearer ${issued.bearer}` })).toMatchObject({ actor: 'key:deploy' });
    house.clock.now = Date.UTC(2026, 0, 2);
    expect(await ask({ authorization: `Bearer ${issued.bearer}` })).toBeNull();
    house.keys.set('deploy', { ...view, active: false });
    expect(await ask({ authorization: sign() })).toBeNull();
  });

  it('and bearer tokens end with their user, and with a key of the same name that is another', async () => {
    const { house, ask, issued, view } = await withKey();
    const authorization = `Bearer ${issued.bearer}`;
    house.keys.set('deploy', { ...view, uid: 'k2' });
    expect(await ask({ authorization })).toBeNull();
    house.keys.set('deploy', view);
    house.people.delete('anna');
    expect(await ask({ authorization })).toBeNull();
  });

  it('rolls over: two secrets count, a third ends the first', async () => {
    const { house, ask, issued, view } = await withKey();
    house.clock.now += 1;
    const second = await issueKey(house.parts, view);
    const works = async (bearer: string) => (await ask({ authorization: `Bearer ${bearer}` })) !== null;
    expect([await works(issued.bearer), await works(second.bearer)]).toEqual([true, true]);
    house.clock.now += 1;
    const third = await issueKey(house.parts, view);
    expect([await works(issued.bearer), await works(second.bearer), await works(third.bearer)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('whatever anybody sends', () => {
  const settings = { seed: 20_260_101, numRuns: 500 };
  const anything = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('Steward-HMAC-SHA256 key=,=,', 'Bearer stk__'),
  );

  it('no header breaks the check, and none is a signature by chance', () => {
    fc.assert(
      fc.property(anything, anything, anything, (authorization, path, host) => {
        const header = parseSignedHeader(`Steward-HMAC-SHA256 ${authorization}`) ?? parseSignedHeader(authorization);
        const made = header ?? { key: authorization, timestamp: path, nonce: host, signature: authorization };
        expect(isSigned('secret', { request: { ...REQUEST, path, host }, header: made, now: 0 })).toBe(false);
      }),
      settings,
    );
  });

  it('a signature never covers a request that it was not made for', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '\n', '/', '=', ','), maxLength: 6 });
    const request = fc.record({ method: fc.constantFrom('GET', 'POST'), path: part, host: part });
    fc.assert(
      fc.property(request, request, (one, other) => {
        const text = signedHeader(
          { key: 'k'.repeat(16), secret: 's' },
          { request: { ...REQUEST, ...one }, timestamp: '2026-01-01T00:00:00Z', nonce: NONCE },
        );
        const header = parseSignedHeader(text);
        if (!header) throw new Error('Our own header is not read.');
        const right = isSigned('s', { request: { ...REQUEST, ...other }, header, now: Date.UTC(2026, 0, 1) });
        const same = one.method === other.method && one.path === other.path && one.host === other.host;
        expect(right).toBe(same && !/\n/.test(one.path + one.host));
      }),
      settings,
    );
  });

  it('credentials of every shape are nobody', async () => {
    const { ask } = await withKey();
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, async (authorization, cookie, csrf) => {
        expect(await ask({ authorization, cookie, csrf })).toBeNull();
        expect(await ask({ authorization: null, cookie: `c=sts_${cookie}`, csrf })).toBeNull();
      }),
      settings,
    );
  });
});
