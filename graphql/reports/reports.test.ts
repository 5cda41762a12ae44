import { describe, expect, it } from '@jest/globals';
import { REPORT_NAMES, REPORTS } from '../../billing/report/definitions.ts';
import type { ReportRequest } from '../../billing/report/run.ts';
import { NOTHING, type Reach } from '../../reconciler/access/access.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { createTenants, ME } from '../../test/fixtures/tenants.ts';
import { reportReach } from './access.ts';

const ROWS = 5;

/** A cloud whose reports only say what they were asked. */
function cloud(roles: JsonObject[]) {
  const asked: ReportRequest[] = [];
  const tenants = createTenants(roles);
  Object.assign(tenants.api, {
    reports: {
      run: async (request: ReportRequest) => {
        asked.push(request);
        const { title, row, chart } = REPORTS[request.name];
        const rows = Array.from({ length: ROWS }, (_, index) => ({ currency: null, cells: [`${index}`] }));
        const report = {
          name: request.name,
          title,
          row,
          chart,
          asOf: '2026-01-01T00:00:00.000Z',
          parameters: {},
          rows,
        };
        return { ok: true, report: { ...report, columns: [], totals: [], notes: [] } };
      },
    },
  });
  const ask = (name: string, parameters: object = {}) =>
    tenants.as(ME)(
      'query ($name: ReportName!, $parameters: ReportParametersInput) { report(name: $name, parameters: $parameters) { asOf } }',
      { name: name.replaceAll('-', '_').toUpperCase(), parameters },
    );
  return { asked, tenants, ask };
}

describe('reports in the API', () => {
  it.each(REPORT_NAMES)('%s tells a customer of the own account, or of nothing', async (name) => {
    const { asked, ask } = cloud([{ role: 'billing-admin' }]);
    const { errors } = await ask(name);
    const isTheirs = REPORTS[name].audience === 'customer';
    expect(errors.map(({ message }) => message)).toEqual(isTheirs ? [] : ['user:me may not ask for this report.']);
    expect(asked.map(({ accounts }) => accounts)).toEqual(isTheirs ? [['acme']] : []);
  });

  it.each(['power-user', 'user'])('are not for a %s', async (role) => {
    const { asked, ask } = cloud([{ role }]);
    for (const name of REPORT_NAMES) expect((await ask(name)).errors).toHaveLength(1);
    expect(asked).toEqual([]);
  });

  it('tell who reports for the provider of everybody', async () => {
    const { asked, ask } = cloud([{ role: 'finance-admin' }]);
    for (const name of REPORT_NAMES) expect((await ask(name)).errors).toEqual([]);
    expect(asked.map(({ accounts }) => accounts)).toEqual(REPORT_NAMES.map(() => null));
    expect((await cloud([{ role: 'help-desk' }]).ask('revenue')).errors).toHaveLength(1);
  });

  it('come page by page, each as of the first', async () => {
    const { asked, tenants } = cloud([{ role: 'finance-admin' }]);
    const page = (after?: string) =>
      tenants.as(ME)(
        'query ($after: String) { report(name: TAX, first: 2, after: $after) { rows { cells } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
    const seen: string[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < 4; pages += 1) {
      const { data, errors } = await page(after);
      expect(errors).toEqual([]);
      seen.push(...data.report.rows.map(({ cells }: { cells: string[] }) => cells[0]));
      if (!data.report.pageInfo.hasNextPage) break;
      after = data.report.pageInfo.endCursor;
    }
    expect(seen).toEqual(['0', '1', '2', '3', '4']);
    expect(asked.map(({ parameters }) => parameters.asOf)).toEqual([
      undefined,
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
    ]);
    expect((await page('nonsense')).errors[0]?.message).toMatch(/nonsense/);
  });

  it('are described with what they take', async () => {
    const { tenants } = cloud([{ role: 'user' }]);
    const { data } = await tenants.as(ME)('{ reports { name parameters } }');
    expect(data.reports).toHaveLength(REPORT_NAMES.length);
    expect(data.reports.find(({ name }: { name: string }) => name === 'TAX').parameters.properties).toHaveProperty(
      'currency',
    );
  });

  it('tell the people of a channel of its accounts, and a customer never of others beside the own', () => {
    const reach: Reach = { kind: 'some', accounts: ['acme', 'apex'], projects: [], own: null };
    const access = (side: string) => ({
      ...NOTHING,
      statements: [{ role: 'r', side, reach, rule: { verbs: ['get'], kinds: ['Report'], scope: 'channel' } as const }],
    });
    expect(reportReach(access('provider'), REPORTS['top-customers'])).toEqual(['acme', 'apex']);
    expect(reportReach(access('customer'), REPORTS['top-customers'])).toBeUndefined();
    expect(reportReach(access('customer'), REPORTS['usage-per-product'])).toEqual(['acme', 'apex']);
    expect(reportReach(NOTHING, REPORTS.tax)).toBeUndefined();
  });
});
