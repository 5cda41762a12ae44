import { runReport } from '../../billing/report/run.ts';
import type { ReportsApi } from '../../graphql/reports/api.ts';
import { reportWishes } from './report-wishes.ts';
import type { Storage } from './storage.ts';

/** Reports over what the installation keeps. */
export function openReports({ store, reportFacts }: Pick<Storage, 'store' | 'reportFacts'>): ReportsApi {
  const world = { facts: reportFacts, wishes: reportWishes(store) };
  return { run: (request) => runReport(world, request) };
}
