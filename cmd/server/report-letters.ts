import { REPORTS, type ReportName } from '../../billing/report/definitions.ts';
import type { ReportFormat } from '../../billing/report/report.ts';
import { type DueRun, dueRuns, parametersOf, type ScheduleRule } from '../../billing/report/schedule.ts';
import { reportReach } from '../../graphql/reports/access.ts';
import type { ReportsApi } from '../../graphql/reports/api.ts';
import type { Letters } from '../../identity/letters.ts';
import { reportIn } from '../../integrations/reports/formats.ts';
import type { Delivery } from '../../letters/delivery.ts';
import type { Attachment } from '../../letters/mailer.ts';
import type { Rights } from '../../reconciler/access/rights.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all } from './books-wishes.ts';
import { systemClock } from './environment.ts';

const LOOK_EVERY_MS = 10_000;
/** Due times of one schedule in one round; the others follow in the next. */
const RUNS_MAX = 10;

export interface ReportLetterParts {
  store: Pick<ObjectStore, 'list' | 'getByKey' | 'getValue' | 'setValue'>;
  letters: Letters;
  now(): Promise<number>;
  mine(): boolean;
  paused(): boolean;
  onError(error: unknown): void;
}

interface ScheduleSpec extends ScheduleRule {
  report: ReportName;
  parameters: Record<string, string>;
  formats: ReportFormat[];
  recipients: string[];
}

/** Writes a letter for every schedule and due time, until stopped. */
export async function keepReporting(parts: ReportLetterParts, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    if (parts.mine() && !parts.paused()) await writeDue(parts).catch(parts.onError);
    await systemClock.sleep(LOOK_EVERY_MS, stop);
  }
}

/**
 * One round: every missed due time of every schedule, oldest first. A letter is one row for a due time and an address, so that instances
 * that write at the same time, or one that ended between the letter and the note of it, write one all the same.
 */
export async function writeDue(parts: Pick<ReportLetterParts, 'store' | 'letters' | 'now'>): Promise<void> {
  const now = await parts.now();
  for (const schedule of await all(parts.store, 'ReportSchedule'))
    if (schedule.metadata.deletedAt === null && !isPaused(schedule, now)) await writeSchedule(parts, schedule, now);
}

function isPaused({ metadata: { overrides } }: StoredObject, now: number): boolean {
  const { paused } = overrides;
  return paused !== undefined && (paused.until === null || Date.parse(paused.until) > now);
}

async function writeSchedule(
  { store, letters }: Pick<ReportLetterParts, 'store' | 'letters'>,
  schedule: StoredObject,
  now: number,
): Promise<void> {
  const { uid, createdAt } = schedule.metadata;
  const name = `report-schedule/${uid}`;
  const known = (await store.getValue(name))?.doneUntil;
  const after = typeof known === 'number' ? known : Date.parse(createdAt);
  const spec = schedule.spec as unknown as ScheduleSpec;
  const runs = dueRuns(spec, { after, until: now }).slice(0, RUNS_MAX);
  for (const run of runs) {
    const users = await store.getByKey(spec.recipients.map((user) => ({ kind: 'User', project: null, name: user })));
    for (const user of users) if (user !== undefined) await writeLetter(letters, { schedule, spec, run, user });
    await store.setValue(name, { doneUntil: run.at });
  }
}

async function writeLetter(
  letters: Letters,
  of: { schedule: StoredObject; spec: ScheduleSpec; run: DueRun; user: StoredObject },
): Promise<void> {
  const { schedule, spec, run, user } = of;
  const { email, locale } = user.spec;
  if (typeof email !== 'string') return;
  await letters.send({
    event: `report/${schedule.metadata.uid}/${run.at}`,
    recipient: email,
    template: 'Report',
    params: {
      report: REPORTS[spec.report].title,
      schedule: schedule.metadata.name,
      from: run.from,
      to: run.to,
      user: user.metadata.name,
      name: spec.report,
      formats: spec.formats.join(' '),
      parameters: JSON.stringify(parametersOf(spec.report, { given: spec.parameters, zone: spec.zone, run })),
      ...(typeof locale === 'string' ? { locale } : {}),
    },
  });
}

/** The reports that letters bring: of what their reader may be told when they leave. */
export function enclosures({
  reports,
  rights,
}: {
  reports: ReportsApi;
  rights: Rights;
}): NonNullable<Delivery['enclosed']> {
  return async ({ template, params }) => {
    if (template !== 'Report') return { attachments: [] };
    const { name = '', user = '', formats = '', parameters = '{}', to = '' } = params;
    if (!isReport(name)) return { problem: `There is no report ${name} any more.` };
    const accounts = reportReach(await rights.of(principalOf(user)), REPORTS[name]);
    if (accounts === undefined) return { problem: `${user} may not read the report ${name}.` };
    const outcome = await reports.run({
      name,
      accounts,
      parameters: JSON.parse(parameters) as Record<string, unknown>,
    });
    if (!outcome.ok) return { problem: outcome.problems.join(' ') };
    const attachments: Attachment[] = [];
    for (const format of formats.split(' ') as ReportFormat[]) {
      const { content, mediaType, extension } = await reportIn(format, outcome.report);
      attachments.push({ name: `${name}-${to}.${extension}`, mediaType, content });
    }
    return { attachments };
  };
}

function isReport(name: string): name is ReportName {
  return Object.hasOwn(REPORTS, name);
}

/** The reader, as if asking for it. */
function principalOf(user: string) {
  const authentication = { user, scopes: null, session: null, provedAt: 0, secondFactorAt: null };
  return { actor: `user:${user}`, onBehalfOf: null, from: 'reports', requestId: 'reports', authentication };
}
