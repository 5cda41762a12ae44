import { REPORTS, type ReportName } from '../../billing/report/definitions.ts';
import { REPORT_FORMATS } from '../../billing/report/report.ts';
import { reportReach } from '../../graphql/reports/access.ts';
import type { ReportsApi } from '../../graphql/reports/api.ts';
import { reportIn } from '../../integrations/reports/formats.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf, type Principal } from '../../reconciler/principal.ts';
import { type Download, downloadRoute, type Refused } from './download-route.ts';
import type { Handler } from './http.ts';
import type { Authenticate } from './identity.ts';

export interface ReportRouteParts {
  authenticate: Authenticate;
  admission: Admission;
  reports: ReportsApi;
}

const PATH = '/reports/';

/** `GET /reports/NAME?format=csv&from=…`: a whole report for those who may read it, each time anew. */
export function reportRoute(parts: ReportRouteParts): Handler {
  return downloadRoute({
    prefix: PATH,
    authenticate: parts.authenticate,
    answer: (url, principal) => answerTo(parts, url, principal),
  });
}

async function answerTo(
  { admission, reports }: ReportRouteParts,
  url: URL,
  principal: Principal,
): Promise<Download | Refused> {
  const name = url.pathname.slice(PATH.length);
  if (!isReport(name)) return { status: 404, error: `There are the reports ${Object.keys(REPORTS).join(', ')}.` };
  const accounts = reportReach(accessOf(await withAccess(admission, principal)), REPORTS[name]);
  if (accounts === undefined) return { status: 403, error: 'Your roles do not allow this.' };
  const { format: wanted = 'csv', ...parameters } = Object.fromEntries(url.searchParams);
  const format = REPORT_FORMATS.find((each) => each === wanted);
  if (format === undefined) return { status: 400, error: `format is one of ${REPORT_FORMATS.join(', ')}.` };
  const outcome = await reports.run({ name, parameters, accounts });
  if (!outcome.ok) return { status: 400, error: outcome.problems.join(' ') };
  const formatted = await reportIn(format, outcome.report);
  return { ...formatted, name: `${name}-${outcome.report.asOf.slice(0, 10)}.${formatted.extension}` };
}

function isReport(name: string): name is ReportName {
  return Object.hasOwn(REPORTS, name);
}
