import { describe, expect, it } from '@jest/globals';
import { billed, CATALOG, DAY, loaded, SUBSCRIPTION } from '../../test/contracts/books-fixture.ts';
import type { BilledAccount, Settlement } from '../settle/books.ts';
import { type LoopPorts, settleAccount } from './account-loop.ts';
import { auditBooks } from './audit.ts';
import { createMemoryBooks } from './memory-books.ts';
import { createMemoryReader } from './memory-reader.ts';
import { unchanged } from './parked.ts';

const STRICT: BilledAccount = {
  ...billed('acme'),
  policy: { ...billed('acme').policy, dueDays: 5 },
  dunning: {
    minAmount: 1n,
    steps: [{ after: 'P3D', actions: [], hold: 'SUSPEND', requiresApproval: false }],
    requests: null,
  },
};

function installed() {
  let now = Date.UTC(2026, 4, 15, 10);
  const store = createMemoryBooks({ now: () => now });
  const ports: LoopPorts = {
    store,
    wishes: { of: async () => ({ account: STRICT, catalog: CATALOG, own: SUBSCRIPTION, recipients: [] }) },
    holds: { obey: async () => undefined },
    passed: async () => undefined,
  };
  return {
    ports,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
    audited: () => auditBooks(ports, createMemoryReader(store)),
    settled: async (kind: 'PAYMENT' | 'CHARGEBACK', at: number) => {
      const { version, invoices } = await loaded(store, 'acme');
      const [{ number = '', total = 0n } = {}] = invoices;
      const amount = kind === 'PAYMENT' ? total : -total;
      const settlements: Settlement[] = [{ id: kind, invoice: number, at, kind, amount, via: null }];
      await store.commit({ ...unchanged({ account: 'acme', version }), currency: 'EUR', facts: { settlements } });
    },
  };
}

describe('an audit', () => {
  it('leaves what an account was woken for to its next pass', async () => {
    const { ports, now, pass, audited, settled } = installed();
    await settleAccount(ports, 'acme');
    await settled('PAYMENT', now());
    pass(25 * DAY);
    await settleAccount(ports, 'acme');
    expect(await audited()).toEqual([]);
    await settled('CHARGEBACK', now() - 1);
    await ports.store.wake(['acme']);
    expect(await audited()).toEqual([]);
    pass(2);
    await settleAccount(ports, 'acme');
    expect((await loaded(ports.store, 'acme')).holds).toHaveLength(1);
    expect(await audited()).toEqual([]);
  });

  it('finds what a pass overlooked', async () => {
    const books = installed();
    await settleAccount(books.ports, 'acme');
    await books.settled('PAYMENT', books.now());
    books.pass(25 * DAY);
    await settleAccount(books.ports, 'acme');
    await books.settled('CHARGEBACK', books.now() - DAY);
    expect(await books.audited()).toEqual([
      {
        check: 'settling anew gives something else',
        account: 'acme',
        detail: expect.stringMatching(/^hold dunning\//),
      },
    ]);
  });
});
