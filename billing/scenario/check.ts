import { FOREVER } from '../calendar/interval.ts';
import { addDuration } from '../calendar/zone.ts';
import { groupBy, total } from '../group.ts';
import { balances, imbalanceOf } from '../ledger/posting.ts';
import { deferredRevenue } from '../ledger/recognition.ts';
import { statementOf } from '../ledger/statement.ts';
import { decodeFacts, encodeFacts } from '../loop/fact-json.ts';
import { setAside } from '../payment/pre-authorisation.ts';
import { walletBalance } from '../payment/wallet.ts';
import { type Books, balanceOf, creditOf } from '../settle/books.ts';
import type { Problem } from '../settle/context.ts';
import { draftOf, settle } from '../settle/settle.ts';
import { nameOf } from '../wish/apply.ts';
import { isEmpty, type Scenario, type Step } from './parse.ts';
import { printBooks } from './print.ts';
import { run } from './run.ts';

/** What must hold for every scenario, whatever it is about; each broken promise as a sentence. */
export function checkScenario(scenario: Scenario): string[] {
  const found: string[] = [];
  const end = scenario.steps.at(-1)?.at ?? 0;
  const states: Books[] = [];
  const text = (books: Books) => JSON.stringify(comparable(printBooks(books, end)));
  const straight = run(scenario, {
    after: (books, at) => {
      states.push(books);
      found.push(...steady(books, at), ...audit(books));
    },
  });
  found.push(...foreseen(scenario, states));
  const variants: [string, Scenario][] = [
    ['inputs of one time in the reverse order', { ...scenario, steps: scenario.steps.map(reversed) }],
    ['walking day by day', { ...scenario, steps: walked(scenario) }],
    [
      'jumping over empty steps',
      { ...scenario, steps: scenario.steps.filter((step) => !isEmpty(step) || step.at === end) },
    ],
  ];
  for (const [name, variant] of variants)
    if (text(run(variant)) !== text(straight)) found.push(`${name} gives something else`);
  const reborn = (books: Books) => decodeFacts(encodeFacts(books)) as Books;
  if (text(run(scenario, { isWhole: true, reborn })) !== text(straight))
    found.push('dying after each step and computing everything again gives something else');
  return found;
}

const TOLD_WHEN_SEEN: ReadonlySet<string> = new Set<Problem['code'] | 'Parked'>([
  'PriceGap',
  'NoMatchingPrice',
  'UnattributedUsage',
  'LateUsageIgnored',
  'LateUsageFeed',
  'TaxUnknown',
  'Parked',
]);

/** What a pass stumbles over is told when somebody first looks, and who walks looks earlier. */
function comparable({ events, ...documents }: ReturnType<typeof printBooks>) {
  const told = events.filter(({ code }) => TOLD_WHEN_SEEN.has(code)).map(({ code, subject }) => `${code} ${subject}`);
  return { ...documents, events: events.filter(({ code }) => !TOLD_WHEN_SEEN.has(code)), told: told.toSorted() };
}

/** What was foreseen from one step to the next, where nothing happens between, is what was booked (BR-34). */
function foreseen({ steps }: Scenario, states: readonly Books[]): string[] {
  return states.slice(0, -1).flatMap((before, index) => {
    const [step, next, after] = [steps[index], steps[index + 1], states[index + 1]];
    if (step === undefined || next === undefined || after === undefined || !isEmpty(next)) return [];
    if (before.account.policy.creditBlockedDays || after.events.some(({ code }) => code === 'Parked')) return [];
    const { additions, reductions } = draftOf(before, { now: step.at, until: next.at });
    const due = additions.filter(
      ({ line, corrects }) => (corrects === null ? line.settleAt : line.correctAt) <= next.at,
    );
    const preview = total(due, ({ amount }) => amount) - total(reductions, ({ gross }) => gross);
    return preview === charged(after) - charged(before)
      ? []
      : [`what step ${index + 1} foresaw is not what was booked`];
  });
}

/** Before discounts and tax, less what was credited for service that was not used. */
function charged({ invoices, creditNotes }: Books): bigint {
  const credits = creditNotes.flatMap(({ lines }) => lines).filter(({ kind }) => kind === 'CREDIT');
  return total(invoices, ({ subtotal }) => subtotal) - total(credits, ({ gross }) => gross);
}

/** Sums that must agree, whichever way they are computed. */
export function audit(books: Books): string[] {
  const ledger = balances(books.ledger);
  const due = total(books.invoices, (invoice) => balanceOf(invoice, books));
  const inWallets = total(books.wallets, ({ name }) => walletBalance(name, books.walletMoves));
  const ids = books.ledger.map(({ id }) => id);
  const checks: [string, boolean][] = [
    ['a ledger transaction is out of balance', books.ledger.some((each) => imbalanceOf(each) !== 0n)],
    ['a cause is posted twice', new Set(ids).size !== ids.length],
    ["the ledger's receivable is not what invoices owe", (ledger.get('receivable') ?? 0n) !== due],
    ["the ledger's customer credit is not the account's", -(ledger.get('customer_credit') ?? 0n) !== creditOf(books)],
    [
      "the ledger's wallets are not what is in them",
      -(ledger.get('wallet') ?? 0n) - (ledger.get('wallet_promo') ?? 0n) !== inWallets,
    ],
    [
      "the ledger's deferred revenue is not what is left of it",
      -(ledger.get('deferred_revenue') ?? 0n) !== deferredRevenue(books),
    ],
    [
      "the ledger's fx is not what was transferred",
      (ledger.get('fx') ?? 0n) !== total(books.credits, ({ kind, amount }) => (kind === 'TRANSFERRED' ? amount : 0n)),
    ],
    [
      'the ledger holds what is not set aside any more',
      (ledger.get('gateway_clearing:pending') ?? 0n) !== setAside(books) ||
        -(ledger.get('receivable:pending') ?? 0n) !== setAside(books),
    ],
    ['more became revenue than was deferred', deferredRevenue(books) < 0n],
    ['a credit is below 0', creditOf(books) < 0n],
    ['a wallet is below 0', books.wallets.some(({ name }) => walletBalance(name, books.walletMoves) < 0n)],
    ['an invoice does not add up', books.invoices.some((invoice) => !addsUp(invoice))],
    ['a statement does not lead to the next', !statementsLeadOn(books)],
    ['a number is there twice', new Set(books.invoices.map(({ number }) => number)).size !== books.invoices.length],
  ];
  return checks.filter(([, broken]) => broken).map(([sentence]) => sentence);
}

function steady(books: Books, at: number): string[] {
  const again = settle(books, at).books;
  return JSON.stringify(printBooks(again, at)) === JSON.stringify(printBooks(books, at))
    ? []
    : ['a second run adds something'];
}

/** Cut where documents were issued: every net is the next opening, and says what came and went between. */
function statementsLeadOn({ ledger, invoices }: Books): boolean {
  const cuts = [0, ...new Set(invoices.map(({ issuedAt }) => issuedAt)), FOREVER];
  const statements = cuts.slice(1).map((to, index) => statementOf(ledger, { from: cuts[index] ?? 0, to }));
  return statements.every(
    ({ opening, payments, credits, charges, net }, index) =>
      net === opening - payments - credits + charges && opening === (statements[index - 1]?.net ?? 0n),
  );
}

function addsUp({
  lines,
  taxes,
  subtotal,
  discount,
  tax,
  total: whole,
  credits,
  wallet,
}: Books['invoices'][number]): boolean {
  const exclusive = total(taxes, (group) => (group.inclusive ? 0n : group.tax));
  return (
    subtotal === total(lines, ({ amount }) => amount) &&
    tax === total(taxes, (group) => group.tax) &&
    taxes.every((group) => group.tax === total([...group.shares.values()], (share) => share)) &&
    whole === subtotal - discount + exclusive &&
    whole >= 0n &&
    whole - credits - wallet >= 0n
  );
}

function reversed(step: Step): Step {
  return {
    ...step,
    // Of what is said twice of one thing, the last wish and the first report count: that order is not by chance.
    apply: regrouped(step.apply, (wish) => `${wish.kind}/${nameOf(wish)}`),
    usage: regrouped(step.usage, ({ id }) => id),
    levels: step.levels.toReversed(),
    coverage: step.coverage.toReversed(),
    delete: step.delete.toReversed(),
  };
}

function regrouped<Row>(rows: readonly Row[], name: (row: Row) => string): Row[] {
  return [...groupBy(rows, name).values()].toReversed().flat();
}

/** With an empty step at every noon between: off all boundaries, so that only the walking differs. */
function walked({ steps, zone }: Scenario): Step[] {
  return steps.flatMap((step, index) => {
    const days: Step[] = [];
    const from = steps[index - 1]?.at;
    if (from === undefined) return [step];
    for (
      let at = addDuration(from, 'PT12H', zone);
      at < step.at && days.length < 4000;
      at = addDuration(at, 'P1D', zone)
    )
      days.push({ at, apply: [], account: {}, usage: [], levels: [], coverage: [], delete: [], commands: [] });
    return [...days, step];
  });
}
