import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Principal } from '../../reconciler/principal.ts';
import { accountCloud } from './account.fixture.ts';

const FIONA: Principal = { actor: 'user:fiona', onBehalfOf: null, from: 'test', requestId: 'r1' };
const WHY = { by: FIONA.actor, reason: 'Abuse', memo: 'Stolen cards, ticket 4711.' };
const DAY = 86_400_000;

describe('the owners of an account', () => {
  let cloud: ReturnType<typeof accountCloud>;
  beforeEach(async () => {
    cloud = accountCloud();
    const user = (name: string, account: string, role: string, more: object = {}) => ({
      kind: 'User',
      name,
      spec: { email: `${name}@${account}.example`, account, roles: [{ role }], ...more },
    });
    await cloud.apply(
      { kind: 'AccountType', name: 'trial', spec: { trial: true, trialDays: 14 } },
      { kind: 'AccountType', name: 'retail', spec: {} },
      { kind: 'Account', name: 'acme', spec: { type: 'trial', ownerEmail: 'Anna@acme.example' } },
      { kind: 'Account', name: 'bolt', spec: {} },
      user('anna', 'acme', 'master-user'),
      user('olga', 'acme', 'master-user'),
      user('otto', 'acme', 'master-user', { suspended: true }),
      user('paul', 'acme', 'power-user'),
      user('bob', 'bolt', 'master-user'),
    );
    await cloud.settle();
  });

  const told = async (template: string) => cloud.letters().filter((letter) => letter.template === template);
  const hold = async (severity: 'SUSPEND' | 'TERMINATE') =>
    cloud.life.hold(await cloud.account(), { source: 'fraud', severity, why: WHY }, FIONA);

  it('are told, each once, that a person holds it and lets it go, and nobody else is; why stays with the provider', async () => {
    const id = await hold('SUSPEND');
    const letters = await told('AccountHeld');
    expect(letters.map(({ recipient }) => recipient.toLowerCase()).sort()).toEqual([
      'anna@acme.example',
      'olga@acme.example',
    ]);
    expect(letters[0]?.params).toEqual({ account: 'acme', severity: 'SUSPEND', since: '2026-01-01T00:00:00.000Z' });
    expect(JSON.stringify(letters)).not.toMatch(/fraud|Abuse|4711|fiona/);
    expect(await told('AccountReleased')).toEqual([]);
    const lift = async () => cloud.life.lift(await cloud.account(), { hold: id, why: WHY }, FIONA);
    expect(await lift()).toBeNull();
    expect(await lift()).toBe('UnknownHold');
    expect(await told('AccountReleased')).toHaveLength(2);
    await hold('SUSPEND');
    expect(await told('AccountHeld')).toHaveLength(4);
  });

  it('are told, each once, of a hold whose server died as soon as the books had it, and never of one that they have not', async () => {
    const end = { source: 'fraud' as const, severity: 'SUSPEND' as const, why: WHY };
    await expect(cloud.dyingLife('before').hold(await cloud.account(), end, FIONA)).rejects.toThrow('is gone');
    expect([await told('AccountHeld'), await cloud.holds()]).toEqual([[], []]);
    await expect(cloud.dyingLife('after').hold(await cloud.account(), end, FIONA)).rejects.toThrow('is gone');
    expect(await cloud.settle()).toEqual([]);
    expect(await told('AccountHeld')).toHaveLength(2);
    const [hold] = await cloud.holds();
    const wish = { hold: hold?.id ?? '', why: WHY };
    await expect(cloud.dyingLife('after').lift(await cloud.account(), wish, FIONA)).rejects.toThrow('is gone');
    expect(await told('AccountReleased')).toHaveLength(2);
    expect(await told('AccountHeld')).toHaveLength(2);
  });

  it('are told that it was terminated, and that its machines do not come back', async () => {
    await hold('TERMINATE');
    expect(await told('AccountTerminated')).toHaveLength(2);
    expect(await told('AccountHeld')).toEqual([]);
  });

  it('are told once that its trial is over, though the server dies as it says so, and each time that it goes on', async () => {
    cloud.advance(14 * DAY);
    const { uid } = (await cloud.account()).metadata;
    await expect(cloud.dying('before').endTrial(uid)).rejects.toThrow('the connection is gone');
    expect(await cloud.settle()).toEqual(['endTrial']);
    expect(await told('TrialOver')).toHaveLength(2);
    await cloud.apply({ kind: 'AccountType', name: 'trial', spec: { trial: true, trialDays: 20 } });
    expect(await cloud.settle()).toEqual(['renewTrial']);
    cloud.advance(6 * DAY);
    await expect(cloud.dying('after').endTrial(uid)).rejects.toThrow('the connection is gone');
    expect(await cloud.settle()).toEqual([]);
    expect(await told('TrialOver')).toHaveLength(4);
    await cloud.apply({ kind: 'Account', name: 'acme', spec: { type: 'trial', convertTo: 'retail' } });
    expect(await cloud.settle()).toEqual(['convert', 'note', 'renewTrial']);
    expect(await told('AccountReleased')).toHaveLength(4);
  });
});
