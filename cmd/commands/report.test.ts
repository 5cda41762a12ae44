import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from '../exit-codes.ts';
import { firstInvoice, startInstallation } from '../fixtures/running.ts';
import { SHOP } from '../fixtures/shop.ts';

// Every line of these stories starts a process.
jest.setTimeout(180_000);

const SOLD = `${SHOP}---
kind: ExchangeRate
metadata: {name: eur-usd}
spec: {base: EUR, quote: USD, revisions: [{from: "2020-01-01", rate: "1.25"}]}
`;

describe('steward report', () => {
  let at: Awaited<ReturnType<typeof startInstallation>>;
  const report = (...args: string[]) => at.steward(['report', ...args]);
  beforeAll(async () => {
    at = await startInstallation();
    at.write('shop.yaml', SOLD);
    expect(await at.steward(['apply', '-f', 'shop.yaml'])).toMatchObject({ code: EXIT.ok });
    await firstInvoice(at, 'shop');
  });
  afterAll(async () => {
    expect(at.errors).toEqual([]);
    await at.close();
  });

  it('says what was sold, in a currency at its rate, as a table, as data and as pictures', async () => {
    const table = await report('top-customers', '--currency', 'USD');
    expect([table.code, table.err]).toEqual([EXIT.ok, '']);
    expect(table.out).toMatch(/^Top customers, as of 20/);
    expect(table.out).toMatch(/\nshop +direct +USD +1 +37\.50 +1 EUR = 1\.25 USD \(2020-01-01\)\n/);
    const data = JSON.parse((await report('revenue', '-o', 'json')).out);
    expect(data.rows).toEqual([
      expect.objectContaining({
        channel: 'direct',
        currency: 'EUR',
        net: '30.00',
        recognised: '30.00',
        total: '30.00',
      }),
    ]);
    expect((await report('usage-per-bundle', '-o', 'csv')).out).toBe(
      'bundle,currency,subscriptions,amount,rates\r\nstarter,EUR,1,30.00,\r\n',
    );
    expect((await report('revenue', '-o', 'svg')).out).toContain('<desc id="description">');
    const pdf = await report('receivables-ageing', '-o', 'pdf', '--file', 'owed.pdf');
    expect(pdf).toMatchObject({ code: EXIT.ok, err: expect.stringContaining('owed.pdf written, ') });
    expect(readFileSync(join(at.folder, 'owed.pdf'), 'latin1')).toMatch(/^%PDF-1\./);
    expect((await report('top-customers', '-o', 'png')).err).toContain('top-customers.png written, ');
  });

  it('lists what there is, and says what is wrong with a question', async () => {
    expect((await report()).out).toMatch(/^REPORT +WHAT IT SAYS\nnew-customer-registrations /);
    expect(await report('weather')).toMatchObject({
      code: EXIT.notFound,
      err: expect.stringContaining('There are the reports new-customer-registrations,'),
    });
    expect(await report('tax', '--from', 'yesterday', '--top', '3')).toMatchObject({
      code: EXIT.usage,
      err: expect.stringMatching(/from is "yesterday".*a day such as 2026-01-31.*There is no parameter top here/),
    });
    const refused = await fetch(`${at.server.url}/reports/tax`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('is scheduled only as it can be asked', async () => {
    const spec = { report: 'tax', parameters: { top: '3', from: '2026-01-01' }, recipients: ['nobody'] };
    at.write('schedule.yaml', JSON.stringify({ kind: 'ReportSchedule', metadata: { name: 'taxes' }, spec }));
    const applied = await at.steward(['apply', '-f', 'schedule.yaml']);
    expect(applied.code).not.toBe(EXIT.ok);
    expect(applied.err + applied.out).toContain('is nothing that tax takes: leave it out.');
    expect(applied.err + applied.out).toContain('follows from the due time: leave it out.');
  });
});
