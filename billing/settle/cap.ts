import { total } from '../group.ts';
import type { CommitmentCharge } from './catalog.ts';
import { promises } from './commitment.ts';
import type { BillingContext } from './context.ts';
import type { DesiredLine } from './line.ts';
import { chargesOf } from './subscription.ts';

/**
 * Usage of a period beyond the most that is to be spent is free. Fees count too, but were owed from the beginning: it is usage that
 * costs less, the last of it first.
 */
export function capped(lines: readonly DesiredLine[], context: BillingContext): DesiredLine[] {
  const reductions = new Map<string, bigint>();
  for (const { eligible, amount } of maxima(lines, context)) {
    const open = (line: DesiredLine) => line.amount - (reductions.get(line.key) ?? 0n);
    let excess = total(eligible, open) - amount;
    for (const line of eligible.filter(({ kind }) => kind === 'USAGE').toSorted(newestFirst)) {
      if (excess <= 0n) break;
      const off = open(line) < excess ? open(line) : excess;
      reductions.set(line.key, (reductions.get(line.key) ?? 0n) + off);
      excess -= off;
    }
  }
  return lines.map((line) => {
    const off = reductions.get(line.key) ?? 0n;
    return off === 0n
      ? line
      : { ...line, amount: line.amount - off, explanation: { ...line.explanation, capped: off } };
  });
}

function maxima(lines: readonly DesiredLine[], context: BillingContext) {
  return context.timelines.flatMap((timeline) =>
    chargesOf(timeline, context.catalog.bundles)
      .filter((charge): charge is CommitmentCharge => charge.type === 'COMMITMENT' && charge.bound === 'MAXIMUM')
      .flatMap((charge) => promises(timeline, charge, { ...context, spent: lines }).found),
  );
}

function newestFirst(a: DesiredLine, b: DesiredLine): number {
  return b.from - a.from || (a.key < b.key ? 1 : -1);
}
