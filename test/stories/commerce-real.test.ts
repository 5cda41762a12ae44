import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Market, openMarket } from './fixtures/market.ts';
import { amountsOf } from './fixtures/money.ts';
import { card, MONEY_RULES, machine, project, SOLD } from './fixtures/two-channels.ts';
import { type Watched, watched } from './fixtures/watched.ts';

jest.setTimeout(300_000);

/** A month of one customer whose machine runs on a real host: its firmware finds nothing to boot and rests. */
describeReal('a real machine that is sold', labParts, () => {
  const chapter = chapters();
  let host: LabHost;
  let market: Market;
  let acme: Watched;
  beforeAll(async () => {
    host = await startLabHost({ name: 'sold' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    market = await openMarket('2031-06-30T22:00:00Z', { uri: host.uri, poolPath: '/var/lib/libvirt/images/main' });
    acme = watched(market.root, 'acme');
    await market.root.apply([
      ...MONEY_RULES,
      ...SOLD,
      { kind: 'AccountType', metadata: { name: 'retail' }, spec: { dunningPolicy: 'firm' } },
      {
        kind: 'Account',
        metadata: { name: 'acme' },
        spec: { type: 'retail', billingPolicy: 'monthly', zone: 'UTC', channel: 'direct', currency: 'EUR' },
      },
      project('acme'),
      card('acme', 'card', { token: 'tok_declined' }),
    ]);
  });
  afterAll(async () => {
    await market?.close();
    await host?.stop();
  });

  const domains = async () => (await host.virsh('list', '--name')).split('\n').filter((name) => name !== '');

  chapter('runs from the moment on in which it is bought', async () => {
    await market.clock.jump('2031-07-01T00:00:00Z');
    await market.root.apply([
      { kind: 'Subscription', metadata: { name: 'main', project: 'acme' }, spec: { bundle: 'cloud' } },
      machine('acme', 'web', 1, 128),
    ]);
    await acme.untilPower('web', 'running');
    expect(await domains()).toHaveLength(1);
    expect(await acme.bill(0)).toMatchObject({ total: '20.00', balance: '20.00' });
  });

  chapter('is off while its account does not pay, and runs again when it has paid', async () => {
    await market.clock.pass('2031-07-16T02:00:00Z');
    await acme.untilPower('web', 'off');
    expect([await acme.hold('web'), await domains()]).toEqual(['SUSPEND', []]);
    await market.clock.pass('2031-07-18T02:00:00Z');
    expect(await domains()).toEqual([]);
    const { number } = await acme.bill(0);
    await market.root.query(
      `mutation ($invoice: String!) { recordPayment(account: "acme", invoice: $invoice, amount: "20.00",
        reference: "transfer 7", idempotencyKey: "transfer-7") { ok code } }`,
      { invoice: number },
    );
    await acme.untilOwed(0, '0.00');
    await acme.untilPower('web', 'running');
    await until('the guest runs', async () => (await domains()).length === 1);
  });

  chapter('costs what it ran', async () => {
    await market.clock.pass('2031-08-01T00:30:00Z');
    await market.clock.pass('2031-08-01T01:05:00Z');
    const bill = await acme.bill(1);
    // 744 hours without two days: 696 × 0.02 for a CPU, 696 × 1/8 × 0.01 for 128 MiB; 20.00 for the next month.
    expect(amountsOf(bill)).toEqual({ fee: '20.00', 'cpu-hours': '13.92', 'memory-hours': '0.87' });
    expect(bill.total).toBe('34.79');
    expect((await market.root.query<{ auditBooks: unknown[] }>('{ auditBooks { check detail } }')).auditBooks).toEqual(
      [],
    );
    expect(market.errors()).toEqual([]);
  });
});
