import { formatMoney } from '../../billing/money/currency.ts';
import type { Paper } from './paper.ts';

/** The document as data: amounts as decimal texts, days as ISO 8601, the last day inclusive. */
export function paperJson(paper: Paper): string {
  const { subtotal, discount, tax, total, credits, wallet, due, lines, taxes, ...head } = paper;
  const money = (minor: bigint) => formatMoney(minor, paper.currency);
  const document = {
    ...head,
    lines: lines.map(({ amount, discounts, net, tax: lineTax, taxes: own, ...line }) => ({
      ...line,
      amount: money(amount),
      discounts: discounts.map((each) => ({ ...each, amount: money(each.amount) })),
      net: money(net),
      taxes: own.map((index) => taxes[index]?.name),
      tax: money(lineTax),
    })),
    taxes: taxes.map((row) => ({ ...row, net: money(row.net), tax: money(row.tax) })),
    subtotal: money(subtotal),
    discount: money(discount),
    tax: money(tax),
    total: money(total),
    credits: money(credits),
    wallet: money(wallet),
    due: money(due),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
