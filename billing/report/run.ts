import { dayFrom, dayInMonth, dayNumber, monthNumber } from '../calendar/civil.ts';
import type { Instant } from '../calendar/interval.ts';
import { dayOf, isZone, startOfDay } from '../calendar/zone.ts';
import { assemble } from './assemble.ts';
import { REPORTS, type ReportName } from './definitions.ts';
import { FACT_ROWS_MAX, type FactQuery, type FactRow, type ReportFacts } from './facts.ts';
import { conversionsInto, joinRates } from './rates.ts';
import type { Report, ReportDefinition } from './report.ts';
import { budgetFacts, namedProducts, type ReportWishes } from './wishes.ts';

export interface ReportWorld {
  facts: ReportFacts;
  wishes: ReportWishes;
}

export interface ReportRequest {
  /** Of one of `REPORTS`. */
  name: ReportName;
  /** As they came: texts and numbers. */
  parameters: Readonly<Record<string, unknown>>;
  /** Accounts that may be told of; null: all. */
  accounts: readonly string[] | null;
}

export type ReportOutcome =
  | { ok: true; report: Report }
  /** What is wrong with the parameters, each as a sentence. */
  | { ok: false; problems: string[] };

/** One report, whole: at most `FACT_ROWS_MAX` facts of it. */
export async function runReport(world: ReportWorld, request: ReportRequest): Promise<ReportOutcome> {
  const definition: ReportDefinition = REPORTS[request.name];
  const now = await world.facts.now();
  const read = readParameters(definition, request, now);
  if (!read.ok) return read;
  const { given, span } = read;
  const target = text(given.currency);
  const wished = target === null ? [] : (await world.wishes.rates()).filter(({ from }) => from <= span.asOf);
  const known = target === null ? [] : joinRates(await world.facts.publish(target, wished), wished);
  const { spans, used } = conversionsInto(target ?? '', known);
  const account = text(given.account);
  const query: FactQuery = {
    ...span,
    accounts: account === null ? request.accounts : [account],
    channel: text(given.channel),
    rates: spans,
  };
  const facts = await factsFor(world, request.name, query);
  const report = assemble(definition, facts.slice(0, FACT_ROWS_MAX), {
    parameters: printed(given, span.days),
    asOf: new Date(span.asOf).toISOString(),
    currency: target,
    rates: used,
    top: typeof given.top === 'number' ? given.top : null,
    cut: facts.length >= FACT_ROWS_MAX,
  });
  return { ok: true, report };
}

async function factsFor({ facts, wishes }: ReportWorld, name: ReportName, query: FactQuery): Promise<FactRow[]> {
  const found = await facts.read(name, query);
  if (name === 'customer-activity') return namedProducts(found, await wishes.products());
  if (name !== 'spend-versus-budget') return found;
  const budgets = await wishes.budgets(query.accounts);
  return budgetFacts(
    budgets.filter(({ channel }) => query.channel === null || channel === query.channel),
    found,
  );
}

type Given = Readonly<Record<string, unknown>>;

interface Span extends Pick<FactQuery, 'from' | 'to' | 'asOf' | 'zone'> {
  days: Readonly<Record<string, string>>;
}

type Read = { ok: true; given: Given; span: Span } | { ok: false; problems: string[] };

function readParameters(definition: ReportDefinition, request: ReportRequest, now: Instant): Read {
  const parsed = definition.parameters.strict().safeParse(request.parameters);
  if (!parsed.success)
    return { ok: false, problems: parsed.error.issues.map((issue) => problemOf(issue, request.parameters)) };
  const given = parsed.data as Given;
  const problems = [...zoneProblems(given), ...timeProblems(given, now), ...accountProblems(given, request)];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, given, span: spanOf(definition, given, now) };
}

function problemOf(
  { path, message, ...issue }: { path: PropertyKey[]; message: string; code: string; keys?: string[] },
  given: Given,
): string {
  if (issue.code === 'unrecognized_keys') return `There is no parameter ${issue.keys?.join(', ')} here.`;
  const name = String(path[0] ?? '');
  const value = given[name];
  if (value === undefined) return `${name} is missing: give one.`;
  return `${name} is "${String(value).slice(0, 100)}", which it cannot be: ${message}.`;
}

function zoneProblems({ zone }: Given): string[] {
  return typeof zone === 'string' && !isZone(zone)
    ? [`zone is "${zone}", which is no time zone: write one such as Europe/Berlin.`]
    : [];
}

function timeProblems({ from, to, asOf }: Given, now: Instant): string[] {
  const days = [from, to].filter((day): day is string => typeof day === 'string');
  return [
    ...days
      .filter((day) => dayFrom(dayNumber(day)) !== day)
      .map((day) => `${day} is no day of the calendar: write one that is.`),
    ...(typeof from === 'string' && typeof to === 'string' && to < from
      ? [`to is ${to}, before ${from}: write a day from then on.`]
      : []),
    ...(typeof asOf === 'string' && !(Date.parse(asOf) <= now)
      ? [`asOf is ${asOf}, which is not over yet: leave it out, or write an earlier instant.`]
      : []),
  ];
}

/** Whether there is such an account is nobody's business who may not read it. */
function accountProblems({ account }: Given, { accounts }: ReportRequest): string[] {
  return typeof account === 'string' && accounts !== null && !accounts.includes(account)
    ? [`There is no account "${account}".`]
    : [];
}

function spanOf({ parameters }: ReportDefinition, given: Given, now: Instant): Span {
  const zone = text(given.zone) ?? 'UTC';
  const asOf = typeof given.asOf === 'string' ? Date.parse(given.asOf) : now;
  const known = Object.keys(parameters.shape);
  const today = dayOf(asOf, zone);
  const first = known.includes('month') ? `${text(given.month) ?? today.slice(0, 7)}-01` : text(given.from);
  const byMonth = known.includes('month') || parameters.shape.from?.meta()?.span === 'month';
  if (!known.includes('from') && !byMonth) return { from: 0, to: asOf + 1, asOf, zone, days: {} };
  const from = first ?? (byMonth ? `${(text(given.to) ?? today).slice(0, 7)}-01` : null);
  const to = text(given.to) ?? (byMonth ? lastOfMonth(from ?? today) : today);
  return {
    from: from === null ? 0 : startOfDay(from, zone),
    to: Math.min(startOfDay(dayFrom(dayNumber(to) + 1), zone), asOf + 1),
    asOf,
    zone,
    days: { ...(from === null ? {} : { from }), to },
  };
}

function lastOfMonth(day: string): string {
  return dayInMonth(monthNumber(day), 31);
}

function printed(given: Given, days: Readonly<Record<string, string>>): Record<string, string> {
  const shown = Object.entries(given).filter(([name, value]) => value !== undefined && name !== 'asOf');
  return { ...Object.fromEntries(shown.map(([name, value]) => [name, String(value)])), ...days };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
