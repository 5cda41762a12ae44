import type { Instant } from '../calendar/interval.ts';
import { isZone } from '../calendar/zone.ts';
import type { CreditLimit } from '../credit-limit.ts';
import { HOLD_SEVERITIES, type HoldSeverity } from '../dunning/dunning.ts';
import { ONE } from '../money/rational.ts';
import { type ChargeWish, GATEWAY_ANSWERS } from '../payment/played-charges.ts';
import type { Policy } from '../settle/policy.ts';
import type { CoverageRow, LevelRow } from '../usage/journal.ts';
import type { UsageWindow } from '../usage/window.ts';
import { readCreditLimit } from '../wish/account.ts';
import type { ManifestContext } from '../wish/catalog.ts';
import { readPolicy } from '../wish/policy.ts';
import { type Fault, Reader } from '../wish/reader.ts';
import { isWishKind, readWish, WISH_KINDS, type Wish } from '../wish/wish.ts';
import { type AccountChange, readAccount, readAccountType } from './account.ts';
import { type Letterhead, readLetterhead } from './letterhead.ts';
import { plainManifest, withRevisions } from './manifest.ts';
import { plainPolicy } from './policy.ts';
import { WITHDRAWN_KINDS } from './withdraw.ts';

/** A scenario as issued to `steward simulate`: what is wished, observed and paid, at which local times. */
export interface Scenario {
  zone: string;
  currency: string;
  policy: Policy;
  anchorDay: string | null;
  creditLimit: CreditLimit | null;
  /** What documents say beside the figures. */
  letterhead: Letterhead;
  steps: Step[];
}

export interface Step {
  at: Instant;
  apply: Wish[];
  account: AccountChange;
  usage: UsageWindow[];
  levels: LevelRow[];
  coverage: CoverageRow[];
  delete: { kind: (typeof WITHDRAWN_KINDS)[number]; name: string }[];
  commands: ScenarioCommand[];
  /** Through a pretended gateway. */
  charges?: ChargeWish[];
}

/** As written: which invoice and line are meant is only known when it is their turn. */
export interface ScenarioCommand {
  verb: (typeof VERBS)[number];
  invoice: string;
  line: string;
  amount: bigint | null;
  key: string | null;
  adjust: boolean;
  id: string;
  severity: HoldSeverity;
  wallet: string;
  reference: string | null;
}

const VERBS = [
  'pay',
  'refund',
  'refundWallet',
  'chargeback',
  'reverse',
  'credit',
  'adjust',
  'writeOff',
  'void',
  'hold',
  'lift',
] as const;

const WITHOUT_FIGURES: ReadonlySet<unknown> = new Set(['Product', 'Catalog', 'Channel', 'PaymentMethod', 'Project']);

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));

/** A step that only moves the clock. */
export function isEmpty({ apply, account, usage, levels, coverage, delete: gone, commands, charges = [] }: Step) {
  const lists = [apply, Object.keys(account), usage, levels, coverage, gone, commands, charges];
  return lists.every(({ length }) => length === 0);
}

/** All faults at once, each with its place and the remedy. */
export function parseScenario(document: unknown): { scenario: Scenario } | { faults: string[] } {
  const faults: Fault[] = [];
  const from = new Reader(document, 'scenario', faults).fields(
    'timezone',
    'currency',
    'creditLimit',
    'policy',
    'steps',
    'expect',
    'about',
    'documents',
  );
  const zone = from.timezone.text('UTC');
  if (!isZone(zone)) from.timezone.fault('write an IANA time zone, such as Europe/Berlin', undefined);
  const currency = from.currency.text('USD');
  if (!CURRENCIES.has(currency)) from.currency.fault('write an ISO 4217 code, such as EUR', undefined);
  if (!isZone(zone)) return { faults: faults.map(textOf) };
  const cards = new Map<string, unknown[]>();
  if (!from.steps.isPresent) from.steps.fault('write a list of steps, each with its time as at', undefined);
  const written = from.steps.list();
  const { policy, hoursPerMonth } = plainPolicy(from.policy);
  const adjustments = new Set<string>();
  const steps = written.map((step) => readStep(step, { zone, currency, at: 0, cards, hoursPerMonth, adjustments }));
  for (const [index, { at }] of steps.entries())
    if (index > 0 && at !== 0 && at < (steps[index - 1]?.at ?? 0))
      written[index]?.note('begins before the step above; put steps in the order of time');
  const creditLimit = from.creditLimit.optional((each) => readCreditLimit(each, { currency }));
  const letterhead = readLetterhead(from.documents);
  const scenario = { zone, currency, creditLimit, letterhead, ...readPolicy(policy), steps: steps.reduce(joined, []) };
  return faults.length > 0 ? { faults: faults.map(textOf) } : { scenario };
}

/** What is only wished at one instant is one wish, in its order: nothing is billed between. */
function joined(before: readonly Step[], step: Step): Step[] {
  const last = before.at(-1);
  if (last?.at !== step.at || !isWishOnly(last) || !isWishOnly(step)) return [...before, step];
  const account = { ...last.account, ...step.account };
  return [...before.slice(0, -1), { ...last, account, apply: [...last.apply, ...step.apply] }];
}

function isWishOnly(step: Step): boolean {
  return isEmpty({ ...step, apply: [], account: {} });
}

function textOf({ path, message }: Fault): string {
  return `${path}: ${message}`;
}

function readStep(reader: Reader, context: Omit<StepContext, 'written' | 'account' | 'commands'>): Step {
  const from = reader.fields('at', 'apply', 'usage', 'journal', 'delete', 'charge', ...VERBS);
  const at = from.at.instant(context.zone);
  const account: AccountChange = {};
  const commands: ScenarioCommand[] = [];
  const whole = { ...context, at, account, commands, written: from.at.value };
  return {
    at,
    account,
    apply: from.apply.oneOrMany().flatMap((manifest) => readManifest(manifest, whole) ?? []),
    usage: from.usage.oneOrMany().map((usage) => readUsage(usage, { ...context, at })),
    ...readJournal(from.journal, { ...context, at }),
    delete: from.delete.oneOrMany().map((each) => {
      const { kind, name } = each.as(plainManifest(each.value)).fields('kind', 'name', 'spec', 'stray');
      return { kind: kind.choice(WITHDRAWN_KINDS), name: name.text() };
    }),
    charges: from.charge.oneOrMany().map(readCharge),
    commands: [
      ...commands,
      ...VERBS.flatMap((verb) => from[verb].oneOrMany().map((each) => readCommand(verb, each, context))),
    ],
  };
}

function readCharge(reader: Reader): ChargeWish {
  const { invoice, answer, authorise } = reader.fields('invoice', 'answer', 'authorise');
  return {
    invoice: invoice.text('first-open'),
    answer: answer.choice(GATEWAY_ANSWERS, 'SUCCEEDED'),
    authorise: authorise.optional((each) => each.text()),
  };
}

interface StepContext extends ManifestContext {
  /** The step's time as it was written. */
  written: unknown;
  /** What manifests of the account say. */
  account: AccountChange;
  /** What adjustments come to: each is booked once. */
  commands: ScenarioCommand[];
  adjustments: Set<string>;
  /** Revisions of each rate card up to here. */
  cards: Map<string, unknown[]>;
  /** Of revisions that say nothing of it. */
  hoursPerMonth: unknown;
}

function readManifest(reader: Reader, context: StepContext): Wish | undefined {
  const { stray, ...plain } = plainManifest(reader.value);
  if (stray.length > 0) reader.note(`has a spec, and ${stray.join(', ')} beside it; write them into the spec`);
  const whole = {
    ...plain,
    spec: withRevisions({ stray, ...plain }, { ...context, known: context.cards, at: context.written }),
  };
  const { kind, name, spec } = reader.as(whole).fields('kind', 'name', 'spec');
  if (isWishKind(kind.value)) {
    const wish = readWish(kind.value, { name: name.text(), spec }, context);
    return isForeign(kind.value, spec, context) ? undefined : wish;
  }
  if (kind.value === 'Account') return void Object.assign(context.account, readAccount(spec, context));
  if (kind.value === 'AccountType') return void Object.assign(context.account, readAccountType(spec, context));
  if (kind.value === 'Adjustment') return void readAdjustment(name.text(), spec, context);
  // They decide who can buy what where: in a scenario there is one account, which can buy everything.
  if (WITHOUT_FIGURES.has(kind.value)) return undefined;
  return kind.fault(
    `write one of ${[...WISH_KINDS, 'Adjustment', 'Account', 'AccountType', ...WITHOUT_FIGURES].join(', ')}`,
    undefined,
  );
}

/** Prices in another currency are nobody's here: there is one account, in one currency. */
function isForeign(kind: Wish['kind'], spec: Reader, { currency: own }: ManifestContext): boolean {
  const { currency = own } = (spec.value ?? {}) as Record<string, unknown>;
  return kind === 'RateCard' && currency !== own;
}

const ADJUSTMENTS = { CREDIT: 'credit', LINE: 'adjust', WRITE_OFF: 'writeOff', VOID: 'void' } as const;

/** The request that becomes a record: the command of the same meaning, whatever else is applied again under its name. */
function readAdjustment(name: string, spec: Reader, context: StepContext): void {
  const { type, reason, invoice, line, amount } = spec.fields('type', 'reason', 'invoice', 'line', 'amount');
  reason.text('');
  const verb = ADJUSTMENTS[type.choice(['CREDIT', 'LINE', 'WRITE_OFF', 'VOID'])];
  const command = readCommand(verb, spec.as(given({ invoice, line, amount })), context);
  if (!context.adjustments.has(name)) context.commands.push(command);
  context.adjustments.add(name);
}

function given(fields: Record<string, Reader>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
  );
}

function readUsage(reader: Reader, { zone, at }: ManifestContext): UsageWindow {
  const from = reader.fields('id', 'meter', 'resource', 'from', 'to', 'at', 'quantity', 'attributes', 'supersedes');
  const begins = from.from.isPresent ? from.from.instant(zone) : from.at.instant(zone);
  const ends = from.to.instant(zone, begins);
  const meter = from.meter.text();
  const resource = from.resource.text('account');
  return {
    id: from.id.text(`${meter}/${resource}/${begins}/${ends}`),
    meter,
    resource,
    from: begins,
    to: ends,
    quantity: from.quantity.decimal(ONE),
    attributes: Object.fromEntries(from.attributes.entries().map(([name, value]) => [name, value.label()])),
    recordedAt: at,
    supersedes: from.supersedes.optional((each) => each.text()),
  };
}

/** Rows of the observed-state journal, as the machinery writes them: changes of level, and what was inventoried when. */
function readJournal(reader: Reader, { zone, at }: ManifestContext): Pick<Step, 'levels' | 'coverage'> {
  const { levels, coverage } = reader.fields('levels', 'coverage');
  return {
    levels: levels.list().map((each): LevelRow => {
      const from = each.fields('uid', 'meter', 'at', 'level', 'place', 'runId', 'attributes');
      const begins = from.at.instant(zone);
      return {
        uid: from.uid.text(),
        meter: from.meter.text(),
        seq: begins,
        at: begins,
        recordedAt: at,
        level: from.level.decimal(),
        attributes: Object.fromEntries(from.attributes.entries().map(([name, value]) => [name, value.label()])),
        place: from.place.text('host'),
        runId: from.runId.optional((run) => run.text()),
      };
    }),
    coverage: coverage.list().map((each): CoverageRow => {
      const from = each.fields('place', 'from', 'to');
      return {
        place: from.place.text('host'),
        from: from.from.instant(zone),
        to: from.to.instant(zone),
        recordedAt: at,
      };
    }),
  };
}

/** What is about money that came in before. */
const PAID_BEFORE: ReadonlySet<string> = new Set(['refund', 'chargeback', 'reverse']);

function readCommand(verb: ScenarioCommand['verb'], reader: Reader, { currency }: ManifestContext): ScenarioCommand {
  const from = reader.fields('invoice', 'line', 'amount', 'key', 'adjust', 'id', 'severity', 'wallet', 'reference');
  const amount = from.amount.optional((each) => each.money(currency));
  if (amount === null && ['refund', 'credit', 'adjust'].includes(verb))
    from.amount.fault(`write the amount to ${verb}`, undefined);
  return {
    verb,
    invoice: from.invoice.text(PAID_BEFORE.has(verb) ? 'last-paid' : 'first-open'),
    line: from.line.text('last/1'),
    // A line is only ever made smaller: by 10.00 and by -10.00 are the same.
    amount: verb === 'adjust' && amount !== null && amount < 0n ? -amount : amount,
    key: from.key.optional((each) => each.text()),
    adjust: from.adjust.flag(false),
    id: from.id.text('admin'),
    severity: from.severity.choice(HOLD_SEVERITIES, 'SUSPEND'),
    wallet: from.wallet.text(''),
    reference: from.reference.optional((each) => each.text()),
  };
}
