import type { Instant } from '../calendar/interval.ts';
import type { Invoice } from '../document/document.ts';
import { CREDIT_NOTE_SERIES, INVOICE_SERIES } from '../document/number-series.ts';
import { command, type MoneyCommand } from '../payment/command.ts';
import { charge, look, NO_CHARGES, nextLook, type Played } from '../payment/played-charges.ts';
import { type Books, balanceOf, NO_FACTS, paidOn } from '../settle/books.ts';
import type { Checkpoint } from '../settle/checkpoint.ts';
import { type Settled, settle, settleUntil } from '../settle/settle.ts';
import { alerted } from '../settle/spend.ts';
import { applyAll, changedAccount, noted, takeIn } from '../wish/apply.ts';
import { begun, standingSince } from '../wish/begin.ts';
import { impliedBundles, withImpliedMeters } from './implied.ts';
import { isEmpty, type Scenario, type ScenarioCommand, type Step } from './parse.ts';
import { withdraw } from './withdraw.ts';

export interface RunOptions {
  /** Called with the books after every step, and the instant. */
  after?: (books: Books, at: Instant) => void;
  /** Every pass computes everything, closed periods too. */
  isWhole?: boolean;
  /** What is left of the books when the process dies after a step and another one reads them. */
  reborn?: (books: Books) => Books;
}

/** What stands after a step, and what the bank is still asked for. */
export interface Standing extends Played {
  at: Instant;
}

/** Plays a scenario in memory, on a clock that only the steps move. */
export function run(scenario: Scenario, { after, isWhole = false, reborn = (books) => books }: RunOptions = {}): Books {
  const steps = play(emptyBooks(scenario), scenario, isWhole);
  let next = steps.next();
  while (!next.done) {
    const { at, ...played } = next.value;
    const books = reborn(played.books);
    after?.(books, at);
    next = steps.next({ ...played, books });
  }
  return next.value;
}

/** The steps one by one: after each, whoever drives says with what to go on. */
export function* play(begin: Books, scenario: Scenario, isWhole: boolean): Generator<Standing, Books, Played> {
  let books = begin;
  let clock = scenario.steps[0]?.at ?? 0;
  let charges = NO_CHARGES;
  let checkpoint: Checkpoint | null = null;
  const kept = (settled: Settled, at: Instant) => {
    checkpoint = isWhole ? null : settled.checkpoint;
    return reported(settled, at);
  };
  for (const step of scenario.steps) {
    // What comes due just when something is wished is decided after the wish: nobody is billed for a month that they just left.
    for (let at = nextLook(charges); at < step.at; at = nextLook(charges)) {
      if (at > clock) books = kept(settleUntil(books, { from: clock, to: at - 1, checkpoint, isWhole }), at - 1);
      ({ books, charges } = look({ books, charges }, at));
      books = begun(books, standingSince(books.levels), at);
      books = kept(settle(books, at, checkpoint), at);
      clock = at;
    }
    if (step.at > clock)
      books = kept(settleUntil(books, { from: clock, to: step.at - 1, checkpoint, isWhole }), step.at - 1);
    ({ books, charges } = charged({ books: taken(books, step), charges }, step));
    books = begun(books, standingSince(books.levels), step.at);
    books = kept(settle(books, step.at, checkpoint), step.at);
    if (!isEmpty(step)) books = alerted(books, step.at);
    clock = step.at;
    ({ books, charges } = yield { books, charges, at: clock });
  }
  return books;
}

/** Before the first step. */
export function emptyBooks(scenario: Scenario): Books {
  const { zone, currency, policy, anchorDay } = scenario;
  return {
    ...NO_FACTS,
    account: {
      name: 'scenario',
      currency,
      zone,
      anchorDay,
      jurisdiction: '',
      policy,
      dunning: null,
      creditLimit: scenario.creditLimit,
      series: { invoice: INVOICE_SERIES, creditNote: CREDIT_NOTE_SERIES },
    },
    catalog: {
      bundles: new Map(),
      meters: [],
      card: { name: 'scenario', currency, revisions: [] },
      campaigns: new Map(),
      taxRules: [],
    },
    budgets: [],
    subscriptions: [],
    usage: [],
    levels: [],
    coverage: [],
  };
}

/** One currency for ever, once something is in it. */
function withAccount(
  books: Books,
  {
    currency = books.account.currency,
    isNotional,
    preAuthorisation,
    billingDay,
    creditLimit,
    ...change
  }: Step['account'],
  at: Instant,
): Books {
  if (currency !== books.account.currency) return noted(books, { at, code: 'CurrencyFixed', subject: currency });
  const policy = { ...books.account.policy, ...(billingDay === undefined ? {} : { billingDay }) };
  const { account, ...rest } = changedAccount(books, { ...change, policy }, at);
  const own = {
    creditLimit: creditLimit ?? account.creditLimit,
    isNotional: isNotional ?? account.isNotional,
    preAuthorisation: preAuthorisation ?? account.preAuthorisation,
  };
  return { ...rest, account: { ...account, ...own } };
}

function taken(before: Books, { at, account, apply, usage, levels, coverage, delete: gone, commands }: Step): Books {
  const books = withAccount(before, account, at);
  let after = withImpliedMeters(applyAll(books, [...impliedBundles(books, apply), ...apply], at));
  after = takeIn(after, usage, at);
  after = { ...after, levels: [...after.levels, ...levels], coverage: [...after.coverage, ...coverage] };
  for (const each of gone) after = withdraw(after, each, at);
  for (const each of commands) {
    const wish = resolved(after, each);
    const result = command(after, wish, at);
    after = result.outcome === 'done' ? result.books : noted(after, { at, code: result.code, subject: each.verb });
  }
  return after;
}

/** Problems are told once, when they are first seen. */
function reported({ books, problems, parked }: Settled, at: Instant): Books {
  const events = [
    ...problems.map(({ code, subject }) => ({ at, code, subject })),
    ...(parked === null ? [] : [{ at, code: 'Parked', subject: parked }]),
  ];
  return events.reduce(
    (after, event) =>
      after.events.some(({ code, subject }) => code === event.code && subject === event.subject)
        ? after
        : noted(after, event),
    books,
  );
}

/** What comes due just then is asked for first. */
function charged(played: Played, { charges = [], at }: Step): Played {
  return charges.reduce(
    (after, wish) => charge(after, { ...wish, invoice: invoiceNamed(after.books, wish.invoice) }, at),
    look(played, at),
  );
}

function resolved(books: Books, each: ScenarioCommand): MoneyCommand {
  const { verb, amount, key, adjust, id, severity, wallet, reference } = each;
  const named = invoiceNamed(books, each.invoice);
  // Money goes back to where it came from, though nothing may be open there any more.
  const isBack = verb === 'refund' || verb === 'chargeback' || verb === 'reverse';
  const invoice = isBack && named === 'first-open' ? invoiceNamed(books, 'last-paid') : named;
  switch (verb) {
    case 'pay':
      return { type: verb, invoice, amount, key };
    case 'refund':
      return { type: verb, invoice, amount: amount ?? 0n, adjust };
    case 'refundWallet':
      return { type: verb, wallet, amount, reference };
    case 'chargeback':
    case 'reverse':
      return { type: verb, invoice, amount };
    case 'credit':
      return { type: verb, amount: amount ?? 0n };
    case 'adjust':
      return { type: verb, line: lineNamed(books, each.line), amount: amount ?? 0n };
    case 'writeOff':
    case 'void':
      return { type: verb, invoice };
    case 'hold':
      return { type: verb, id, severity };
    case 'lift':
      return { type: verb, id };
  }
}

/** By its number, its place from the first on, or as one of some. What is none of these stays, and is refused as unknown. */
function invoiceNamed(books: Books, name: string): string {
  const { invoices } = books;
  const open = invoices.filter((invoice) => balanceOf(invoice, books) > 0n);
  const paid = invoices.filter(({ number }) => paidOn(number, books) > 0n);
  const found: Readonly<Record<string, Invoice | undefined>> = {
    'first-open': open[0],
    'last-open': open.at(-1),
    'first-paid': paid[0],
    // Money that came in and went back is still money that came in.
    'last-paid':
      paid.at(-1) ?? invoices.findLast(({ number }) => books.payments.some((each) => each.invoice === number)),
    first: invoices[0],
    last: invoices.at(-1),
  };
  return (found[name] ?? (/^\d{1,6}$/.test(name) ? invoices[Number(name) - 1] : undefined))?.number ?? name;
}

/** `INVOICE/PLACE`, a place on the last invoice, or the newest line of a product or charge. */
function lineNamed(books: Books, name: string): string {
  const slash = name.lastIndexOf('/');
  if (slash > 0) return `${invoiceNamed(books, name.slice(0, slash))}/${name.slice(slash + 1)}`;
  if (/^\d{1,6}$/.test(name)) return `${invoiceNamed(books, 'last')}/${name}`;
  const lines = books.invoices.flatMap((invoice) => invoice.lines);
  return lines.findLast(({ product, charge }) => product === name || charge === name)?.id ?? name;
}
