import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Market, openMarket } from './fixtures/market.ts';
import { MONEY_RULES, machine, project } from './fixtures/two-channels.ts';
import { type Watched, watched } from './fixtures/watched.ts';

jest.setTimeout(300_000);

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const MAC = '52:54:00:cc:02:01';

/** What a NIC takes in, by the thousand bytes, and what a disk's guest reads. */
const SOLD = [
  {
    kind: 'Meter',
    metadata: { name: 'kb-received' },
    spec: { rules: [{ usage: 'network.bytes.received', factor: '1000' }] },
  },
  { kind: 'Bundle', metadata: { name: 'traffic' }, spec: { charges: [{ name: 'kb-received', type: 'USAGE' }] } },
  {
    kind: 'RateCard',
    metadata: { name: 'eur' },
    spec: { currency: 'EUR', revisions: [{ prices: { 'kb-received': '1.00' } }] },
  },
  { kind: 'Catalog', metadata: { name: 'direct' }, spec: { bundles: ['traffic'], rateCards: ['eur'] } },
  {
    kind: 'Channel',
    metadata: { name: 'direct' },
    spec: { catalog: 'direct', currencies: ['EUR'], seller: { name: 'Example Cloud GmbH' } },
  },
];

/** A running server reads the counters of a real host, and bills what went through a real tap. */
describeReal('traffic of a real machine', labParts, () => {
  const chapter = chapters();
  let host: LabHost;
  let market: Market;
  let acme: Watched;
  beforeAll(async () => {
    host = await startLabHost({ name: 'traffic' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    market = await openMarket(
      '2031-06-30T22:00:00Z',
      { uri: host.uri, poolPath: '/var/lib/libvirt/images/main' },
      { counting: { readMs: SECOND_MS, bookMs: HOUR_MS } },
    );
    acme = watched(market.root, 'acme');
    await market.root.apply([
      ...MONEY_RULES,
      ...SOLD,
      {
        kind: 'Account',
        metadata: { name: 'acme' },
        spec: { billingPolicy: 'monthly', zone: 'UTC', channel: 'direct', currency: 'EUR' },
      },
      project('acme'),
    ]);
  });
  afterAll(async () => {
    await market?.close();
    await host?.stop();
  });

  /** What the host itself says that the guest has received. */
  const received = async () => {
    const domain = (await host.virsh('list', '--name')).trim();
    const [tap = ''] = (await host.virsh('domiflist', domain)).trim().split(/\s+/);
    const figures = await host.virsh('domifstat', domain, tap);
    return BigInt(/rx_bytes (\d+)/.exec(figures)?.[1] ?? '0');
  };
  const booked = async () => {
    const { usage } = await market.root.query<{ usage: { meter: string; quantity: string }[] }>(
      `{ usage(account: "acme", from: "2031-07-01T00:00:00Z", to: "2031-08-01T00:00:00Z") { meter quantity } }`,
    );
    return BigInt(usage.find(({ meter }) => meter === 'network.bytes.received')?.quantity ?? '0');
  };

  chapter('is what its host counts, hour by hour', async () => {
    await market.clock.jump('2031-07-01T00:00:00Z');
    const web = machine('acme', 'web', 1, 128);
    await market.root.apply([
      { kind: 'Subscription', metadata: { name: 'main', project: 'acme' }, spec: { bundle: 'traffic' } },
      { kind: 'Network', metadata: { name: 'lan', project: 'acme' }, spec: { cidr: '10.219.7.0/24' } },
      { ...web, spec: { ...web.spec, nics: [{ name: 'eth0', network: 'lan', mac: MAC }] } },
    ]);
    await acme.untilPower('web', 'running');
    // Nobody has this address: the host asks everybody in the network for it, and that goes through every tap.
    await host.exec(['busybox', 'ping', '-c', '3', '-W', '1', '10.219.7.99']).catch(() => undefined);
    const sent = await received();
    expect(sent).toBeGreaterThanOrEqual(42n);
    let hour = 1;
    await until(
      'all of it is usage',
      async () => {
        await market.clock.jump(`2031-07-01T${String(hour++).padStart(2, '0')}:30:00Z`);
        await new Promise((resolve) => setTimeout(resolve, 2 * SECOND_MS));
        return (await booked()) >= sent;
      },
      { timeoutMs: 60_000 },
    );
    expect(await booked()).toBeLessThanOrEqual(await received());
  });

  chapter('is on the bill to the last byte', async () => {
    await market.clock.pass('2031-08-01T00:30:00Z');
    await market.clock.pass('2031-08-01T01:35:00Z');
    const bill = await acme.bill(0);
    const [line] = bill.lines;
    expect(line?.product).toBe('kb-received');
    expect(line?.quantity).toBe(Number(await booked()) / 1000);
    expect((await market.root.query<{ auditBooks: unknown[] }>('{ auditBooks { check detail } }')).auditBooks).toEqual(
      [],
    );
    expect(market.errors()).toEqual([]);
  });
});
