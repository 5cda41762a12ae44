import type { z } from 'zod';

/** An append-only fact. API, CLI, access, export and retention derive from this one definition, as a kind's do from its own. */
export interface RecordType {
  /** PascalCase singular, e.g. `AuditEntry`. */
  record: string;
  plural: string;
  description: string;
  fields: z.ZodObject;
  /** Fields by which a reader may filter. */
  filters: readonly string[];
  /** Days kept; null for ever. */
  retentionDays: number | null;
  columns: readonly { header: string; value(row: Record<string, unknown>): string | number | undefined }[];
}

export function defineRecord(record: RecordType): RecordType {
  return Object.freeze(record);
}
