import type { Instant } from '../calendar/interval.ts';
import { CREDIT_NOTE_SERIES, INVOICE_SERIES } from '../document/number-series.ts';
import { command, type MoneyCommand } from '../payment/command.ts';
import { type Books, balanceOf, NO_FACTS } from '../settle/books.ts';
import type { Checkpoint } from '../settle/checkpoint.ts';
import { type Settled, settle, settleUntil } from '../settle/settle.ts';
import { alerted } from '../settle/spend.ts';
import { applyAll, cancel, noted, takeIn } from '../wish/apply.ts';
import { isEmpty, type Scenario, type ScenarioCommand, type Step } from './parse.ts';

export interface RunOptions {
  /** Called with the books after every step, and the instant. */
  after?: (books: Books, at: Instant) => void;
  /** Every pass computes everything, closed periods too. */
  isWhole?: boolean;
}

/** Plays a scenario in memory, on a clock that only the steps move. */
export function run(scenario: Scenario, { after, isWhole = false }: RunOptions = {}): Books {
  let books = emptyBooks(scenario);
  let clock = scenario.steps[0]?.at ?? 0;
  let checkpoint: Checkpoint | null = null;
  const kept = (settled: Settled, at: Instant) => {
    checkpoint = isWhole ? null : settled.checkpoint;
    return reported(settled, at);
  };
  for (const step of scenario.steps) {
    // What comes due just when something is wished is decided after the wish: nobody is billed for a month that they just left.
    if (step.at > clock)
      books = kept(settleUntil(books, { from: clock, to: step.at - 1, checkpoint, isWhole }), step.at - 1);
    books = kept(settle(taken(books, step), step.at, checkpoint), step.at);
    if (!isEmpty(step)) books = alerted(books, step.at);
    clock = step.at;
    after?.(books, clock);
  }
  return books;
}

function emptyBooks(scenario: Scenario): Books {
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

function taken(books: Books, { at, apply, usage, levels, coverage, delete: gone, commands }: Step): Books {
  let after = applyAll(books, apply, at);
  after = takeIn(after, usage, at);
  after = { ...after, levels: [...after.levels, ...levels], coverage: [...after.coverage, ...coverage] };
  for (const { name } of gone) after = cancel(after, name, at);
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

function resolved(books: Books, each: ScenarioCommand): MoneyCommand {
  const { verb, amount, key, adjust, id, severity } = each;
  const invoice = invoiceNamed(books, each.invoice);
  switch (verb) {
    case 'pay':
      return { type: verb, invoice, amount, key };
    case 'refund':
      return { type: verb, invoice, amount: amount ?? 0n, adjust };
    case 'chargeback':
    case 'reverse':
      return { type: verb, invoice, amount };
    case 'credit':
      return { type: verb, amount: amount ?? 0n };
    case 'adjust': {
      const [name = '', index = ''] = splitLast(each.line);
      return { type: verb, line: `${invoiceNamed(books, name)}/${index}`, amount: amount ?? 0n };
    }
    case 'writeOff':
    case 'void':
      return { type: verb, invoice };
    case 'hold':
      return { type: verb, id, severity };
    case 'lift':
      return { type: verb, id };
  }
}

function invoiceNamed(books: Books, name: string): string {
  const { invoices } = books;
  if (name === 'first-open') return invoices.find((invoice) => balanceOf(invoice, books) > 0n)?.number ?? name;
  if (name === 'first') return invoices[0]?.number ?? name;
  if (name === 'last') return invoices.at(-1)?.number ?? name;
  return name;
}

function splitLast(line: string): [string, string] {
  const slash = line.lastIndexOf('/');
  return [line.slice(0, slash), line.slice(slash + 1)];
}
