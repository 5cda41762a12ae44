import { z } from 'zod';
import { RISKS } from './plan.ts';
import { defineRecord, type RecordType } from './record.ts';
import type { AuditRow, EventRow, JournalRow, StepRow } from './store.ts';

const json = () => z.unknown();
const changes = () => z.array(z.object({ path: z.string(), from: json(), to: json() })).meta({ widget: 'changes' });
const inWords = {
  reason: z.string().describe('A stable code.'),
  params: json(),
  message: z.string().describe('The reason in words.'),
};
const generation = () => z.int().max(2_147_483_647);

const Event = defineRecord<EventRow>({
  record: 'Event',
  plural: 'events',
  field: 'events',
  reader: 'events',
  description: 'Something that happened to an object and that people may want to know.',
  fields: z.object({ type: z.string(), actor: z.string(), ...inWords }),
  views: {
    reason: (row) => row.reason.code,
    params: (row) => row.reason.params,
    message: (row, words) => words(row.kind, row.reason),
  },
  retentionDays: 90,
});

const Step = defineRecord<StepRow>({
  record: 'Step',
  plural: 'steps',
  field: 'steps',
  reader: 'steps',
  description: 'Something done in the world for an object, or foreseen.',
  fields: z.object({
    verb: z.string(),
    args: json(),
    risk: z.enum(RISKS),
    place: z.string().nullable(),
    changes: changes(),
    durationMs: z.number(),
    ok: z.boolean(),
    error: z.string().nullable(),
    reconcileId: z.string(),
    generation: generation(),
    ...inWords,
  }),
  views: {
    ok: (row) => row.result.ok,
    error: (row, words) => (row.result.ok ? null : words(row.kind, row.result.reason)),
    reason: (row) => row.why.code,
    params: (row) => row.why.params,
    message: (row, words) => words(row.kind, row.why),
  },
  retentionDays: 90,
});

const AuditEntry = defineRecord<AuditRow>({
  record: 'AuditEntry',
  plural: 'audit',
  field: 'auditTrail',
  reader: 'audit',
  description: 'Who wrote what, and for whom.',
  fields: z.object({
    actor: z.string(),
    onBehalfOf: z.string().nullable(),
    from: z.string().describe('Where the request came from.'),
    requestId: z.string(),
    op: z.string(),
    generation: generation(),
    changes: changes(),
  }),
  views: {},
  retentionDays: 400,
});

const JournalEntry = defineRecord<JournalRow>({
  record: 'JournalEntry',
  plural: 'journal',
  field: 'journal',
  reader: 'journal',
  description: 'A level that billing may charge, from when it was observed to have changed.',
  fields: z.object({
    seq: generation(),
    meter: z.string(),
    level: z.int(),
    attributes: json(),
    runId: z.string().nullable(),
  }),
  views: {},
  retentionDays: 800,
});

/** Every sort of fact that the engine writes. */
export const RECORDS = { Event, Step, AuditEntry, JournalEntry } satisfies Record<string, RecordType>;
