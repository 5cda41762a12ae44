import type { MemoryBooks } from '../../billing/loop/memory-books.ts';
import { type CoverageRow, chargeable, type LevelRow } from '../../billing/usage/journal.ts';

/** What an account was asked for, all documents together. */
export interface Bill {
  /** Minor units: invoices less credit notes. */
  charged: bigint;
  /** Each charge once: invoice lines by what they are for. */
  doubles: string[];
}

export async function billOf(books: MemoryBooks, account: string): Promise<Bill> {
  const [kept] = await books.load([account]);
  const lines = (kept?.invoices ?? []).flatMap((invoice) => invoice.lines);
  const notes = (kept?.creditNotes ?? []).flatMap((note) => note.lines);
  const total = lines.reduce((sum, { amount }) => sum + amount, 0n) - notes.reduce((sum, { net }) => sum + net, 0n);
  const ids = lines.map(({ id }) => id);
  return { charged: total, doubles: ids.filter((id, index) => ids.indexOf(id) !== index) };
}

/** The bill after trouble against the bill of an untroubled day, and both against the journal itself. */
export function differences({
  chaos,
  scratch,
  levels,
  coverage,
}: {
  chaos: Bill;
  scratch: Bill;
  levels: readonly LevelRow[];
  coverage: readonly CoverageRow[];
}): string[] {
  const owed = owedBy(levels, coverage);
  return [
    ...(chaos.charged === scratch.charged ? [] : [`charged ${chaos.charged}, and ${scratch.charged} from scratch`]),
    ...(scratch.charged === owed ? [] : [`charged ${scratch.charged} from scratch, and the journal says ${owed}`]),
    ...chaos.doubles.map((id) => `line ${id} stands twice`),
  ];
}

/** One cent for each second that a machine ran, as the journal and its coverage have it. */
function owedBy(levels: readonly LevelRow[], coverage: readonly CoverageRow[]): bigint {
  const running = levels.filter(({ meter }) => meter === 'vm.running');
  const seconds = chargeable(running, coverage, 'FREE').reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
  return BigInt(Math.round(seconds));
}

/** Every transaction balances, and stands once. */
export function ledgerFaults({ records }: MemoryBooks): string[] {
  const seen = new Set<string>();
  return records.ledger.flatMap(({ id, entries }) => {
    const sum = entries.reduce((total, { side, minor }) => total + (side === 'DEBIT' ? minor : -minor), 0n);
    const twice = seen.has(id);
    seen.add(id);
    return [
      ...(sum === 0n ? [] : [`transaction ${id} is out of balance by ${sum}`]),
      ...(twice ? [`transaction ${id} was posted twice`] : []),
    ];
  });
}
