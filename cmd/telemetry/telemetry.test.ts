import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { Claim } from '../../reconciler/store.ts';
import { createLog, type LogOptions } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createWatcher } from './watcher.ts';

const claim: Claim = {
  uid: 'u1',
  kind: 'Volume',
  shard: 0,
  epoch: 1,
  claimedAt: 0,
  leaseUntil: 1,
  attempts: 0,
  takenOverFrom: null,
};
const reconcileId = 'r1';
const settled = { claim, outcome: 'settled', reason: null, durationMs: 4, reconcileId } as const;
const act = { kind: 'Volume', uid: 'u1', verb: 'create', reason: null, durationMs: 30, reconcileId } as const;

describe('logs', () => {
  it('are JSON lines in which one reconcile has one id', () => {
    const { lines, watcher } = watched({ level: 'debug' });
    watcher.acted?.({ ...act, ok: true, drift: false });
    watcher.reconciled?.({ ...settled, outcome: 'progressed' });
    const parsed = lines.map((line) => JSON.parse(line));
    expect(parsed.map(({ level, msg, reconcileId: id }) => [level, msg, id])).toEqual([
      ['info', 'acted', 'r1'],
      ['info', 'reconciled', 'r1'],
    ]);
    expect(parsed[0]).toMatchObject({ instance: 'one', kind: 'Volume', uid: 'u1', verb: 'create', durationMs: 30 });
    expect(Date.parse(parsed[0].time)).toBeGreaterThan(0);
  });

  it('say nothing about what is settled, and warn of what failed', () => {
    const { lines, watcher } = watched({ level: 'info' });
    watcher.reconciled?.(settled);
    watcher.acted?.({ ...act, ok: false, reason: 'NoSpace', drift: false });
    watcher.reconciled?.({ ...settled, outcome: 'failed', reason: 'NoSpace' });
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'warn']);
  });

  it('tell a defect with its trace', () => {
    const { lines, watcher } = watched({ level: 'info' });
    watcher.defect?.({ claim, error: new Error('a bug'), reconcileId });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', err: { message: 'a bug' }, reconcileId: 'r1' });
    expect(JSON.parse(lines[0] ?? '').err.stack).toContain('telemetry.test.ts');
  });

  it('are one line for people when asked for', () => {
    const { lines, watcher } = watched({ level: 'info', format: 'text' });
    watcher.acted?.({ ...act, ok: true, drift: true });
    watcher.storeFailed?.(new Error('connection refused'));
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d info {2}acted reconcileId=r1 kind=Volume uid=u1 verb=create .*drift=true/,
    );
    expect(lines[1]).toMatch(/error the database did not answer\n {2}Error: connection refused\n/);
  });

  it.each([
    [{ password: 'hunter2' }],
    [{ spec: { userData: 'hunter2' } }],
    [{ request: { headers: { authorization: 'hunter2' } } }],
    [{ err: new Error('connect postgres://anna:hunter2@db/steward refused') }],
    [{ url: 'postgres://db/steward?password=hunter2' }],
    [{ header: 'Bearer hunter2' }],
    [{ note: 'the token is stw_hunter2' }],
    [{ key: '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----' }],
  ])('never hold a secret: %j', (fields) => {
    for (const format of ['json', 'text'] as const) {
      const { lines, log } = watched({ level: 'info', format });
      log.info(fields, 'hello');
      expect(lines.join('')).toContain('hello');
      expect(lines.join('')).not.toContain('hunter2');
    }
  });
});

describe('logs of what others wrote', () => {
  const FORGED = 'curl\r\n12:00:00 info  signed in user=root\u2028\u001b[2J\u009b1A';
  it.each([[{ agent: FORGED }], [{ headers: [FORGED] }], [{ err: new Error(FORGED) }]])(
    'are lines of ours alone, and move nobody’s cursor: %j',
    (fields) => {
      for (const format of ['json', 'text'] as const) {
        const { lines, log } = watched({ level: 'info', format });
        log.info(fields, FORGED);
        const written = lines.join('').split(/[\r\n\u2028]/);
        expect(written.filter((line) => line.startsWith('12:00:00'))).toEqual([]);
        expect(lines.join('')).not.toMatch(/[^\P{Cc}\n]/u);
      }
    },
  );
});

describe('logs about people', () => {
  it.each([
    [{ what: 'SignInRefused', user: 'Philomena.Neu+tag@xanter.example' }],
    [{ err: new Error('550 5.1.1 <philomena.neu@xanter.example>: no such user') }],
    [{ problem: 'Key (recipient)=(philomena.neu@xanter.example) already exists' }],
    [{ to: ['Ünal.Philomena.Neu@xänter.example'] }],
  ])('never hold an e-mail address: %j', (fields) => {
    for (const format of ['json', 'text'] as const) {
      const { lines, log } = watched({ level: 'info', format });
      log.info(fields, 'hello');
      expect(lines.join('')).toContain('hello');
      expect(lines.join('').toLowerCase()).not.toMatch(/philomena|x[aä]nter/);
    }
  });
});

describe('metrics', () => {
  it('count outcomes by kind, acts by verb, drift found and repaired', async () => {
    const { metrics, watcher } = watched({ level: 'silent' });
    watcher.reconciled?.(settled);
    watcher.reconciled?.({ ...settled, outcome: 'failed' });
    watcher.acted?.({ ...act, ok: true, drift: true });
    watcher.acted?.({ ...act, ok: false, drift: true });
    watcher.storeFailed?.(new Error('gone'));
    watcher.defect?.({ claim, error: new Error('bug'), reconcileId });
    const text = await metrics.metricsText();
    expect(text.split('\n')).toEqual(
      expect.arrayContaining([
        'steward_reconciles_total{kind="Volume",outcome="settled"} 1',
        'steward_reconciles_total{kind="Volume",outcome="failed"} 1',
        'steward_act_duration_seconds_count{kind="Volume",verb="create",result="ok"} 1',
        'steward_act_duration_seconds_sum{kind="Volume",verb="create",result="ok"} 0.03',
        'steward_drift_found_total{kind="Volume"} 2',
        'steward_drift_repaired_total{kind="Volume"} 1',
        'steward_store_failures_total 1',
        'steward_defects_total{kind="Volume"} 1',
      ]),
    );
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('read the queue when they are asked for', async () => {
    const { metrics } = watched({ level: 'silent' });
    const stats = { depth: 7, due: 3, oldestDueMs: 2500 };
    const store = { queueStats: async () => stats, countByKind: async () => ({ Volume: 7 }) };
    const jobs = () => [
      { job: 'billing', paused: true },
      { job: 'letters', paused: false },
    ];
    metrics.watch({ store, inFlight: () => 2, jobs });
    expect(metrics.paused()).toEqual(['billing']);
    expect(ours(await metrics.metricsText())).toEqual(
      expect.arrayContaining([
        'steward_queue_depth 7',
        'steward_queue_due 3',
        'steward_queue_oldest_due_seconds 2.5',
        'steward_objects{kind="Volume"} 7',
        'steward_claims_in_flight 2',
        'steward_job_paused{job="billing"} 1',
        'steward_job_paused{job="letters"} 0',
        'steward_database_up 1',
      ]),
    );
    stats.depth = 8;
    expect(ours(await metrics.metricsText())).toContain('steward_queue_depth 8');
  });

  it('go on without a database, and then show no old figures', async () => {
    const { metrics } = watched({ level: 'silent' });
    const answers = [async () => ({ depth: 7, due: 3, oldestDueMs: 0 }), () => Promise.reject(new Error('gone'))];
    const store = {
      queueStats: () => (answers.shift() ?? answers[0])?.() as never,
      countByKind: async () => ({ Volume: 7 }),
    };
    metrics.watch({ store, inFlight: () => 0, jobs: () => [] });
    expect(ours(await metrics.metricsText())).toContain('steward_database_up 1');
    const text = ours(await metrics.metricsText());
    expect(text).toContain('steward_database_up 0');
    expect(text.filter((line) => /queue|objects/.test(line))).toEqual([]);
  });

  it('of two servers in one process do not mix', async () => {
    const [one, other] = [watched({ level: 'silent' }), watched({ level: 'silent' })];
    one.watcher.reconciled?.(settled);
    expect(await other.metrics.metricsText()).not.toContain('outcome="settled"');
  });

  it('see every request end, by routes that callers cannot invent', async () => {
    const { metrics } = watched({ level: 'silent' });
    const server = createServer((request, response) => {
      if (!metrics.requests(request, response)) response.writeHead(request.url === '/graphql' ? 200 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const path of ['/graphql', '/files/a?x=1', '/made-up-1', '/made-up-2'])
      await (await fetch(base + path)).text();
    await new Promise((resolve) => server.close(resolve));
    const text = ours(await metrics.metricsText());
    const count = (route: string, status: string) =>
      `steward_http_request_duration_seconds_count{route="${route}",method="GET",status="${status}"}`;
    expect(text).toContain(`${count('/graphql', '200')} 1`);
    expect(text).toContain(`${count('/files', '404')} 1`);
    expect(text).toContain(`${count('other', '404')} 2`);
  });
});

function watched(options: Pick<LogOptions, 'level'> & Partial<LogOptions>) {
  const lines: string[] = [];
  const log = createLog({ format: 'json', instance: 'one', write: (line) => lines.push(line), ...options });
  const metrics = createMetrics();
  return { lines, log, metrics, watcher: createWatcher({ log, metrics }) };
}

function ours(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('steward_'));
}
