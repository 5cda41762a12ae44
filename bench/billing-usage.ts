import { booksOf, withUsage } from '../billing/loop/account-loop.ts';
import type { UsageEvent } from '../billing/loop/books-store.ts';
import { rational } from '../billing/money/rational.ts';
import { settle } from '../billing/settle/settle.ts';
import type { World } from './billing-world.ts';
import { type Figure, median, timed } from './figures.ts';

const HOUR = 3_600_000;
const BATCH = 5_000;
const BATCHES = 20;
const PARALLEL = 2;
const RATED = 288_000;
const ROUNDS = 5;

/** Windows of an hour from outside, a tenth of them sent twice. */
export async function ingesting({ store }: World): Promise<Figure[]> {
  const now = await store.now();
  const rules = { meters: new Set(['vm.running']), maxAgeMs: 365 * 24 * HOUR, futureToleranceMs: 0 };
  const batches = Array.from({ length: BATCHES }, (_, batch) => eventsOf(batch, now));
  const sent = await timed(async () => {
    const waiting = [...batches];
    const work = async () => {
      for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) await store.ingest(batch, rules);
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
  });
  const again = await timed(async () => {
    for (const batch of batches.slice(0, 4)) {
      const results = await store.ingest(batch, rules);
      if (results.some(({ outcome }) => outcome !== 'deduplicated')) throw new Error('a duplicate was taken again');
    }
  });
  const events = BATCH * BATCHES;
  const note = `${BATCHES} batches of ${BATCH}, a tenth of them duplicates, with keys, overlap constraint and fsync`;
  return [
    { name: 'usage ingest', value: (events * 1000) / sent.ms, unit: 'events/s', must: 20_000, atLeast: true, note },
    { name: 'the same events once more', value: (4 * BATCH * 1000) / again.ms, unit: 'events/s' },
  ];
}

function eventsOf(batch: number, now: number): UsageEvent[] {
  return Array.from({ length: BATCH }, (_, index) => {
    const n = index % 10 === 9 ? index - 1 : index;
    const to = now - HOUR * (1 + Math.floor(n / 50));
    const window = {
      id: `${batch}-${n}`,
      meter: 'vm.running',
      resource: `vm-${batch}-${n % 50}`,
      from: to - HOUR,
      to,
      quantity: rational(1n),
      attributes: {},
      recordedAt: now,
      supersedes: null,
    };
    return { source: 'bench', account: `ingested-${batch}`, window };
  });
}

/** Hourly windows of one account, rated whole: summed by SQL and priced; beside the bare sum of the same rows. */
export async function rating(world: World): Promise<Figure[]> {
  const { pool, store, ports } = world;
  const account = 'metered';
  const wishes = await ports.wishes.of(account, 0);
  if (wishes === undefined) throw new Error('the bench wishes no account');
  const begin = Date.UTC(2026, 0, 1);
  await pool.query(
    `insert into usage_windows (source, id, account, meter, resource, from_at, to_at, quantity, attributes, recorded_at)
    select 'journal', r || '/' || h, $1, 'vm.running', 'vm-' || r, $2 + h * ${HOUR}::bigint, $2 + (h + 1) * ${HOUR}::bigint, 1, '{"offering": "small"}',
      $2 + (h + 1) * ${HOUR}::bigint
    from generate_series(1, ${RATED / 720}) r, generate_series(0, 719) h`,
    [account, begin],
  );
  await pool.query('vacuum analyze usage_windows');
  const now = begin + 32 * 24 * HOUR;
  const [kept] = await store.load([account], { usage: false });
  if (kept === undefined) throw new Error('the books answered nothing');
  const base = { ...kept, settledAt: now };
  const subscribed = (await import('../billing/wish/apply.ts')).applyAll;
  const rate = async () => {
    const books = await booksOf(store, base, { wishes, now });
    const begun = subscribed(books, wishes.own, begin);
    const used = await withUsage(store, begun, { kept: base, now });
    const { books: after } = settle(used, now);
    const whole = after.invoices.flatMap(({ lines }) => lines).reduce((sum, { amount }) => sum + amount, 0n);
    if (whole !== BigInt(RATED / 720) * 7200n) throw new Error(`rated ${whole}`);
  };
  const bare = () =>
    pool.query(
      `select resource, meter, sum(quantity * (to_at - from_at)) from usage_windows where account = $1 and standing group by resource, meter`,
      [account],
    );
  const times: { rate: number; bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    times.push({ rate: (await timed(rate)).ms, bare: (await timed(bare)).ms });
  const ms = median(times.map((each) => each.rate));
  const ratio = ms / median(times.map((each) => each.bare));
  return [
    {
      name: 'rating',
      value: (RATED * 1000) / ms,
      unit: 'windows/s',
      must: 50_000,
      atLeast: true,
      note: `${RATED} windows`,
    },
    { name: 'rating ÷ bare SQL aggregation of the same rows', value: ratio, unit: '×', must: 3 },
  ];
}
