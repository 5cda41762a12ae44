import type { Instant } from '../calendar/interval.ts';

/** Days since an invoice was due. Each begins where the one before ends. */
export const AGEING_COLUMNS = [
  { name: 'notDue', title: 'Not due yet', fromDays: null },
  { name: 'days0', title: '0–30 days', fromDays: 0 },
  { name: 'days31', title: '31–60 days', fromDays: 31 },
  { name: 'days61', title: '61–90 days', fromDays: 61 },
  { name: 'days91', title: 'Over 90 days', fromDays: 91 },
] as const;

const DAY_MS = 86_400_000;

/** Which column an open invoice belongs to. */
export function ageingColumn(dueAt: Instant, asOf: Instant): (typeof AGEING_COLUMNS)[number]['name'] {
  if (dueAt > asOf) return 'notDue';
  const days = Math.floor((asOf - dueAt) / DAY_MS);
  return AGEING_COLUMNS.findLast(({ fromDays }) => fromDays !== null && fromDays <= days)?.name ?? 'days0';
}

export function ageingTotal(cell: (name: string) => bigint): bigint {
  return AGEING_COLUMNS.reduce((sum, { name }) => sum + cell(name), 0n);
}
