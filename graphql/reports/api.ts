import type { ReportOutcome, ReportRequest } from '../../billing/report/run.ts';

/** What the API asks reports of. */
export interface ReportsApi {
  run(request: ReportRequest): Promise<ReportOutcome>;
}
