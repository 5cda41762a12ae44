import { formatLocal } from '../calendar/zone.ts';
import { formatMoney } from '../money/currency.ts';
import { decimalText } from '../money/rational.ts';
import { priceOf } from '../price/model.ts';
import type { Books } from '../settle/books.ts';
import { amountOf } from '../settle/line.ts';
import type { InvoiceLine } from './document.ts';

/** How a line's amount came about, as data for people: all that went in, and the same sum computed once more. */
export interface LineExplanation {
  line: string;
  subscription: string;
  charge: string;
  kind: string;
  period: string;
  service: string;
  revision: string;
  model: string;
  parts: { quantity: string; price: string; ratio: string }[];
  included: string;
  /** Of usage: how many windows, and a digest of what they said. */
  sources: { count: number; digest: string } | null;
  spent: string;
  /** What was beyond the most that is to be spent. */
  capped: string;
  rounding: string;
  /** Of the whole charge; a line that completes another booked only what was missing. */
  charged: string;
  booked: string;
  corrects: string | null;
  discounts: { campaign: string; amount: string }[];
  draws: { grant: string; quantity: string }[];
}

/** Undefined where no invoice has the line. */
export function explainLine({ account, invoices }: Books, id: string): LineExplanation | undefined {
  const line = invoices.flatMap(({ lines }) => lines).find((each) => each.id === id);
  if (line === undefined) return undefined;
  const { explanation } = line;
  const money = (minor: bigint) => formatMoney(minor, account.currency);
  const dates = ({ from, to }: InvoiceLine['period']) =>
    [from, to].map((at) => formatLocal(at, account.zone)).join(' to ');
  return {
    line: id,
    subscription: line.subscription,
    charge: line.charge,
    kind: line.kind,
    period: dates(line.period),
    service: dates(line),
    revision: explanation.revision,
    model: explanation.model.type,
    parts: explanation.parts.map((part) => {
      const price = priceOf(explanation.model, part);
      return {
        quantity: decimalText(part.quantity),
        price: price === undefined ? 'none' : decimalText(price),
        ratio: `${part.ratio.num}/${part.ratio.den}`,
      };
    }),
    included: decimalText(explanation.included),
    sources: explanation.sources ?? null,
    spent: money(explanation.spent),
    capped: money(explanation.capped ?? 0n),
    rounding: explanation.rounding,
    charged: money(amountOf(explanation) ?? 0n),
    booked: money(line.amount),
    corrects: line.corrects,
    discounts: line.discounts.map(({ campaign, amount }) => ({ campaign, amount: money(amount) })),
    draws: line.draws.map(({ grant, quantity }) => ({ grant, quantity: decimalText(quantity) })),
  };
}
