import type { Instant } from '../calendar/interval.ts';
import type { Books } from '../settle/books.ts';
import { amountOf } from '../settle/line.ts';
import { settle } from '../settle/settle.ts';
import { booksOf, type LoopPorts, withUsage } from './account-loop.ts';
import type { AuditFinding, BooksReader } from './books-reader.ts';
import type { KeptBooks } from './books-store.ts';
import { added, drafts } from './pass.ts';
import { catalogZoneOf } from './past-wishes.ts';

const ACCOUNTS_AT_ONCE = 50;

/** Every check of the books: what SQL can see by itself, and every account settled anew from its own facts. Empty when all is well. */
export async function auditBooks(
  { store, wishes }: Pick<LoopPorts, 'store' | 'wishes'>,
  reader: BooksReader,
): Promise<AuditFinding[]> {
  const now = await store.now();
  const findings = await reader.audit(now);
  for (let after: string | null = null; ; ) {
    const names: string[] = await reader.accounts({ after, limit: ACCOUNTS_AT_ONCE });
    const before = await reader.waiting(names, now);
    const loaded = await store.load(names, { usage: false });
    // Whoever is woken while they are read waits, too.
    const waiting = new Set([...before, ...(await reader.waiting(names, await store.now()))]);
    // Years of usage are read added up, as a pass reads them, one account after the other.
    for (const kept of loaded) {
      const wished = await wishes.of(kept.account, now, { catalogZone: catalogZoneOf(kept) });
      if (wished === undefined) continue;
      const bare = await booksOf(store, kept, { wishes: wished, now });
      const books = await withUsage(store, bare, { kept, now });
      const settledAt = waiting.has(kept.account) ? null : kept.settledAt;
      findings.push(...auditAccount(books, { settledAt }).map((finding) => ({ ...finding, account: kept.account })));
    }
    after = names.at(-1) ?? null;
    if (names.length < ACCOUNTS_AT_ONCE) return findings;
  }
}

/** What settling everything anew would add, unless a pass will soon (null), and lines whose explanation does not come to their amount. */
export function auditAccount(
  books: Books,
  { settledAt }: Pick<KeptBooks, 'settledAt'>,
): Omit<AuditFinding, 'account'>[] {
  return [...(settledAt === null ? [] : unsettled(books, settledAt)), ...unexplained(books)];
}

function unsettled(books: Books, settledAt: Instant): Omit<AuditFinding, 'account'>[] {
  const check = 'settling anew gives something else';
  const before = { ...books, account: { ...books.account, series: drafts(books) } };
  const again = settle(before, settledAt);
  if (again.parked !== null) return [{ check, detail: `parked: ${again.parked}` }];
  const {
    invoices = [],
    creditNotes = [],
    holds = [],
    recognitions = [],
    settlements = [],
  } = added(before, again.books);
  return [
    ...invoices.flatMap(({ lines }) => lines.map(({ key, amount }) => ({ check, detail: `${key}: ${amount} more` }))),
    ...creditNotes.flatMap(({ lines }) =>
      lines.map(({ corrects, net }) => ({ check, detail: `${corrects}: ${net} less` })),
    ),
    ...holds.map(({ id }) => ({ check, detail: `hold ${id}` })),
    ...settlements.flatMap(({ id, kind }) => (kind === 'NOTIONAL' ? [{ check, detail: `settlement ${id}` }] : [])),
    ...recognitions.map(({ id, amount }) => ({ check, detail: `recognition ${id}: ${amount}` })),
  ];
}

/** A line that completes another explains the whole charge, of which it booked a part: only lines that stand alone are compared. */
function unexplained({ invoices }: Books): Omit<AuditFinding, 'account'>[] {
  return invoices
    .flatMap(({ lines }) => lines)
    .filter(({ corrects }) => corrects === null)
    .flatMap(({ id, amount, explanation }) => {
      const explained = amountOf(explanation);
      return explained === amount
        ? []
        : [
            {
              check: 'a line is not what its explanation comes to',
              detail: `${id}: ${amount}, explained ${explained}`,
            },
          ];
    });
}
