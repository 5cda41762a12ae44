import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { lettersByOutbox } from '../../identity/letters.ts';
import { createDatabase } from '../../postgres/database.ts';
import { createOutbox } from '../../postgres/identity/outbox.ts';
import { createReportFacts } from '../../postgres/reports/facts.ts';
import { NOTHING } from '../../reconciler/access/access.ts';
import type { Rights } from '../../reconciler/access/rights.ts';
import { overrideField } from '../../reconciler/admission/change.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';
import { enclosures, writeDue } from './report-letters.ts';
import { openReports } from './reports.ts';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;

describe('scheduled reports', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  let now: number;
  beforeAll(async () => {
    cloud = await booksOnPostgres();
    await cloud.apply([
      ...SHOP,
      ...['anna', 'ben'].map((name) => ({
        kind: 'User',
        name,
        spec: { displayName: name, email: `${name}@cloud.example`, account: 'acme' },
      })),
      {
        kind: 'ReportSchedule',
        name: 'daily',
        spec: { report: 'usage-per-product', every: 'day', formats: ['csv', 'json'], recipients: ['anna', 'ben'] },
      },
    ]);
    await cloud.settle();
    now = await cloud.books.now();
  });
  afterAll(async () => {
    await cloud.close();
  });

  const parts = () => ({
    store: cloud.store,
    now: async () => now,
    letters: lettersByOutbox(createOutbox(createDatabase(cloud.pool)), {
      seal: (plain) => plain,
      blindIndex: (plain) => plain,
      now: () => now,
      uid: () => `letter-${Math.random()}`,
    }),
  });
  const written = async () => {
    const rows = await cloud.rows('select recipient, params from identity_letters order by event, recipient');
    return rows.map(({ recipient, params }) => `${recipient} ${JSON.parse(params).from}`);
  };
  const daysBefore = (...days: number[]) =>
    days.flatMap((day) =>
      ['anna', 'ben'].map((name) => `${name}@cloud.example ${new Date(now - day * DAY_MS).toISOString().slice(0, 10)}`),
    );

  it('are one letter for each due time and reader, however many instances write them, and though a note is lost', async () => {
    const begun = now;
    // The end of a day, so that what was due by then does not depend on the hour of the test.
    now = Date.parse(`${new Date(begun + 3 * DAY_MS).toISOString().slice(0, 10)}T23:00:00Z`);
    await Promise.all([writeDue(parts()), writeDue(parts()), writeDue(parts())]);
    const expected = (await written()).filter((line) => daysBefore(1, 2, 3, 4).includes(line));
    expect(await written()).toEqual(expected);
    expect(expected).toEqual(expect.arrayContaining(daysBefore(1, 2, 3)));
    await cloud.pool.query(`delete from named_values where name like 'report-schedule/%'`);
    await writeDue(parts());
    expect(await written()).toEqual(expected);
  });

  it('wait while they are paused, and follow day by day afterwards', async () => {
    const before = (await written()).length;
    const override = (value: true | undefined, until: number | null = null) =>
      overrideField(cloud.admission, {
        keys: [{ kind: 'ReportSchedule', project: null, name: 'daily' }],
        principal: ANNA,
        name: 'paused',
        value,
        until,
      });
    await override(true);
    now += 3 * DAY_MS;
    await writeDue(parts());
    expect(await written()).toHaveLength(before);
    await override(undefined);
    await override(true, now - 1);
    await writeDue(parts());
    expect((await written()).slice(before)).toEqual(daysBefore(3, 2, 1));
    await writeDue(parts());
    expect(await written()).toHaveLength(before + 6);
  });

  it('bring what their reader may ask for, and nothing to who may not', async () => {
    const reports = openReports({ store: cloud.store, reportFacts: createReportFacts(createDatabase(cloud.pool)) });
    const rows = await cloud.rows('select recipient, template, params from identity_letters limit 1');
    const [letter] = rows.map(({ params, ...row }) => ({ ...row, id: 'l', attempts: 0, params: JSON.parse(params) }));
    letter.params.parameters = JSON.stringify({ asOf: new Date(await cloud.books.now()).toISOString() });
    const rights = (access: object) => ({ of: async () => access }) as unknown as Rights;
    expect(await enclosures({ reports, rights: rights(NOTHING) })(letter)).toEqual({
      problem: expect.stringMatching(/may not read the report usage-per-product/),
    });
    const own = { ...NOTHING, root: true };
    expect(await enclosures({ reports, rights: rights(own) })(letter)).toEqual({
      attachments: [
        {
          name: expect.stringMatching(/^usage-per-product-.*\.csv$/),
          mediaType: 'text/csv; charset=utf-8',
          content: expect.stringContaining('product,currency,'),
        },
        {
          name: expect.stringMatching(/\.json$/),
          mediaType: 'application/json',
          content: expect.stringContaining('"fee"'),
        },
      ],
    });
    expect(await enclosures({ reports, rights: rights(own) })({ ...letter, template: 'Welcome' })).toEqual({
      attachments: [],
    });
  });
});
