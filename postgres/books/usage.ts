import type { CursorMove, IngestResult, IngestRules, Observed, UsageEvent } from '../../billing/loop/books-store.ts';
import { type Compaction, meanOf } from '../../billing/loop/compaction.ts';
import { decimalText, parseDecimal, type Rational, rational } from '../../billing/money/rational.ts';
import { type DeadLetterCode, intake } from '../../billing/usage/intake.ts';
import type { UsageWindow } from '../../billing/usage/window.ts';
import type { Database, Transaction } from '../database.ts';
import { json } from '../statement.ts';
import { CLOCK } from '../statements/clock.ts';
import { WAKE_ACCOUNTS } from './statements/account.ts';
import {
  ADD_WINDOWS,
  BURY_USAGE,
  COMPACT_USAGE,
  KNOWN_WINDOWS,
  MOVE_CURSORS,
  OBSERVED_COVERAGE,
  OBSERVED_LEVELS,
  SUPERSEDE_WINDOW,
} from './statements/usage.ts';

/** What keys and constraints refuse is told apart afterwards: the same once more, something else under the same name, or an overlap. */
export async function ingest(
  database: Database,
  events: readonly UsageEvent[],
  rules: IngestRules,
): Promise<IngestResult[]> {
  if (events.length === 0) return [];
  const refused = new Map<UsageEvent, DeadLetterCode>();
  // Each round that fails refuses one event more.
  for (;;) {
    const told = await database.transaction<IngestResult[] | { refuse: number; code: DeadLetterCode }>(async (tx) => {
      const now = (await tx.run<{ now: number }>(CLOCK, []))[0]?.now ?? 0;
      const results = await takeIn(tx, events, { ...rules, now, refused });
      return { commit: Array.isArray(results), value: results };
    });
    if (Array.isArray(told)) return told;
    const event = events[told.refuse];
    if (event !== undefined) refused.set(event, told.code);
  }
}

interface Taking extends IngestRules {
  now: number;
  refused: ReadonlyMap<UsageEvent, DeadLetterCode>;
}

async function takeIn(tx: Transaction, events: readonly UsageEvent[], taking: Taking) {
  const results = new Map<UsageEvent, IngestResult>();
  const plain: UsageEvent[] = [];
  const replacing: UsageEvent[] = [];
  for (const event of events) {
    const code = taking.refused.get(event) ?? faultOf(event, taking);
    if (code !== undefined) results.set(event, { outcome: 'rejected', code });
    else (event.window.supersedes === null ? plain : replacing).push(event);
  }
  await add(tx, plain.toSorted(byTime), results);
  for (const event of replacing) {
    const { source, account, window } = event;
    const [known] = await tx.run<{ same: boolean }>(KNOWN_WINDOWS, [json([rowOf(event)])]);
    if (known === undefined) {
      const found = await tx.run(SUPERSEDE_WINDOW, [source, window.supersedes, account]);
      if (found.length === 0) {
        results.set(event, { outcome: 'rejected', code: 'UnknownSuperseded' });
        continue;
      }
    }
    await add(tx, [event], results);
    const result = results.get(event);
    // The window that it was to replace has fallen already: begin again without it.
    if (result?.outcome === 'rejected' && known === undefined)
      return { refuse: events.indexOf(event), code: result.code };
  }
  const letters = events.flatMap((event) => {
    const result = results.get(event);
    return result?.outcome === 'rejected'
      ? [{ ...event, id: event.window.id, code: result.code, body: rowOf(event) }]
      : [];
  });
  if (letters.length > 0)
    await tx.run(BURY_USAGE, [
      json(letters.map(({ source, id, account, code, body }) => ({ source, id, account, code, body }))),
    ]);
  const touched = new Set(
    events.filter((event) => results.get(event)?.outcome === 'accepted').map(({ account }) => account),
  );
  if (touched.size > 0) await tx.run(WAKE_ACCOUNTS, [[...touched]]);
  return events.map((event): IngestResult => results.get(event) ?? { outcome: 'deduplicated' });
}

async function add(tx: Transaction, events: readonly UsageEvent[], results: Map<UsageEvent, IngestResult>) {
  if (events.length === 0) return;
  const rows = events.map(rowOf);
  const added = new Set(
    (await tx.run<{ source: string; id: string }>(ADD_WINDOWS, [json(rows)])).map(({ source, id }) =>
      keyText(source, id),
    ),
  );
  const rest: UsageEvent[] = [];
  for (const event of events) {
    // One of two equal ones in a batch was added; the other is the same once more.
    if (added.delete(keyText(event.source, event.window.id))) results.set(event, { outcome: 'accepted' });
    else rest.push(event);
  }
  if (rest.length === 0) return;
  const asked = rest.map((event, index) => ({ ...rowOf(event), index }));
  const known = await tx.run<{ index: number; same: boolean }>(KNOWN_WINDOWS, [json(asked)]);
  const same = new Map(known.map(({ index, same: equal }) => [index, equal]));
  for (const [index, event] of rest.entries()) {
    const equal = same.get(index);
    if (equal === true) results.set(event, { outcome: 'deduplicated' });
    else
      results.set(event, {
        outcome: 'rejected',
        code: equal === undefined ? 'OverlappingWindow' : 'ConflictingDuplicate',
      });
  }
}

/** What is wrong with an event by itself. What it would replace is looked for in the table. */
function faultOf({ window }: UsageEvent, rules: Taking): DeadLetterCode | undefined {
  if (exact(window.quantity) === undefined) return 'InexactQuantity';
  const result = intake({ ...window, supersedes: null }, [], rules);
  return result.outcome === 'rejected' ? result.code : undefined;
}

function rowOf({ source, account, window }: UsageEvent) {
  const { id, meter: name, resource, from, to, quantity, attributes, supersedes } = window;
  return {
    source,
    id,
    account,
    meter: name,
    resource,
    from,
    to,
    quantity: exact(quantity) ?? decimalText(quantity),
    attributes,
    supersedes,
  };
}

/** A quantity as the table holds it, if it can: at most twelve decimals and 26 digits before them. */
function exact(quantity: Rational): string | undefined {
  const scaled = rational(quantity.num * SCALE, quantity.den);
  return scaled.den === 1n && scaled.num < LIMIT && scaled.num > -LIMIT ? decimalText(quantity) : undefined;
}

const SCALE = 10n ** 12n;
const LIMIT = 10n ** 38n;

function byTime({ window: a }: UsageEvent, { window: b }: UsageEvent): number {
  return a.from - b.from || a.to - b.to || (a.id < b.id ? -1 : 1);
}

const keyText = (source: string, id: string) => JSON.stringify([source, id]);

interface LevelJson {
  uid: string;
  meter: string;
  seq: number;
  at: number;
  level: number;
  attributes: Record<string, string>;
  place: string;
  run_id: string | null;
  until: number | null;
}

export async function observed(database: Database, account: string): Promise<Observed> {
  const rows = await database.run<LevelJson>(OBSERVED_LEVELS, [account]);
  if (rows.length === 0) return { levels: [], coverage: [], cursors: [] };
  const since = Math.min(...rows.map(({ at, until }) => until ?? at));
  const places = [...new Set(rows.map(({ place }) => place))];
  const covered = await database.run<{ place: string; from_at: number; to_at: number }>(OBSERVED_COVERAGE, [
    places,
    since,
  ]);
  const cursors = new Map(rows.map(({ uid, meter: name, until }) => [keyText(uid, name), { uid, meter: name, until }]));
  return {
    levels: rows.map(({ run_id: runId, until: _until, level, ...row }) => ({
      ...row,
      runId,
      level: rational(BigInt(level)),
      recordedAt: row.at,
    })),
    coverage: covered.map(({ place, from_at: from, to_at: to }) => ({ place, from, to, recordedAt: to })),
    cursors: [...cursors.values()].flatMap(({ until, ...cursor }) => (until === null ? [] : [{ ...cursor, until }])),
  };
}

type CompactRow = Omit<UsageWindow, 'quantity'> & { total: string; isLevel: boolean };

export async function usageOf(database: Database, account: string, compaction: Compaction): Promise<UsageWindow[]> {
  const { levels, sums, cuts, knownBy } = compaction;
  const rows = await database.run<CompactRow>(COMPACT_USAGE, [account, levels, sums, cuts, knownBy]);
  return rows.map(({ total, isLevel, ...window }) => {
    const sum = parseDecimal(total);
    if (sum === undefined)
      throw new Error(`The usage of ${window.resource} comes to ${total}, which is out of bounds.`);
    return { ...window, quantity: isLevel ? meanOf(sum, window.to - window.from) : sum };
  });
}

export async function meter(
  database: Database,
  { account, windows, cursors }: { account: string; windows: readonly UsageWindow[]; cursors: readonly CursorMove[] },
): Promise<boolean> {
  if (cursors.length === 0) return true;
  return database.transaction(async (tx) => {
    const [moved] = await tx.run<{ count: number }>(MOVE_CURSORS, [json(cursors)]);
    if (moved?.count !== cursors.length) return { commit: false, value: false };
    const rows = windows.map((window) => ({
      ...rowOf({ source: 'journal', account, window }),
      recordedAt: window.recordedAt,
    }));
    const added = await tx.run(ADD_WINDOWS, [json(rows)]);
    if (added.length !== rows.length)
      throw new Error(
        `The journal of ${account} would be metered twice: ${rows.length - added.length} windows overlap what is there.`,
      );
    return { commit: true, value: true };
  });
}
