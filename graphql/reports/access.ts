import type { ReportDefinition } from '../../billing/report/report.ts';
import type { Access } from '../../reconciler/access/access.ts';
import { visible } from '../../reconciler/access/filter.ts';

const REPORT = { kind: 'Report', scope: 'global' } as const;

/**
 * Pure: which accounts a report may tell this caller of; null: all, undefined: it is not theirs to ask. What sets customers beside each
 * other is for the provider's own people, all of it or that of their channel.
 */
export function reportReach(
  access: Access,
  { audience }: Pick<ReportDefinition, 'audience'>,
): readonly string[] | null | undefined {
  const statements =
    audience === 'provider' ? access.statements.filter(({ side }) => side === 'provider') : access.statements;
  const filter = visible({ ...access, statements }, REPORT);
  if (filter === null) return null;
  const accounts = filter.flatMap(({ accounts: named, createdBy, labels }) =>
    createdBy === undefined && labels === undefined ? (named ?? []) : [],
  );
  return accounts.length === 0 ? undefined : [...new Set(accounts)];
}
