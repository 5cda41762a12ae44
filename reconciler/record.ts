import type { z } from 'zod';
import type { Reason } from './json.ts';

/** Says a reason of a kind in words. */
export type Words = (kind: string, reason: Reason) => string;

/**
 * One definition of a kind of append-only fact: its GraphQL type, its lists (of all, and of one object), and how long it is kept derive
 * from it. Every row also has `at`, `uid`, `kind`, `name` and `project`.
 */
export interface RecordType {
  /** PascalCase singular, e.g. `AuditEntry`. */
  record: string;
  /** Name of the list of all: `events`. */
  plural: string;
  /** Name of the list below one object: `events`, `auditTrail`. */
  field: string;
  /** The store's reader. */
  reader: 'events' | 'steps' | 'audit' | 'journal';
  description: string;
  fields: z.ZodObject;
  /** Fields that are not a member of the row by that name. */
  views: Readonly<Record<string, (row: never, words: Words) => unknown>>;
  /** Days kept unless a setting says otherwise. */
  retentionDays: number;
}

/** Checks the views against the row's type, and erases it for the registry. */
export function defineRecord<Row>(
  record: Omit<RecordType, 'views'> & { views: Readonly<Record<string, (row: Row, words: Words) => unknown>> },
): RecordType {
  return Object.freeze(record as RecordType);
}
