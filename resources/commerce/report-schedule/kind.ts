import { z } from 'zod';
import { isZone } from '../../../billing/calendar/zone.ts';
import { REPORT_NAMES, type ReportName } from '../../../billing/report/definitions.ts';
import { REPORT_FORMATS } from '../../../billing/report/report.ts';
import { scheduledProblems } from '../../../billing/report/schedule.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind, type SpecIssue } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { zoneName } from '../fields.ts';

const spec = z.object({
  report: z.enum(REPORT_NAMES).meta({ update: 'live' }).describe('Which report; `steward report` lists them.'),
  parameters: z
    .record(z.string().max(20), z.string().max(200))
    .default({})
    .meta({ update: 'live' })
    .describe('What it is asked, but for the days: those follow from the due time. `currency: EUR`, `top: "20"`.'),
  every: z
    .enum(['day', 'month'])
    .default('month')
    .meta({ update: 'live' })
    .describe('day: about the day before. month: on the first, about the month before.'),
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time such as 06:00')
    .default('06:00')
    .meta({ update: 'live' })
    .describe('Local time at which it is due.'),
  zone: zoneName().default('UTC').meta({ update: 'live' }).describe('IANA zone of the time and of its days.'),
  formats: z
    .array(z.enum(REPORT_FORMATS))
    .min(1)
    .max(4)
    .default(['csv'])
    .meta({ update: 'live' })
    .describe('What is attached to the letter.'),
  recipients: z
    .array(ref('User'))
    .min(1)
    .max(50)
    .meta({ update: 'live' })
    .describe('Who gets it, by e-mail: each is told what that user may ask for, and no more.'),
});

/** A report that comes by e-mail. */
export const ReportSchedule = defineKind({
  kind: 'ReportSchedule',
  plural: 'reportSchedules',
  group: 'commerce',
  scope: 'global',
  shortNames: [],
  description:
    'A report that comes by e-mail, once for each due time: what was missed while it was paused follows in order.',
  spec,
  status: z.object({}),
  conditions: [],
  columns: [
    { header: 'REPORT', value: (schedule) => cell(schedule.spec.report) },
    { header: 'EVERY', value: (schedule) => cell(schedule.spec.every) },
    { header: 'AT', value: (schedule) => `${schedule.spec.at} ${schedule.spec.zone}` },
    { header: 'TO', value: (schedule) => cell(schedule.spec.recipients) },
  ],
  check: ({ spec: { report, parameters, zone } }) => [...zoneIssues(zone), ...parameterIssues(report, parameters)],
  example: {
    apiVersion: 'steward/v1',
    kind: 'ReportSchedule',
    metadata: { name: 'monthly-revenue' },
    spec: {
      report: 'revenue',
      parameters: { currency: 'EUR' },
      every: 'month',
      at: '06:00',
      zone: 'Europe/Berlin',
      formats: ['csv', 'pdf'],
      recipients: ['anna'],
    },
  },
});

function zoneIssues(zone: string): SpecIssue[] {
  return isZone(zone)
    ? []
    : [{ path: '/zone', message: `is "${zone}", which is no time zone: write one such as Europe/Berlin.` }];
}

function parameterIssues(report: ReportName, parameters: Readonly<Record<string, string>>): SpecIssue[] {
  return scheduledProblems(report, parameters).map(({ parameter, message }) => ({
    path: `/parameters/${parameter.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    message,
  }));
}
