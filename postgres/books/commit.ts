import type { BooksChange, CommitResult } from '../../billing/loop/books-store.ts';
import { encodable } from '../../billing/loop/fact-json.ts';
import { type CountersTaken, numbered } from '../../billing/loop/numbering.ts';
import type { Database, Transaction } from '../database.ts';
import { json } from '../statement.ts';
import { ADVANCE_ACCOUNT, TAKE_NUMBERS } from './statements/account.ts';
import { APPEND_FACTS } from './statements/append.ts';

/**
 * One transaction, three statements: the version, which only one can raise; the counters, whose rows are locked from there to the commit;
 * everything else.
 */
export async function commit(database: Database, change: BooksChange): Promise<CommitResult> {
  const { account, version, currency, settledAt, dueAt, parked, checkpoint } = change;
  const numbers = await database.transaction<[string, string][] | null>(async (tx) => {
    const [row] = await tx.run<{ currency: string }>(ADVANCE_ACCOUNT, [
      account,
      version,
      currency,
      settledAt,
      dueAt,
      parked,
      checkpoint === null ? null : json(encodable(checkpoint)),
    ]);
    if (row === undefined) return { commit: false, value: null };
    if (currency !== null && row.currency !== currency)
      throw new Error(
        `The account ${account} is booked in ${row.currency}; nothing of it can be booked in ${currency}.`,
      );
    const taken = await takeNumbers(tx, change);
    const {
      facts: written,
      numbers: given,
      places,
    } = numbered({ facts: change.facts, mail: change.mail, adjustments: change.adjustments }, taken);
    const isEmpty = Object.values(written.facts).every(({ length }) => length === 0) && isQuiet(change);
    if (!isEmpty) await tx.run(APPEND_FACTS, [account, version + 1, currency, json(rowsOf(change, written, places))]);
    return { commit: true, value: [...given] };
  });
  return numbers === null
    ? { outcome: 'conflict' }
    : { outcome: 'done', version: version + 1, numbers: new Map(numbers) };
}

function isQuiet({ subscriptions, adjustments, problems, mail }: BooksChange): boolean {
  return subscriptions.length + adjustments.length + problems.length + mail.length === 0;
}

async function takeNumbers(tx: Transaction, { numbers }: BooksChange): Promise<CountersTaken[]> {
  if (numbers.length === 0) return [];
  const wanted = numbers.map(({ series, year, count }) => ({ series: series.name, year, count }));
  const rows = await tx.run<{ series: string; year: number; last: number }>(TAKE_NUMBERS, [json(wanted)]);
  return numbers.map((needed) => {
    const row = rows.find(({ series, year }) => series === needed.series.name && year === needed.year);
    return { ...needed, last: (row?.last ?? needed.count) - needed.count };
  });
}

type Written = Pick<BooksChange, 'facts' | 'mail' | 'adjustments'>;

function rowsOf(
  { subscriptions, problems }: BooksChange,
  { facts, mail, adjustments }: Written,
  places: ReadonlyMap<string, { series: string; year: number; n: number }>,
) {
  const document = (body: { number: string }) => {
    const place = places.get(body.number);
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
    mail,
    subscriptions: subscriptions.map(({ id, events, ...head }) => ({
      id,
      head: encodable(head),
      events: encodable(events),
    })),
  };
}
