import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openMemoryStorage } from '../../cmd/server/storage.ts';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';
import { startMailServer } from '../fixtures/mail-server.ts';
import { until } from '../lab/command.ts';

jest.setTimeout(180_000);

const DAY_MS = 86_400_000;

describe('a report that was scheduled comes by e-mail', () => {
  let post: Awaited<ReturnType<typeof startMailServer>>;
  let server: IdentityServer;
  let ahead = 0;
  beforeAll(async () => {
    post = await startMailServer();
    const smtp = {
      host: '127.0.0.1',
      port: post.port,
      tls: 'none' as const,
      from: 'Example Cloud <cloud@example.org>',
    };
    const brand = { name: 'Example Cloud', url: 'https://cloud.example', support: '' };
    const storage = openMemoryStorage();
    const reportFacts = { ...storage.reportFacts, now: async () => Date.now() + ahead };
    server = await startIdentityServer(
      { publicUrl: 'https://cloud.example' },
      { mail: { smtp, domain: 'example.org', brand }, storage: { ...storage, reportFacts } },
    );
  });
  afterAll(async () => {
    await server?.close();
    await post?.close();
  });

  it('with what it was asked for enclosed, once for each day that it was missed, oldest first', async () => {
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' } },
      { kind: 'Account', metadata: { name: 'bolt' } },
      {
        kind: 'User',
        metadata: { name: 'fran' },
        spec: { displayName: 'Fran', email: 'fran@cloud.example', account: 'acme', roles: [{ role: 'finance-admin' }] },
      },
      {
        kind: 'ReportSchedule',
        metadata: { name: 'sign-ups' },
        spec: {
          report: 'new-customer-registrations',
          every: 'day',
          at: '00:00',
          formats: ['csv', 'pdf', 'png'],
          recipients: ['fran'],
        },
      },
    );
    ahead = 2 * DAY_MS;
    await until('two letters', () => post.received[1], { timeoutMs: 120_000 });
    const letters = post.received.filter(({ subject }) => subject?.startsWith('New customer registrations'));
    const today = new Date().toISOString().slice(0, 10);
    const said = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(today));
    expect(letters[0]).toMatchObject({ subject: `New customer registrations, ${said} to ${said}` });
    expect(letters[0]?.to).toMatchObject({ text: 'fran@cloud.example' });
    expect(letters[0]?.text).toContain('It comes to you by the schedule sign-ups of Example Cloud.');
    const [csv, pdf, png] = letters[0]?.attachments ?? [];
    expect([csv, pdf, png].map((each) => each?.contentType)).toEqual(['text/csv', 'application/pdf', 'image/png']);
    expect(csv?.filename).toBe(`new-customer-registrations-${today}.csv`);
    const lines = csv?.content.toString('utf8').split('\r\n') ?? [];
    expect(lines[0]).toBe('day,type,registrations');
    expect(lines[1]).toMatch(new RegExp(`^${today},,\\d+$`));
    expect(pdf?.content.toString('latin1', 0, 5)).toBe('%PDF-');
    expect(letters[1]?.attachments[0]?.content.toString('utf8')).toBe('day,type,registrations\r\n');
  });
});
