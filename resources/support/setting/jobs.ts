import { z } from 'zod';
import { property } from './property.ts';

/** What runs by itself beside requests, and what a pause of it means. None loses work: each goes on from where it stands written down. */
export const JOBS = {
  billing:
    'Usage, invoices, dunning and holds: the books of every account. Every day that was missed is booked as of that day.',
  collection: 'Charges, refunds and what gateways tell.',
  letters: 'Letters that leave. They wait in the order in which they were written.',
  sweeping: 'The search for leftovers at hosts and pools.',
  tidying: 'Forgetting sessions, tokens and keys that have run out.',
  reports: 'Scheduled reports. Every due time that was missed is written in order.',
  auditing: 'Linking the audit trail into its chain. Rows are written all the same.',
  reconciling:
    'Changes of machines, networks and volumes. What stands is looked at and reported, and nothing is touched.',
} as const;

export type Job = keyof typeof JOBS;

export const JOB_NAMES = Object.keys(JOBS) as Job[];

const jobs = { group: 'Maintenance' };

const pause = (what: string) =>
  property({
    ...jobs,
    description: `Pauses: ${what}`,
    schema: z.boolean(),
    unit: 'true or false',
    fallback: false,
  });

export const JOB_PROPERTIES = {
  'maintenance.mode': property({
    ...jobs,
    description: 'Pauses every job at once, and takes no registrations.',
    schema: z.boolean(),
    unit: 'true or false',
    fallback: false,
  }),
  'jobs.billing.paused': pause(JOBS.billing),
  'jobs.collection.paused': pause(JOBS.collection),
  'jobs.letters.paused': pause(JOBS.letters),
  'jobs.sweeping.paused': pause(JOBS.sweeping),
  'jobs.tidying.paused': pause(JOBS.tidying),
  'jobs.reports.paused': pause(JOBS.reports),
  'jobs.auditing.paused': pause(JOBS.auditing),
  'jobs.reconciling.paused': pause(JOBS.reconciling),
} as const;
