import { describe, expect, it } from '@jest/globals';
import { createMemoryBooks } from '../../billing/loop/memory-books.ts';
import { createMemoryReader } from '../../billing/loop/memory-reader.ts';
import { decimalText } from '../../billing/money/rational.ts';
import { createMemoryCounters } from '../../billing/usage/counters/memory-counters.ts';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import { createCoverage } from '../../reconciler/coverage.ts';
import { ALL_SHARDS } from '../../reconciler/forecast/overlay.ts';
import { createCloud, hostManifest, poolManifest } from '../../test/fixtures/cloud.ts';
import { openBooks } from './books.ts';
import { createCounting } from './counting.ts';
import { journalInto, observing } from './memory-journal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const MAC = '52:54:00:00:00:09';

/** 0.01 for a megabyte that is sent, 0.10 for an hour that a CPU runs. */
const SOLD: ManifestInput[] = [
  {
    kind: 'Meter',
    metadata: { name: 'mb-sent' },
    spec: {
      rules: [{ usage: 'network.bytes.sent', factor: '1000000', where: [{ attribute: 'network', values: ['lan'] }] }],
    },
  },
  { kind: 'Meter', metadata: { name: 'cpu-hours' }, spec: { rules: [{ usage: 'vm.cpus' }], aggregate: 'LEVEL' } },
  {
    kind: 'Bundle',
    metadata: { name: 'plan' },
    spec: {
      charges: [
        { name: 'mb-sent', type: 'USAGE' },
        { name: 'cpu-hours', type: 'USAGE' },
      ],
    },
  },
  { kind: 'Bundle', metadata: { name: 'bare' }, spec: { charges: [{ name: 'cpu-hours', type: 'USAGE' }] } },
  {
    kind: 'RateCard',
    metadata: { name: 'public' },
    spec: { currency: 'EUR', revisions: [{ prices: { 'mb-sent': '0.01', 'cpu-hours': '0.10' } }] },
  },
  { kind: 'Catalog', metadata: { name: 'public' }, spec: { bundles: ['plan', 'bare'], rateCards: ['public'] } },
  { kind: 'BillingPolicy', metadata: { name: 'monthly' }, spec: { billing: 'CALENDAR', gaps: 'CHARGE' } },
  { kind: 'Channel', metadata: { name: 'direct' }, spec: { catalog: 'public', seller: { name: 'Example Cloud Ltd' } } },
  {
    kind: 'Account',
    metadata: { name: 'acme' },
    spec: { channel: 'direct', currency: 'EUR', zone: 'UTC', billingPolicy: 'monthly' },
  },
  { kind: 'Project', metadata: { name: 'default' }, spec: { account: 'acme' } },
];

const WEB: ManifestInput = {
  kind: 'VirtualMachine',
  metadata: { name: 'web' },
  spec: {
    cpus: 2,
    memoryMiB: 512,
    nics: [{ name: 'eth0', network: 'lan', mac: MAC }],
    disks: [{ name: 'root', sizeGiB: 1 }],
  },
};

/** Machines in memory, and books in memory that read the engine's journal and the hosts' counters. */
async function openCloud({ bundle = 'plan' }: { bundle?: string } = {}) {
  let now = () => 0;
  const books = createMemoryBooks({ now: () => now() });
  const cloud = createCloud({ journaled: journalInto(books) });
  now = cloud.clock.now;
  const coverage = createCoverage({ bridgeMs: 2 * cloud.engine.options.resyncMs });
  cloud.engine.watcher.observed = ({ places, at }) => coverage.answered(places, at);
  const counters = createMemoryCounters({ now: () => now(), book: books.counted });
  const errors: unknown[] = [];
  const open = openBooks({
    store: cloud.store,
    books: observing(books, cloud.store.coverage),
    booksReader: createMemoryReader(books),
    mine: () => true,
    onError: (error) => errors.push(error),
  });
  const count = createCounting({
    store: cloud.store,
    counters,
    hypervisors: cloud.engine.ports.hypervisors,
    shards: () => ALL_SHARDS,
    onError: (error) => errors.push(error),
  });
  const apply = async (manifests: ManifestInput[]) => {
    expect(await cloud.apply(manifests)).toMatchObject({ ok: true });
    await cloud.settle();
  };
  const settleBooks = async () => {
    for (let rounds = 0; rounds < 20 && (await open.round()); rounds += 1);
    return (await books.load(['acme']))[0]?.invoices ?? [];
  };
  const main = { kind: 'Subscription', metadata: { name: 'main' }, spec: { bundle } };
  await apply([...SOLD, main, hostManifest('h1'), poolManifest('main', ['h1'])]);
  // The subscription begins, and then there is something to charge to it.
  await settleBooks();
  await apply([{ kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.1.1.0/24' } }, WEB]);
  const web = await cloud.get('VirtualMachine', 'web');
  const uid = web?.metadata.uid ?? '';
  return {
    ...cloud,
    books,
    settleBooks,
    errors,
    uid,
    count: () => count(HOUR),
    /** Moves the clock, and lets the engine look at everything then. */
    pass: async (ms: number) => {
      cloud.clock.advanceTo(cloud.clock.now() + ms);
      await cloud.settle();
      await cloud.store.cover(coverage.take());
    },
    /** Everything is off and gone, the period ends: what it came to. */
    bill: async (charge: string) => {
      await cloud.remove({ kind: 'VirtualMachine', project: 'default', name: 'web' });
      await cloud.settle();
      cloud.clock.advanceTo(cloud.clock.now() + 32 * 24 * HOUR);
      await cloud.settle();
      await cloud.store.cover(coverage.take());
      const lines = (await settleBooks()).flatMap((invoice) => invoice.lines);
      const line = lines.find((each) => each.charge === charge);
      return line && { quantity: decimalText(line.quantity), amount: line.amount };
    },
    /** What the host shows now. */
    shown: async () => {
      const host = await cloud.engine.ports.hypervisors.at((await cloud.get('Host', 'h1'))?.metadata.uid ?? '');
      const read = host.ok ? await host.value.machines.counters() : host;
      if (!read.ok) throw new Error(read.error.message);
      return read.value[0];
    },
    counted: async (meter: string) => {
      const [kept] = await books.load(['acme']);
      const own = (kept?.usage ?? []).filter((window) => window.meter === meter && window.resource === uid);
      return own.reduce((sum, { quantity }) => sum + quantity.num, 0n);
    },
  };
}

describe('a machine that moves traffic', () => {
  it('is billed for exactly its bytes, through a restart and an hour in which nobody looked', async () => {
    const cloud = await openCloud();
    const hand = cloud.hand('h1');
    await cloud.pass(10 * MINUTE);
    hand.moveTraffic(cloud.uid, { device: MAC, in: 111, out: 1_000_003 });
    await cloud.count();
    const first = await cloud.shown();
    hand.destroy(cloud.uid);
    await cloud.pass(5 * MINUTE);
    expect((await cloud.shown())?.nics[0]?.epoch).not.toBe(first?.nics[0]?.epoch);
    await cloud.count();
    hand.moveTraffic(cloud.uid, { device: MAC, in: 5, out: 70_000_000 });
    await cloud.pass(HOUR);
    await cloud.count();
    const last = await cloud.shown();
    await cloud.pass(2 * HOUR);
    hand.destroy(cloud.uid);
    await cloud.count();
    const sent = (first?.nics[0]?.sentBytes ?? 0n) + (last?.nics[0]?.sentBytes ?? 0n);
    expect(sent).toBeGreaterThan(71_000_003n);
    expect(await cloud.counted('network.bytes.sent')).toBe(sent);
    expect(await cloud.counted('network.bytes.received')).toBe(
      (first?.nics[0]?.receivedBytes ?? 0n) + (last?.nics[0]?.receivedBytes ?? 0n),
    );
    expect(await cloud.counted('disk.bytes.written')).toBe(
      (first?.disks?.[0]?.writtenBytes ?? 0n) + (last?.disks?.[0]?.writtenBytes ?? 0n),
    );

    expect(await cloud.bill('mb-sent')).toEqual({
      quantity: decimalText({ num: sent, den: 1_000_000n }),
      // A cent for each, half up.
      amount: (sent + 500_000n) / 1_000_000n,
    });
    expect(cloud.errors).toEqual([]);
  });

  it('is not billed for what moved before anybody metered it', async () => {
    const cloud = await openCloud();
    await cloud.store.setValue('counters', { since: cloud.clock.now() + 1 });
    await cloud.pass(10 * MINUTE);
    await cloud.count();
    const before = await cloud.shown();
    await cloud.pass(HOUR);
    await cloud.count();
    const after = await cloud.shown();
    await cloud.pass(HOUR);
    await cloud.count();
    const moved = (after?.nics[0]?.sentBytes ?? 0n) - (before?.nics[0]?.sentBytes ?? 0n);
    expect(await cloud.counted('network.bytes.sent')).toBe(moved);
  });

  it('costs nothing while its host does not answer, and all of it once it does', async () => {
    const cloud = await openCloud();
    await cloud.count();
    const first = await cloud.shown();
    cloud.world.unreachable.add('h1');
    await cloud.pass(3 * HOUR);
    await cloud.count();
    expect(await cloud.counted('network.bytes.sent')).toBe(first?.nics[0]?.sentBytes);
    cloud.world.unreachable.delete('h1');
    await cloud.pass(HOUR);
    await cloud.count();
    const shown = await cloud.shown();
    await cloud.pass(HOUR);
    await cloud.count();
    expect(await cloud.counted('network.bytes.sent')).toBe(shown?.nics[0]?.sentBytes);
    expect(cloud.errors).toEqual([]);
  });
});

describe('traffic that nobody has bought', () => {
  it('is no news where nobody sells it, and is told once of each machine where somebody does', async () => {
    const cloud = await openCloud({ bundle: 'bare' });
    for (let hour = 0; hour < 4; hour += 1) {
      await cloud.pass(HOUR);
      await cloud.count();
      await cloud.settleBooks();
    }
    const told = cloud.books.records.events.filter(({ subject }) => /network|disk/.test(subject));
    expect(told.map(({ code, subject }) => [code, subject])).toEqual([
      ['UnattributedUsage', `${cloud.uid}/network.bytes.sent`],
    ]);
  });
});

describe('a machine that is at two hosts for a while, as one that moves is', () => {
  it('is counted at each of them once, whoever is asked first and last', async () => {
    const cloud = await openCloud();
    await cloud.apply([hostManifest('h2')]);
    await cloud.settle();
    await cloud.count();
    const there = await cloud.shown();
    const { hypervisors } = cloud.engine.ports;
    const other = await hypervisors.at((await cloud.get('Host', 'h2'))?.metadata.uid ?? '');
    const one = await hypervisors.at((await cloud.get('Host', 'h1'))?.metadata.uid ?? '');
    const sights = one.ok ? await one.value.machines.sight([cloud.uid]) : one;
    const live = sights.ok ? sights.value[0]?.live : undefined;
    if (!other.ok || !live) throw new Error('The machine runs, and there is another host.');
    const { networkUid = '' } = there?.nics[0] ?? {};
    const lan = one.ok ? await one.value.networks.sight([networkUid]) : one;
    const spec = lan.ok ? lan.value[0]?.spec : undefined;
    if (!spec) throw new Error('The network is there.');
    await other.value.networks.ensure(spec);
    await other.value.machines.define({ ...live, disks: [] });
    expect(await other.value.machines.start(cloud.uid)).toMatchObject({ ok: true });
    for (let round = 0; round < 6; round += 1) {
      cloud.clock.advanceTo(cloud.clock.now() + 7 * MINUTE);
      await cloud.count();
    }
    const [here, away] = [await cloud.shown(), await other.value.machines.counters()];
    cloud.clock.advanceTo(cloud.clock.now() + HOUR);
    cloud.world.unreachable.add('h1').add('h2');
    await cloud.count();
    const sent = (here?.nics[0]?.sentBytes ?? 0n) + ((away.ok && away.value[0]?.nics[0]?.sentBytes) || 0n);
    expect(await cloud.counted('network.bytes.sent')).toBe(sent);
  });
});

describe('the journal of a cloud in memory', () => {
  it('is metered and billed as that of one in PostgreSQL', async () => {
    const cloud = await openCloud();
    await cloud.pass(10 * HOUR);
    const billed = await cloud.bill('cpu-hours');
    const { items } = await cloud.store.journal({ uid: cloud.uid, limit: 500 });
    const cpus = items.map(({ row }) => row).filter(({ meter }) => meter === 'vm.cpus');
    const [off, on] = [cpus.find(({ level }) => level === 0), cpus.find(({ level }) => level === 2)];
    const ranMs = BigInt((off?.at ?? 0) - (on?.at ?? 0));
    expect(ranMs).toBeGreaterThanOrEqual(BigInt(10 * HOUR));
    expect(billed?.quantity).toBe(decimalText({ num: 2n * ranMs, den: BigInt(HOUR) }));
    expect(cloud.errors).toEqual([]);
  });
});
