import type { Hold } from '../../billing/dunning/dunning.ts';
import type { BooksStore, KeptBooks, Redeemed } from '../../billing/loop/books-store.ts';
import { decoded, encodable } from '../../billing/loop/fact-json.ts';
import { parseDecimal, ZERO } from '../../billing/money/rational.ts';
import type { Revision } from '../../billing/price/rate-card.ts';
import type { UsageWindow } from '../../billing/usage/window.ts';
import type { SubscriptionRevision } from '../../billing/wish/wish-history.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import { CLOCK } from '../statements/clock.ts';
import { createCommits } from './commit.ts';
import {
  CLAIM_ACCOUNTS,
  NEXT_DUE_ACCOUNT,
  PUBLISH_REVISIONS,
  READ_REVISIONS,
  REDEEMED,
  WAKE_ACCOUNTS,
} from './statements/account.ts';
import { LOAD_BOOKS, LOAD_HOLDS } from './statements/load.ts';
import { ingest, meter, observed, usageOf } from './usage.ts';

/** The books of production: what must never happen is refused by a key, a constraint or a trigger of the database. */
export function createBooksStore(database: Database, personal: PersonalSeal): BooksStore {
  const begun = new Map<string, Revision>();
  return {
    load: async (accounts, { usage = true } = {}) =>
      (await database.run<LoadedRow>(LOAD_BOOKS, [accounts, usage])).map(keptOf),
    usage: (account, compaction) => usageOf(database, account, compaction),
    holds: async (account) =>
      (await database.run<{ body: unknown }>(LOAD_HOLDS, [account])).map(({ body }) => decoded(body) as Hold),
    commit: createCommits(database, personal),
    claim: async ({ limit, leaseMs }) => {
      const rows = await database.run<{ account: string }>(CLAIM_ACCOUNTS, [limit, leaseMs]);
      return rows.map(({ account }) => account);
    },
    wake: async (accounts) => {
      if (accounts.length > 0) await database.run(WAKE_ACCOUNTS, [[...new Set(accounts)]]);
    },
    nextDueAt: async () => (await database.run<{ at: number | null }>(NEXT_DUE_ACCOUNT, []))[0]?.at ?? null,
    ingest: (events, rules) => ingest(database, events, rules),
    observed: (account) => observed(database, account),
    meter: (account, windows, cursors) => meter(database, { account, windows, cursors }),
    publish: (revisions) => publish(database, revisions, begun),
    redeemed: (account, campaigns) => database.run<Redeemed & Record<string, unknown>>(REDEEMED, [account, campaigns]),
    now: () => clockOf(database),
  };
}

export async function clockOf(database: Database): Promise<number> {
  return (await database.run<{ now: number }>(CLOCK, []))[0]?.now ?? 0;
}

interface LoadedRow extends Record<string, unknown> {
  account: string;
  version: number;
  settled_at: number | null;
  parked: string | null;
  usage: (Omit<UsageWindow, 'quantity'> & { quantity: string })[];
  /** Wishes are not written as facts are. */
  wished: SubscriptionRevision[];
}

function keptOf({ account, version, settled_at: settledAt, parked, usage, wished, ...facts }: LoadedRow): KeptBooks {
  const rest = decoded(facts) as Omit<KeptBooks, 'account' | 'version' | 'settledAt' | 'parked' | 'usage' | 'wished'>;
  const windows = usage.map((window) => ({ ...window, quantity: parseDecimal(window.quantity) ?? ZERO }));
  return { ...rest, account, version, settledAt, parked, usage: windows, wished };
}

const BEGUN_MAX = 10_000;

/** What has begun never changes again, so that it need not be asked for twice. */
async function publish(
  database: Database,
  revisions: readonly Revision[],
  begun: Map<string, Revision>,
): Promise<Revision[]> {
  const keyOf = ({ id, from }: Revision) => `${id}/${from}`;
  const known = revisions.flatMap((each) => begun.get(keyOf(each)) ?? []);
  if (known.length === revisions.length) return known;
  const standing = await publishAll(database, revisions);
  const now = await clockOf(database);
  if (begun.size + standing.length > BEGUN_MAX) begun.clear();
  for (const each of standing) if (each.from <= now) begun.set(keyOf(each), each);
  return standing;
}

async function publishAll(database: Database, revisions: readonly Revision[]): Promise<Revision[]> {
  const wished = revisions.map((each) => ({ id: each.id, from: each.from, hash: each.hash, body: encodable(each) }));
  await database.run(PUBLISH_REVISIONS, [json(wished)]);
  const rows = await database.run<{ body: unknown }>(READ_REVISIONS, [
    revisions.map(({ id }) => id),
    revisions.map(({ from }) => from),
  ]);
  return rows.map(({ body }) => decoded(body) as Revision);
}
