import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EXIT } from './exit-codes.ts';
import { startInstallation } from './fixtures/running.ts';

jest.setTimeout(180_000);

describe('steward notifications', () => {
  let installation: Awaited<ReturnType<typeof startInstallation>>;
  beforeAll(async () => {
    installation = await startInstallation();
    await installation.storage.notifications.put([
      { type: 'JobProblem', target: '', event: 'e1', detail: 'acme: PriceGap vm' },
      { type: 'ConnectorProblem', target: '', event: 'e2', detail: 'acme: RefundFailed r1' },
    ]);
  });
  afterAll(() => installation.close());
  const run = (...args: string[]) => installation.steward(['notifications', ...args]);

  it('shows what the caller was told, and marks what was shown as read where that is asked for', async () => {
    const first = await run('--limit', '1', '--mark-read');
    expect([first.code, first.err]).toEqual([EXIT.ok, '']);
    expect(first.out).toMatch(/^\* .*ALERT {8}SYSTEM {9}A (job|connector) has a problem: .*\n$/);
    const unread = await run('--unread', '-o', 'json');
    expect(JSON.parse(unread.out)).toMatchObject({ unreadCount: 1, nodes: [{ severity: 'ALERT', read: false }] });
    expect((await run()).out.split('\n').map((line) => line[0])).toEqual([' ', '*', undefined]);
    expect((await run('--category', 'ACCOUNT', 'SERVICES')).out).toBe('');
  });

  it('refuses what cannot be asked for, and says what can', async () => {
    expect((await run('--limit', '501')).err).toContain('Give 1 to 500.');
    expect((await run('--severity', 'LOUD')).err).toContain('CRITICAL, ALERT, INFORMATION');
  });
});
