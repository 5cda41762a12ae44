import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { arrive, type ProviderView } from './federation.ts';
import { createHouse, HERE } from './fixtures/house.ts';
import type { Parts } from './parts.ts';
import { personOf } from './people.ts';

const CORP: ProviderView = {
  name: 'corp',
  type: 'oidc',
  active: true,
  createdAt: 0,
  generation: 1,
  sessionsFrom: 0,
  provision: null,
  groupRoles: [],
};
const FACTS = { subject: 'person-1', name: 'nobody-of-ours', displayName: null, email: null, groups: [] };

/** A house where logins are found under the first key, and still under the others. */
function houseUnder(...keys: string[]) {
  const house = createHouse();
  const indexes = (plain: string) => keys.map((key) => createHmac('sha256', key).update(plain).digest('hex'));
  const secrets = {
    ...house.parts.secrets,
    blindIndexes: indexes,
    blindIndex: (plain: string) => indexes(plain)[0] ?? '',
  };
  const parts: Parts = { ...house.parts, secrets };
  /** As it was kept before rows said what they are the index of. */
  const keptOnce = async (of: string, { prefix, uid }: { prefix: string; uid: string }) => {
    const key = `${prefix}${indexes(of).at(-1)}`;
    await parts.records.insert('login', { key, subject: uid, value: { user: 'anna', uid }, expiresAt: null });
  };
  const logins = async (uid: string) =>
    (await parts.records.ofSubject('login', uid, 10)).map(({ key, value }) => ({ key, of: value.of }));
  return { ...house, parts, indexes, keptOnce, logins };
}

describe('a login of the time before', () => {
  it('of another house comes under the current key when its person comes, and is found without the old one then', async () => {
    const { parts, add, indexes, keptOnce, logins } = houseUnder('new', 'old');
    const { uid } = add('anna', { provider: 'corp' });
    const of = 'provider:corp:person-1';
    await keptOnce(of, { prefix: 'corp:', uid });
    expect((await arrive(parts, CORP, { facts: FACTS, ...HERE }))?.name).toBe('anna');
    expect(await logins(uid)).toEqual([{ key: `corp:${indexes(of)[0]}`, of }]);
    const rotated: Parts = {
      ...parts,
      secrets: { ...parts.secrets, blindIndexes: (text) => indexes(text).slice(0, 1) },
    };
    expect((await arrive(rotated, CORP, { facts: FACTS, ...HERE }))?.name).toBe('anna');
  });

  it('says what it is the index of once it was used, so that the next rotation moves it', async () => {
    const { parts, add, indexes, keptOnce, logins } = houseUnder('only');
    const { uid } = add('anna', { provider: 'corp' });
    const of = 'provider:corp:person-1';
    await keptOnce(of, { prefix: 'corp:', uid });
    await arrive(parts, CORP, { facts: FACTS, ...HERE });
    expect(await logins(uid)).toEqual([{ key: `corp:${indexes(of)[0]}`, of }]);
  });

  it('by e-mail does so too, and only for whom it is', async () => {
    const { parts, add, indexes, keptOnce, logins } = houseUnder('new', 'old');
    const { uid } = add('anna');
    const of = 'email:anna@acme.example';
    await keptOnce(of, { prefix: '', uid });
    expect((await personOf(parts, 'Anna@acme.example'))?.uid).toBe(uid);
    expect(await logins(uid)).toEqual([{ key: indexes(of)[0], of }]);
  });
});
