import type { BooksChange, CommitResult } from '../../billing/loop/books-store.ts';
import { encodable } from '../../billing/loop/fact-json.ts';
import { type CountersTaken, numberedText, placeOf } from '../../billing/loop/numbering.ts';
import { bookNotice, problemNotice } from '../../letters/notices.ts';
import type { PersonalSeal } from '../../reconciler/personal.ts';
import type { Database, Transaction } from '../database.ts';
import { noticeRows } from '../notifications/notifications.ts';
import { sealedMail } from '../personal/mail.ts';
import { json } from '../statement.ts';
import { ADVANCE_ACCOUNTS, REDEEM, TAKE_NUMBERS } from './statements/account.ts';
import { APPEND_FACTS } from './statements/append.ts';

interface Waiting {
  change: BooksChange;
  resolve(result: CommitResult): void;
  reject(error: unknown): void;
}

/** In one transaction. */
const GROUP_MAX = 6;
/** Of those who wait each holds a computed change in memory. */
const WAITING_MAX = 10_000;

/**
 * Commits of one store, each whole and refused by itself. While one transaction is on its way to the disk, the next gathers: many accounts
 * share its counters' locks and its journal write.
 */
export function createCommits(
  database: Database,
  personal: PersonalSeal,
): (change: BooksChange) => Promise<CommitResult> {
  const waiting: Waiting[] = [];
  let isBusy = false;
  const work = async () => {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) await commitGroup(database, personal, taken(waiting));
    isBusy = false;
  };
  return (change) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= WAITING_MAX) reject(new Error(`${WAITING_MAX} commits are waiting already`));
      else waiting.push({ change, resolve, reject });
      void work();
    });
}

/** The first that wait, of each account one, in the order of their names: so no two transactions wait for each other's rows. */
function taken(waiting: Waiting[]): Waiting[] {
  const found = new Map<string, Waiting>();
  for (const each of waiting)
    if (found.size < GROUP_MAX && !found.has(each.change.account)) found.set(each.change.account, each);
  const group = new Set(found.values());
  waiting.splice(0, waiting.length, ...waiting.filter((each) => !group.has(each)));
  return [...group].toSorted((a, b) => (a.change.account < b.change.account ? -1 : 1));
}

/** What is wrong with one is not the others' fault: refused together, each tries alone. */
async function commitGroup(database: Database, personal: PersonalSeal, group: readonly Waiting[]): Promise<void> {
  try {
    const results = await commitAll(
      database,
      personal,
      group.map(({ change }) => change),
    );
    for (const [index, { change, resolve }] of group.entries()) resolve(resultOf(change, results[index] ?? null));
  } catch (error) {
    if (group.length === 1 && isExhausted(error)) group[0]?.resolve({ outcome: 'conflict' });
    else if (group.length === 1) group[0]?.reject(error);
    else for (const each of group) await commitGroup(database, personal, [each]);
  }
}

function resultOf({ version }: BooksChange, numbers: Given | null): CommitResult {
  if (numbers === null) return { outcome: 'conflict' };
  return { outcome: 'done', version: version + 1, numbers: new Map(numbers) };
}

/** Draft and real numbers. */
type Given = [string, string][];

/**
 * One transaction: the versions, which only one can raise; the counters, whose rows are locked from there to the commit; everything else,
 * account by account. Null for who was overtaken.
 */
function commitAll(
  database: Database,
  personal: PersonalSeal,
  changes: readonly BooksChange[],
): Promise<(Given | null)[]> {
  return database.transaction<(Given | null)[]>(async (tx) => {
    const advanced = await advance(tx, changes);
    const standing = changes.filter((_change, index) => advanced[index]);
    if (standing.length === 0) return { commit: false, value: changes.map(() => null) };
    await redeem(tx, standing);
    const counters = await takeNumbers(tx, standing);
    const given = new Map<BooksChange, Given>();
    const rows = standing.map((change) => {
      const own = counters.get(change) ?? [];
      const { text, numbers } = numberedText(json(rowsOf(change, { taken: own, personal })), own);
      given.set(change, [...numbers]);
      return { change, text };
    });
    await Promise.all(
      rows.map(async ({ change, text }) => {
        const { account, version, currency } = change;
        if (!isQuiet(change)) await tx.run(APPEND_FACTS, [account, version + 1, currency, text]);
      }),
    );
    return { commit: true, value: changes.map((change) => given.get(change) ?? null) };
  });
}

/** Campaigns in one order for everybody, so that no two transactions wait for each other's. */
async function redeem(tx: Transaction, changes: readonly BooksChange[]): Promise<void> {
  const taking = changes.filter(({ redemptions }) => redemptions.length > 0);
  const campaigns = [...new Set(taking.flatMap(({ redemptions }) => redemptions.map(({ campaign }) => campaign)))];
  for (const campaign of campaigns.toSorted())
    for (const { account, redemptions } of taking) {
      const own = redemptions.filter((each) => each.campaign === campaign);
      if (own.length > 0) await tx.run(REDEEM, [account, json(own)]);
    }
}

/** The last of a campaign was taken by somebody else since the change was computed. */
function isExhausted(error: unknown): boolean {
  return (error as { constraint?: unknown } | null)?.constraint === 'redemptions_are_not_exceeded';
}

/** Whether each is still the next commit of its account. */
async function advance(tx: Transaction, changes: readonly BooksChange[]): Promise<boolean[]> {
  const rows = await tx.run<{ account: string; currency: string }>(ADVANCE_ACCOUNTS, [
    json(
      changes.map(({ account, version, currency, settledAt, dueAt, parked, checkpoint }) => ({
        account,
        version,
        currency,
        settled: settledAt,
        due: dueAt,
        parked,
        checkpoint: checkpoint === null ? null : encodable(checkpoint),
      })),
    ),
  ]);
  const currencies = new Map(rows.map(({ account, currency }) => [account, currency]));
  return changes.map(({ account, currency }) => {
    const known = currencies.get(account);
    if (known !== undefined && currency !== null && known !== currency)
      throw new Error(`The account ${account} is booked in ${known}; nothing of it can be booked in ${currency}.`);
    return known !== undefined;
  });
}

function isQuiet({ facts, subscriptions, adjustments, problems, mail }: BooksChange): boolean {
  return [...Object.values(facts), subscriptions, adjustments, problems, mail].every(({ length }) => length === 0);
}

/** The counters as each change finds them: what is needed of one is taken at once, and given out in order. */
async function takeNumbers(
  tx: Transaction,
  changes: readonly BooksChange[],
): Promise<Map<BooksChange, CountersTaken[]>> {
  const keyOf = (series: string, year: number) => JSON.stringify([series, year]);
  const wanted = new Map<string, { series: string; year: number; count: number }>();
  for (const { series, year, count } of changes.flatMap(({ numbers }) => numbers)) {
    const key = keyOf(series.name, year);
    wanted.set(key, { series: series.name, year, count: count + (wanted.get(key)?.count ?? 0) });
  }
  if (wanted.size === 0) return new Map();
  const rows = await tx.run<{ series: string; year: number; last: number }>(TAKE_NUMBERS, [json([...wanted.values()])]);
  const next = new Map(
    rows.map(({ series, year, last }) => {
      const key = keyOf(series, year);
      return [key, last - (wanted.get(key)?.count ?? 0)];
    }),
  );
  return new Map(
    changes.map((change) => [
      change,
      change.numbers.map((needed): CountersTaken => {
        const key = keyOf(needed.series.name, needed.year);
        const last = next.get(key) ?? 0;
        next.set(key, last + needed.count);
        return { ...needed, last };
      }),
    ]),
  );
}

/** With drafts in them, except for where a document stands in its series. */
function rowsOf(
  { account, facts, mail, adjustments, subscriptions, problems }: BooksChange,
  { taken, personal }: { taken: readonly CountersTaken[]; personal: PersonalSeal },
) {
  const document = (body: { number: string }) => {
    const place = placeOf(body.number, taken);
    if (place === undefined) throw new Error(`the document ${body.number} has no number of a series`);
    return { ...place, body: encodable(body) };
  };
  const { invoices = [], creditNotes = [], ...rest } = facts;
  return {
    ...(encodable(rest) as Record<string, unknown>),
    invoices: invoices.map(document),
    creditNotes: creditNotes.map(document),
    adjustments: encodable(adjustments),
    problems,
    mail: mail.map((letter) => sealedMail(personal, account, letter)),
    notices: noticeRows([
      ...(facts.events ?? []).flatMap((event) => bookNotice(account, event) ?? []),
      ...problems.map((problem) => problemNotice(account, problem)),
    ]),
    subscriptions: subscriptions.map(({ id, events, ...head }) => ({
      id,
      head: encodable(head),
      events: encodable(events),
    })),
  };
}
