import type { Budget } from '../budget.ts';
import type { Instant } from '../calendar/interval.ts';
import { isZone } from '../calendar/zone.ts';
import { BREACH_ACTIONS, type CreditLimit } from '../credit-limit.ts';
import type { Campaign } from '../document/discount.ts';
import type { NumberSeries } from '../document/number-series.ts';
import type { TaxRule } from '../document/tax.ts';
import { type DunningPolicy, HOLD_SEVERITIES, type HoldSeverity } from '../dunning/dunning.ts';
import { moneyFrom } from '../money/currency.ts';
import type { Wallet } from '../payment/wallet.ts';
import type { Revision } from '../price/rate-card.ts';
import type { Bundle } from '../settle/catalog.ts';
import type { Policy } from '../settle/policy.ts';
import type { CoverageRow, LevelRow } from '../usage/journal.ts';
import type { Meter } from '../usage/mediation.ts';
import type { UsageWindow } from '../usage/window.ts';
import {
  type ManifestContext,
  readBundle,
  readCampaign,
  readMeter,
  readRevisions,
  readTaxRule,
} from './catalog-manifests.ts';
import { readPolicy } from './policy-manifest.ts';
import { Reader } from './reader.ts';

/** A scenario as issued to `steward simulate`: what is wished, observed and paid, at which local times. */
export interface Scenario {
  zone: string;
  currency: string;
  policy: Policy;
  anchorDay: string | null;
  creditLimit: CreditLimit | null;
  steps: Step[];
}

export interface Step {
  at: Instant;
  apply: Manifest[];
  usage: UsageWindow[];
  levels: LevelRow[];
  coverage: CoverageRow[];
  delete: { kind: string; name: string }[];
  commands: ScenarioCommand[];
}

export type Manifest =
  | { kind: 'Bundle'; value: Bundle }
  | { kind: 'RateCard'; name: string; value: Revision[] }
  | { kind: 'Meter'; value: Meter }
  | { kind: 'Campaign'; value: Campaign }
  | { kind: 'TaxRule'; value: TaxRule }
  | { kind: 'DunningPolicy'; value: DunningPolicy }
  | { kind: 'NumberSeries'; document: 'invoice' | 'creditNote'; value: NumberSeries }
  | { kind: 'Wallet'; value: Wallet; amount: bigint }
  | { kind: 'BillingPolicy'; value: Policy }
  | { kind: 'Budget'; value: Budget }
  | { kind: 'Subscription'; value: SubscriptionWish };

export interface SubscriptionWish {
  name: string;
  bundle: string;
  quantity: bigint;
  start: Instant | null;
  end: Instant | null;
  paused: boolean;
  user: string | null;
  resources: string[];
  campaigns: string[];
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
}

const VERBS = [
  'pay',
  'refund',
  'chargeback',
  'reverse',
  'credit',
  'adjust',
  'writeOff',
  'void',
  'hold',
  'lift',
] as const;

/** A step that only moves the clock. */
export function isEmpty({ apply, usage, levels, coverage, delete: gone, commands }: Step): boolean {
  return apply.length + usage.length + levels.length + coverage.length + gone.length + commands.length === 0;
}

/** All faults at once, each with its place and the remedy. */
export function parseScenario(document: unknown): { scenario: Scenario } | { faults: string[] } {
  const faults: string[] = [];
  const from = new Reader(document, 'scenario', faults).fields(
    'timezone',
    'currency',
    'creditLimit',
    'policy',
    'steps',
    'expect',
    'about',
  );
  const zone = from.timezone.text('UTC');
  if (!isZone(zone)) from.timezone.fault('write an IANA time zone, such as Europe/Berlin', undefined);
  const currency = from.currency.text('USD');
  if (!/^[A-Z]{3}$/.test(currency)) from.currency.fault('write an ISO 4217 code, such as EUR', undefined);
  if (!isZone(zone)) return { faults };
  const steps = from.steps.list().map((step) => readStep(step, { zone, currency, at: 0 }));
  for (const [index, { at }] of steps.entries())
    if (index > 0 && at < (steps[index - 1]?.at ?? 0))
      faults.push(`scenario.steps[${index}].at: is before the step above; put steps in the order of time`);
  const creditLimit = from.creditLimit.optional((each) => readCreditLimit(each, currency));
  const scenario = { zone, currency, creditLimit, ...readPolicy(from.policy), steps };
  return faults.length > 0 ? { faults } : { scenario };
}

function readCreditLimit(reader: Reader, currency: string): CreditLimit {
  const { amount, action } = reader.fields('amount', 'action');
  return { amount: amount.money(currency), action: action.choice(BREACH_ACTIONS, 'ALERT') };
}

function readStep(reader: Reader, context: ManifestContext): Step {
  const from = reader.fields('at', 'apply', 'usage', 'journal', 'delete', ...VERBS);
  const at = from.at.instant(context.zone);
  return {
    at,
    apply: from.apply.list().flatMap((manifest) => readManifest(manifest, { ...context, at }) ?? []),
    usage: from.usage.list().map((usage) => readUsage(usage, { ...context, at })),
    ...readJournal(from.journal, { ...context, at }),
    delete: from.delete.list().map((each) => {
      const { kind, name } = each.fields('kind', 'name');
      return { kind: kind.choice(['Subscription']), name: name.text() };
    }),
    commands: VERBS.flatMap((verb) => from[verb].oneOrMany().map((each) => readCommand(verb, each, context))),
  };
}

function readManifest(reader: Reader, context: ManifestContext): Manifest | undefined {
  const { kind, metadata, spec, name: short } = reader.fields('apiVersion', 'kind', 'metadata', 'name', 'spec');
  const name = short.isPresent ? short.text() : metadata.fields('name', 'labels').name.text();
  switch (kind.value) {
    case 'Bundle':
      return { kind: 'Bundle', value: readBundle(name, spec) };
    case 'RateCard':
      return { kind: 'RateCard', name, value: readRevisions(name, spec, context) };
    case 'Meter':
      return { kind: 'Meter', value: readMeter(name, spec) };
    case 'Campaign':
      return { kind: 'Campaign', value: readCampaign(name, spec, context) };
    case 'TaxRule':
      return { kind: 'TaxRule', value: readTaxRule(name, spec, context) };
    case 'DunningPolicy':
      return { kind: 'DunningPolicy', value: readDunning(spec, context) };
    case 'NumberSeries':
      return readSeries(name, spec);
    case 'Wallet':
      return readWallet(name, spec, context);
    case 'BillingPolicy':
      return { kind: 'BillingPolicy', value: readPolicy(spec).policy };
    case 'Budget':
      return { kind: 'Budget', value: readBudget(name, spec, context) };
    case 'Subscription':
      return { kind: 'Subscription', value: readSubscription(name, spec, context) };
    default:
      return kind.fault(
        'write Bundle, RateCard, Meter, Campaign, TaxRule, DunningPolicy, NumberSeries, Wallet, BillingPolicy, Budget or Subscription',
        undefined,
      );
  }
}

function readSubscription(name: string, spec: Reader, { zone }: ManifestContext): SubscriptionWish {
  const from = spec.fields('bundle', 'quantity', 'start', 'end', 'paused', 'user', 'resources', 'campaigns');
  return {
    name,
    bundle: from.bundle.text(),
    quantity: BigInt(from.quantity.integer({ min: 0, max: 1_000_000, otherwise: 1 })),
    start: from.start.optional((each) => each.instant(zone)),
    end: from.end.optional((each) => each.instant(zone)),
    paused: from.paused.flag(false),
    user: from.user.optional((each) => each.text()),
    resources: from.resources.texts(),
    campaigns: from.campaigns.texts(),
  };
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
    quantity: from.quantity.decimal(),
    attributes: Object.fromEntries(from.attributes.entries().map(([name, value]) => [name, value.text()])),
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
        attributes: Object.fromEntries(from.attributes.entries().map(([name, value]) => [name, value.text()])),
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

function readCommand(verb: ScenarioCommand['verb'], reader: Reader, { currency }: ManifestContext): ScenarioCommand {
  const from = reader.fields('invoice', 'line', 'amount', 'key', 'adjust', 'id', 'severity');
  const amount = from.amount.optional((each) => each.money(currency));
  if (amount === null && ['refund', 'credit', 'adjust'].includes(verb))
    from.amount.fault(`write the amount to ${verb}`, undefined);
  return {
    verb,
    invoice: from.invoice.text('first-open'),
    line: from.line.text('last/1'),
    amount,
    key: from.key.optional((each) => each.text()),
    adjust: from.adjust.flag(false),
    id: from.id.text('admin'),
    severity: from.severity.choice(HOLD_SEVERITIES, 'SUSPEND'),
  };
}

function readDunning(spec: Reader, { currency }: ManifestContext): DunningPolicy {
  const { minAmount, steps } = spec.fields('minAmount', 'steps');
  return {
    minAmount: minAmount.isPresent ? minAmount.money(currency) : 0n,
    steps: steps.list().map((each) => {
      const { after, actions, hold, requiresApproval } = each.fields('after', 'actions', 'hold', 'requiresApproval');
      return {
        after: after.duration(),
        actions: actions.texts(),
        hold: hold.optional((severity) => severity.choice(HOLD_SEVERITIES)),
        requiresApproval: requiresApproval.flag(false),
      };
    }),
  };
}

function readBudget(name: string, spec: Reader, { currency }: ManifestContext): Budget {
  const { amount, thresholds, user } = spec.fields('amount', 'thresholds', 'user');
  const whole = amount.money(currency);
  if (whole <= 0n) amount.fault('a budget is above 0', undefined);
  return {
    name,
    amount: whole,
    user: user.optional((each) => each.text()),
    thresholds: thresholds.list().map((each) => each.money(currency)),
  };
}

function readSeries(name: string, spec: Reader): Manifest {
  const { document, format, yearly } = spec.fields('document', 'format', 'yearly');
  const value = { name, format: format.text(), yearly: yearly.flag(true) };
  if (!value.format.includes('{n')) format.fault('the format must hold {n}', undefined);
  if (value.yearly && !value.format.includes('{year}')) format.fault('a yearly series must show {year}', undefined);
  return { kind: 'NumberSeries', document: document.choice(['invoice', 'creditNote']), value };
}

/** An amount with more digits than the currency is rounded once: that is what is charged for it, too. */
function readWallet(name: string, spec: Reader, { zone, currency }: ManifestContext): Manifest {
  const { amount, bucket, priority, expiresAt } = spec.fields('amount', 'bucket', 'priority', 'expiresAt');
  const value: Wallet = {
    name,
    bucket: bucket.choice(['PAID', 'PROMOTIONAL'], 'PAID'),
    priority: priority.integer({ min: 0, max: 1000, otherwise: 50 }),
    expiresAt: expiresAt.optional((end) => end.instant(zone)),
  };
  return { kind: 'Wallet', value, amount: moneyFrom(amount.decimal(), currency, 'HALF_UP') };
}
