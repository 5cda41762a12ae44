import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { command, type MoneyCommand } from '../../billing/payment/command.ts';
import type { Access } from '../../reconciler/access/access.ts';
import type { Rule } from '../../reconciler/access/rule.ts';
import { statementsOf } from '../../reconciler/access/standing.ts';
import { applyManifests } from '../../reconciler/admission/apply.ts';
import { deleteObjects } from '../../reconciler/admission/change.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { AUTHORITIES } from '../../resources/identity/role/authorities.ts';
import { PROFILES } from '../../resources/identity/role/profiles.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const DAY = 24 * 3_600_000;
const MACHINE = { cpus: 1, memoryMiB: 128, disks: [{ name: 'root', sizeGiB: 1 }] };
const DUNNED = [
  { kind: 'DunningPolicy', name: 'strict', spec: { steps: [{ after: 'P3D', hold: 'RESTRICT' }] } },
  { kind: 'AccountType', name: 'retail', spec: { dunningPolicy: 'strict' } },
  ...SHOP.map((each) => (each.kind === 'Account' ? { ...each, spec: { ...each.spec, type: 'retail' } } : each)),
  { kind: 'VirtualMachine', name: 'web', project: 'shop', spec: { ...MACHINE, cpus: 2 } },
];

/** A person with a predefined role, who is of the account acme. */
function person(name: string, role: string): Principal {
  const profile = PROFILES[role];
  if (profile === undefined) throw new Error(`There is no role ${role}.`);
  const rules: Rule[] = profile.authorities.flatMap((authority) => [...AUTHORITIES[authority]]);
  const acme = { accounts: ['acme'], projects: ['shop'] };
  const standing = {
    user: name,
    account: 'acme',
    memberships: ['shop'],
    accounts: new Map([['acme', acme]]),
    channels: new Map(),
    channel: null,
  };
  const statements = statementsOf({ name: role, side: profile.side, rules }, {}, standing);
  const access: Access = { root: false, statements, limits: null, within: null, refused: [] };
  return { actor: `user:${name}`, onBehalfOf: null, from: 'test', requestId: 'r', access };
}
const OWNER = person('olga', 'master-user');
const OPERATOR = person('otto', 'ops-admin');

describe('an account that is held', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
    await cloud.apply(DUNNED);
    await cloud.settle();
  });
  afterEach(async () => {
    await cloud.close();
  });

  const wish = async (principal: Principal, kind: string, name: string, spec: object) => {
    const manifests = [{ kind, metadata: { name, project: 'shop' }, spec: spec as never }];
    const outcome = await applyManifests(cloud.admission, { manifests, principal, source: 'test', takeOver: true });
    return outcome.ok ? 'ok' : outcome.issues.map(({ code, message }) => `${code}: ${message}`);
  };
  const unpaid = async () => {
    for (let day = 0; day < 35; day += 5) {
      await cloud.advance(5 * DAY);
      await cloud.settle();
    }
  };
  const decide = (wishes: (invoices: readonly { number: string }[]) => MoneyCommand[]) =>
    cloud.open.accounts.change('acme', (books, now) =>
      wishes(books.invoices).reduce((after, one) => {
        const result = command(after, one, now);
        return result.outcome === 'done' ? result.books : after;
      }, books),
    );

  it('makes nothing new and nothing larger until it has paid; what is there is stopped, made smaller and deleted', async () => {
    expect(await wish(OWNER, 'VirtualMachine', 'before', MACHINE)).toBe('ok');
    await unpaid();
    const held = [
      expect.stringMatching(
        /^AccountHeld: is refused: the account acme is held \(RESTRICT\).* Pay what is overdue, first invoice INV-\d{4}-00001: /,
      ),
    ];
    expect(await wish(OWNER, 'VirtualMachine', 'more', MACHINE)).toEqual(held);
    expect(await wish(OWNER, 'Volume', 'data', { sizeGiB: 1 })).toEqual(held);
    expect(await wish(OWNER, 'Network', 'lan', {})).toEqual(held);
    expect(await wish(OWNER, 'Subscription', 'second', { bundle: 'starter' })).toEqual(held);
    expect(await wish(OWNER, 'Subscription', 'web', { bundle: 'starter', quantity: 2 })).toEqual(held);
    expect(await wish(OWNER, 'VirtualMachine', 'web', { ...MACHINE, cpus: 3 })).toEqual(held);

    expect(await wish(OWNER, 'VirtualMachine', 'web', MACHINE)).toBe('ok');
    expect(await wish(OWNER, 'VirtualMachine', 'web', { ...MACHINE, runStrategy: 'Halted' })).toBe('ok');
    expect(await wish(OWNER, 'Subscription', 'web', { bundle: 'starter', paused: true })).toBe('ok');
    expect(await wish(OWNER, 'Budget', 'month', { amount: '4' })).toBe('ok');
    const key = { kind: 'VirtualMachine', project: 'shop', name: 'before' };
    expect(await deleteObjects(cloud.admission, { keys: [key], principal: OWNER })).toMatchObject({ ok: true });

    await decide((invoices) =>
      invoices.map(({ number }) => ({ type: 'pay', invoice: number, amount: null, key: null })),
    );
    await cloud.settle();
    expect(await wish(OWNER, 'VirtualMachine', 'more', MACHINE)).toBe('ok');
    expect(cloud.errors).toEqual([]);
  });

  it('says no word of why somebody held it by hand; the provider’s own people and the administrator may do what their roles say', async () => {
    await decide(() => [{ type: 'hold', id: 'looks like fraud', severity: 'SUSPEND' }]);
    const [told] = await wish(OWNER, 'VirtualMachine', 'more', MACHINE);
    expect(told).toMatch(/^AccountHeld: .* is held \(SUSPEND\).* Ask the provider what ends the hold\.$/);
    expect(told).not.toContain('fraud');
    expect(await wish(OPERATOR, 'VirtualMachine', 'repair', MACHINE)).toBe('ok');
    expect(await wish(ANNA, 'VirtualMachine', 'more', MACHINE)).toBe('ok');
    await decide(() => [{ type: 'lift', id: 'looks like fraud' }]);
    expect(await wish(OWNER, 'VirtualMachine', 'again', MACHINE)).toBe('ok');
  });
});
