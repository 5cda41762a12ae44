import type { Write } from '../reconciler/store.ts';
import type { Refusal } from './stage-writes.ts';

/** The constraint that every quota is held by. */
const CONSTRAINT = 'quota_held';
/** As PostgreSQL shows the row that broke it: (scope, resource, wished, ceiling, used). */
const ROW = /\(([a-z]+)\/([^,]+), ([^,]+), (\d+), \d+, (\d+)\)/;

/** What a broken constraint means, when it is a quota's; null when the error is another. */
export function quotaRefusal(error: unknown, writes: readonly Write[]): Refusal | null {
  const { constraint, detail } = (error ?? {}) as { constraint?: unknown; detail?: unknown };
  if (constraint !== CONSTRAINT) return null;
  const [, sort, subject, resource = '', limit] = ROW.exec(String(detail)) ?? [];
  const first = writes.findIndex(({ object }) => (object.metadata.amounts?.[resource] ?? 0) > 0);
  return {
    ok: false,
    index: Math.max(0, first),
    failure: 'quota',
    detail: `The quota of ${limit} ${resource} of ${sort} ${subject} has no room for this.`,
  };
}
