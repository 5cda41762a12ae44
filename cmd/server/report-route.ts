import type { IncomingMessage, ServerResponse } from 'node:http';
import { REPORTS, type ReportName } from '../../billing/report/definitions.ts';
import { REPORT_FORMATS } from '../../billing/report/report.ts';
import { reportReach } from '../../graphql/reports/access.ts';
import type { ReportsApi } from '../../graphql/reports/api.ts';
import { allows as allowsMethod, refuse } from '../../graphql/rest/answer.ts';
import { credentialsOf } from '../../identity/credentials.ts';
import { type FormattedReport, reportIn } from '../../integrations/reports/formats.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import { withAccess } from '../../reconciler/admission/permissions.ts';
import { accessOf } from '../../reconciler/principal.ts';
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
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (!url.pathname.startsWith(PATH)) return false;
    if (!allowsMethod(request, response, ['GET', 'HEAD'])) return true;
    const answer = await answerTo(request, url, parts);
    if ('error' in answer) {
      if (answer.status === 401) response.setHeader('www-authenticate', 'Bearer');
      refuse(request, response, answer);
    } else send(response, answer);
    return true;
  };
}

interface Refused {
  status: number;
  error: string;
}

async function answerTo(
  request: IncomingMessage,
  url: URL,
  { authenticate, admission, reports }: ReportRouteParts,
): Promise<(FormattedReport & { name: string }) | Refused> {
  const principal = await authenticate(credentialsOf(request));
  if (principal === null) return { status: 401, error: 'A token is needed: send "Authorization: Bearer …".' };
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

function send(response: ServerResponse, { content, mediaType, name }: FormattedReport & { name: string }): void {
  response.writeHead(200, {
    'content-type': mediaType,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'private, no-store',
  });
  response.end(content);
}
