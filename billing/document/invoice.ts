import { dayNumber } from '../calendar/civil.ts';
import { FOREVER, type Instant } from '../calendar/interval.ts';
import { addDuration, dayOf, ZONE_RULES } from '../calendar/zone.ts';
import { groupBy, total } from '../group.ts';
import { deferredOf } from '../ledger/recognition.ts';
import type { Books } from '../settle/books.ts';
import { zoneAt } from '../settle/calendars.ts';
import type { Addition } from '../settle/difference.ts';
import { startOf } from '../settle/subscription.ts';
import { discounts } from './discount.ts';
import { discountOf, type Invoice, type InvoiceLine } from './document.ts';
import { includedIn, type TaxGroup } from './tax.ts';
import { TABLE_TAXES } from './tax-port.ts';

/**
 * The document that some additions make, in the fixed order: lines, discounts, tax. Nothing is taken from credit or wallets yet. Undefined:
 * nobody knows its taxes yet.
 */
export function assemble(
  additions: readonly Addition[],
  books: Books,
  { number, at }: { number: string; at: Instant },
): Invoice | undefined {
  const { account, catalog, taxes: { by, lookup } = TABLE_TAXES } = books;
  const users = new Map(books.subscriptions.map(({ id, user }) => [id, user]));
  const lines = withDiscounts(
    additions.toSorted(byTime).map((each, index) => ({
      ...asLine(each, `${number}/${index + 1}`),
      ...spenderOf(each, { user: users.get(each.line.subscription) ?? null, zone: account.zone }),
    })),
    books,
  );
  const taxes = lookup({
    account: account.name,
    currency: account.currency,
    lines: lines.map((line) => ({ id: line.id, taxCode: line.taxCode, amount: line.amount - discountOf(line) })),
    rules: catalog.taxRules,
    jurisdiction: account.jurisdiction,
    at,
    mode: account.policy.rounding.tax,
    rounding: account.policy.taxRounding,
  });
  if (taxes === undefined) return undefined;
  const subtotal = total(lines, ({ amount }) => amount);
  const discount = total(lines, discountOf);
  const exclusive = total(
    taxes.filter(({ inclusive }) => !inclusive),
    ({ tax }) => tax,
  );
  return {
    number,
    issuedAt: at,
    dueAt: addDuration(at, `P${account.policy.dueDays}D`, account.zone),
    ...withDeferrals(lines, taxes, { account, at }),
    taxes,
    subtotal,
    discount,
    tax: total(taxes, ({ tax }) => tax),
    total: subtotal - discount + exclusive,
    credits: 0n,
    wallet: 0n,
    zone: account.zone,
    zoneRules: ZONE_RULES,
    rounding: account.policy.rounding,
    ...(by === TABLE_TAXES.by ? {} : { taxedBy: by }),
  };
}

/** Fees for days to come are not revenue yet, where the account's policy says so. */
function withDeferrals(
  lines: readonly InvoiceLine[],
  taxes: readonly TaxGroup[],
  { account, at }: { account: Books['account']; at: Instant },
): Pick<Invoice, 'lines' | 'recognition'> {
  const { recognition } = account.policy;
  if (recognition === 'AT_ISSUE') return { lines };
  const net = (line: InvoiceLine) => line.amount - discountOf(line) - includedIn(line, taxes);
  const deferred = lines.map((line) =>
    line.kind === 'RECURRING'
      ? { ...line, deferred: deferredOf(line, { net: net(line), at, zone: account.zone }) }
      : line,
  );
  return { lines: deferred, recognition };
}

function withDiscounts(
  lines: readonly InvoiceLine[],
  { account, catalog, invoices, subscriptions }: Books,
): InvoiceLine[] {
  const dayIn = (at: Instant) => dayNumber(dayOf(at, zoneAt(account, at)));
  const campaignsOf = new Map(subscriptions.map(({ id, campaigns }) => [id, campaigns]));
  const begunOn = new Map(subscriptions.map((each) => [each.id, startOf(each) === FOREVER ? 0 : dayIn(startOf(each))]));
  const given = invoices.flatMap((invoice) =>
    invoice.lines.flatMap((line) => line.discounts.map((each) => ({ ...each, periodFrom: line.period.from }))),
  );
  const found = groupBy(
    discounts(
      lines.map(({ id, charge, amount, period, subscription, from, to }) => ({
        id,
        charge,
        amount,
        periodFrom: period.from,
        campaigns: campaignsOf.get(subscription) ?? [],
        service: {
          from: dayIn(from),
          to: dayIn(to),
          begun: begunOn.get(subscription) ?? 0,
        },
      })),
      { campaigns: catalog.campaigns, given, mode: account.policy.rounding.discount },
    ),
    ({ line }) => line,
  );
  return lines.map((line) => ({
    ...line,
    discounts: (found.get(line.id) ?? []).map(({ campaign, amount }) => ({ campaign, amount })),
  }));
}

/** Lines keep who used it: subscriptions may pass from one user to another. */
function spenderOf(
  { line }: Addition,
  { user, zone }: { user: string | null; zone: string },
): Pick<InvoiceLine, 'user' | 'month'> {
  const month = dayOf(line.from, zone).slice(0, 7);
  return user === null ? { month } : { month, user };
}

function asLine({ line, amount, corrects }: Addition, id: string): InvoiceLine {
  const { key, subscription, charge, product, taxCode, kind, period, quantity, from, to, explanation, draws } = line;
  return {
    id,
    key,
    subscription,
    charge,
    product,
    taxCode,
    kind,
    period,
    quantity,
    from,
    to,
    amount,
    discounts: [],
    corrects,
    explanation,
    draws,
  };
}

function byTime(a: Addition, b: Addition): number {
  return a.line.from - b.line.from || (a.line.key < b.line.key ? -1 : 1);
}
