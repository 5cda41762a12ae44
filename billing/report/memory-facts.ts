import type { Instant } from '../calendar/interval.ts';
import { dayOf } from '../calendar/zone.ts';
import type { CreditNote, Invoice, InvoiceLine } from '../document/document.ts';
import { groupBy, total } from '../group.ts';
import type { KeptBooks } from '../loop/books-store.ts';
import type { MemoryBooks } from '../loop/memory-books.ts';
import { add, decimalText, multiply, rational, ZERO } from '../money/rational.ts';
import type { Subscription } from '../settle/subscription.ts';
import { standing } from '../usage/window.ts';
import { AGEING_COLUMNS, ageingColumn } from './ageing.ts';
import type { ReportName } from './definitions.ts';
import { FACT_ROWS_MAX, type FactQuery, type FactRow, type ReportFacts } from './facts.ts';
import type { ExchangeRate } from './rates.ts';
import type { ReportedAccount } from './wishes.ts';

/** Facts of books in memory, one row a document: for trying things out. */
export function createMemoryFacts({
  books,
  accounts,
  now,
}: {
  books: Pick<MemoryBooks, 'accounts' | 'load' | 'currencyOf'>;
  accounts(): Promise<ReportedAccount[]>;
  now(): Instant;
}): ReportFacts {
  const kept = new Map<string, ExchangeRate>();
  return {
    now: async () => now(),
    publish: async (currency, rates) => {
      for (const rate of rates) {
        const key = JSON.stringify([rate.base, rate.quote, rate.from]);
        if (rate.from <= now() && !kept.has(key)) kept.set(key, rate);
      }
      return [...kept.values()].filter(({ base, quote }) => base === currency || quote === currency);
    },
    read: async (report, query) => {
      const known = new Map((await accounts()).map((each) => [each.name, each]));
      const of = (name: string) => known.get(name) ?? { ...UNKNOWN, name };
      const wanted = ({ name, channel }: ReportedAccount) =>
        (query.accounts === null || query.accounts.includes(name)) &&
        (query.channel === null || channel === query.channel);
      if (report === 'new-customer-registrations')
        return registrations([...known.values()].filter(wanted), query).slice(0, FACT_ROWS_MAX);
      const names = books.accounts().filter((name) => wanted(of(name)));
      const loaded = await books.load(names);
      const rows = loaded.flatMap((each) => {
        const currency = books.currencyOf(each.account) ?? '';
        return READERS[report]({ kept: each, account: of(each.account), currency, query });
      });
      return rows.slice(0, FACT_ROWS_MAX);
    },
  };
}

const UNKNOWN = { type: '', channel: '', registeredAt: 0, isLeftOut: false };

interface Own {
  kept: KeptBooks;
  account: ReportedAccount;
  currency: string;
  query: FactQuery;
}

const READERS: Record<Exclude<ReportName, 'new-customer-registrations'>, (own: Own) => FactRow[]> = {
  'top-customers': (own) =>
    own.account.isLeftOut
      ? []
      : documents(own).map(({ at, net }) =>
          fact(own, at, { account: own.account.name, channel: own.account.channel }, { documents: 1n, net }),
        ),
  revenue: (own) => revenue(own),
  tax: (own) => taxes(own),
  'usage-per-product': (own) =>
    own.account.isLeftOut
      ? []
      : billedLines(own).map(({ line, at }) => {
          const row = fact(own, at, { product: line.product }, { lines: 1n, amount: line.amount });
          return { ...row, sums: { ...row.sums, quantity: decimalText(line.quantity) } };
        }),
  'usage-per-bundle': (own) => (own.account.isLeftOut ? [] : bundles(own)),
  'customer-activity': (own) => activity(own),
  'receivables-ageing': (own) => ageing(own),
  'spend-versus-budget': (own) =>
    billedLines(own).map(({ line, at }) =>
      fact(
        own,
        at,
        { account: own.account.name, user: subscriptionOf(own, line)?.user ?? '' },
        { billed: line.amount },
      ),
    ),
};

function fact(
  { currency, query }: Own,
  at: Instant,
  keys: FactRow['keys'],
  sums: Readonly<Record<string, bigint>>,
): FactRow {
  const span = query.rates.find((each) => each.currency === currency && each.from <= at && at < each.to);
  const texts = Object.entries(sums).map(([name, value]) => [name, value.toString()]);
  return { keys, currency, rate: span?.id ?? null, sums: Object.fromEntries(texts) };
}

const within = ({ from, to }: FactQuery, at: Instant) => from <= at && at < to;

function registrations(accounts: readonly ReportedAccount[], query: FactQuery): FactRow[] {
  return accounts
    .filter(({ isLeftOut, registeredAt }) => !isLeftOut && within(query, registeredAt))
    .map(({ registeredAt, type }) => ({
      keys: { day: dayOf(registeredAt, query.zone), type },
      currency: null,
      rate: null,
      sums: { registrations: '1' },
    }));
}

/** Documents by when they were issued, and what became revenue of earlier ones by when it did: at the rate of the invoice either way. */
function revenue(own: Own): FactRow[] {
  const { kept, account, query } = own;
  const row = (at: Instant, rated: Instant, sums: Readonly<Record<string, bigint>>) =>
    fact(own, rated, { month: dayOf(at, query.zone).slice(0, 7), channel: account.channel }, sums);
  const issued = documents(own).map(({ at, net, tax, deferred }) =>
    row(at, at, { documents: 1n, net, tax, recognised: net - deferred }),
  );
  const invoices = new Map(kept.invoices.map(({ number, issuedAt }) => [number, issuedAt]));
  const became = kept.recognitions
    .filter(({ at }) => within(query, at))
    .map(({ at, invoice, amount }) => row(at, invoices.get(invoice) ?? at, { recognised: amount }));
  return [...issued, ...became];
}

/** Net is without any tax; credit notes are below 0. */
function documents({ kept, query }: Own): { at: Instant; net: bigint; tax: bigint; deferred: bigint }[] {
  return [
    ...kept.invoices.map(({ issuedAt, total: whole, tax, lines }) => ({
      at: issuedAt,
      net: whole - tax,
      tax,
      deferred: total(lines, ({ deferred = 0n }) => deferred),
    })),
    ...kept.creditNotes.map(({ issuedAt, total: whole, tax, lines }) => ({
      at: issuedAt,
      net: tax - whole,
      tax: -tax,
      deferred: -total(lines, ({ undeferred = 0n }) => undeferred),
    })),
  ].filter(({ at }) => within(query, at));
}

function taxes(own: Own): FactRow[] {
  const { kept, query } = own;
  const row = ({ taxes: groups }: Invoice, index: number, at: Instant, sums: { net: bigint; tax: bigint }) => {
    const group = groups[index];
    const { jurisdiction = '', taxCode = '', category = '', rate = ZERO } = group ?? {};
    return fact(own, at, { jurisdiction, taxCode, category, rate: decimalText(rate) }, { documents: 1n, ...sums });
  };
  const charged = kept.invoices
    .filter(({ issuedAt }) => within(query, issuedAt))
    .flatMap((invoice) =>
      invoice.taxes.map(({ net, tax }, index) => row(invoice, index, invoice.issuedAt, { net, tax })),
    );
  const credited = kept.creditNotes
    .filter(({ issuedAt }) => within(query, issuedAt))
    .flatMap((note) => {
      const invoice = kept.invoices.find(({ number }) => number === note.invoice);
      return invoice === undefined
        ? []
        : noteTaxes(note, invoice).map(({ index, ...sums }) => row(invoice, index, note.issuedAt, sums));
    });
  return [...charged, ...credited];
}

function noteTaxes(note: CreditNote, invoice: Invoice): { index: number; net: bigint; tax: bigint }[] {
  return invoice.taxes.flatMap(({ shares, inclusive }, index) => {
    const lines = note.lines.filter(({ corrects }) => shares.has(corrects));
    const tax = note.taxes[index] ?? 0n;
    const gross = total(lines, ({ net }) => net);
    return lines.length === 0 ? [] : [{ index, net: (inclusive ? tax : 0n) - gross, tax: -tax }];
  });
}

/** By when their service began; of documents that were issued by then. */
function billedLines({ kept, query }: Own): { line: InvoiceLine; at: Instant }[] {
  return kept.invoices
    .filter(({ issuedAt }) => issuedAt <= query.asOf)
    .flatMap(({ lines, issuedAt }) =>
      lines.filter(({ from }) => within(query, from)).map((line) => ({ line, at: issuedAt })),
    );
}

function subscriptionOf({ kept }: Own, { subscription }: InvoiceLine): Subscription | undefined {
  return kept.subscriptions.find(({ id }) => id === subscription);
}

/** Each subscription counts once for each of its bundles. */
function bundles(own: Own): FactRow[] {
  const counted = new Set<string>();
  return billedLines(own).map(({ line, at }) => {
    const changes = subscriptionOf(own, line)?.events.filter((event) => event.bundle !== undefined) ?? [];
    const bundle = changes.findLast((event) => event.at <= line.from)?.bundle ?? '';
    const key = JSON.stringify([bundle, line.subscription]);
    const isNew = !counted.has(key);
    counted.add(key);
    return fact(own, at, { bundle }, { subscriptions: isNew ? 1n : 0n, amount: line.amount });
  });
}

function activity({ kept, query }: Own): FactRow[] {
  const users = new Map(kept.subscriptions.flatMap(({ resources, user }) => resources.map((each) => [each, user])));
  const windows = standing(kept.usage).filter(({ from }) => within(query, from));
  const groups = groupBy(windows, ({ from, meter, resource, attributes }) =>
    JSON.stringify([dayOf(from, query.zone), meter, resource, attributes.user ?? users.get(resource) ?? '']),
  );
  return [...groups].map(([key, own]) => {
    const [day = '', product = '', resource = '', user = ''] = JSON.parse(key) as string[];
    const quantity = own.reduce((sum, each) => add(sum, each.quantity), ZERO);
    const hours = own.reduce(
      (sum, each) => add(sum, multiply(each.quantity, rational(BigInt(each.to - each.from), 3_600_000n))),
      ZERO,
    );
    return {
      keys: { day, product, resource, user },
      currency: null,
      rate: null,
      sums: { windows: `${own.length}`, quantity: decimalText(quantity), levelHours: decimalText(hours) },
    };
  });
}

function ageing(own: Own): FactRow[] {
  const { kept, account, query } = own;
  const paid = groupBy(
    kept.settlements.filter(({ at }) => at <= query.asOf),
    ({ invoice }) => invoice,
  );
  return kept.invoices
    .filter(({ issuedAt }) => issuedAt <= query.asOf)
    .flatMap(({ number, issuedAt, dueAt, total: whole }) => {
      const open = whole - total(paid.get(number) ?? [], ({ amount }) => amount);
      if (open === 0n) return [];
      const column = ageingColumn(dueAt, query.asOf);
      const sums = AGEING_COLUMNS.map(({ name }): [string, bigint] => [name, name === column ? open : 0n]);
      return [fact(own, issuedAt, { account: account.name, channel: account.channel }, Object.fromEntries(sums))];
    });
}
