import { describe, expect, it, jest } from '@jest/globals';
import { createMemoryQueue } from '../../letters/memory-queue.ts';
import { startInstallation } from '../fixtures/running.ts';
import { keepTidy } from './identity.ts';
import { keepDelivering } from './mail.ts';
import { createMemoryPayments } from './payment-records.ts';
import { openPayments } from './payments.ts';
import { keepReporting } from './report-letters.ts';
import { keepSealing } from './sealing.ts';

jest.setTimeout(180_000);

/** Lets a loop go round until it has asked some times whether it is paused, or has done something. */
function watched(isPaused: boolean) {
  const stop = new AbortController();
  let asked = 0;
  let done = 0;
  return {
    stop: stop.signal,
    onError: (error: unknown) => {
      throw error;
    },
    paused: () => {
      asked += 1;
      if (isPaused) stop.abort();
      return isPaused;
    },
    act: async () => {
      done = 1;
      stop.abort();
      return 0;
    },
    count: () => [asked > 0, done],
  };
}

describe.each([
  [true, [true, 0]],
  [false, [true, 1]],
])('a loop whose job is paused (%s)', (isPaused, expected) => {
  it('links the audit trail, or leaves it', async () => {
    const loop = watched(isPaused);
    await keepSealing({ seal: loop.act } as never, loop);
    expect(loop.count()).toEqual(expected);
  });

  it('forgets what has run out, or leaves it', async () => {
    const loop = watched(isPaused);
    await keepTidy(loop.act, { ...loop, everyMs: 1 });
    expect(loop.count()).toEqual(expected);
  });

  it('sends letters, or lets them wait', async () => {
    const loop = watched(isPaused);
    const queue = createMemoryQueue(
      async () => {
        await loop.act();
        return [];
      },
      () => 0,
    );
    const smtp = { url: 'smtp://127.0.0.1:1', from: 'cloud@example.org', allowInsecure: true } as never;
    const options = { smtp, domain: 'example.org', brand: { name: 'Cloud', url: '', support: '' } };
    await keepDelivering(options, { ...loop, queue, words: async () => null });
    expect(loop.count()).toEqual(expected);
  });

  it('writes scheduled reports, or leaves them for later', async () => {
    const loop = watched(isPaused);
    const store = { list: async () => ({ items: [], hasMore: false }) } as never;
    await keepReporting({ ...loop, store, letters: {} as never, now: loop.act, mine: () => true }, loop.stop);
    expect(loop.count()).toEqual(expected);
  });

  it('charges accounts, or keeps them waiting', async () => {
    const loop = watched(isPaused);
    const payments = openPayments({
      store: { getByKey: () => loop.act().then(() => []) } as never,
      records: createMemoryPayments(),
      gateways: new Map([['sandbox', {} as never]]),
      installationId: 'here',
      settings: { pauseOf: () => (loop.paused() ? ({} as never) : null) },
      onAlert: () => undefined,
      // Nobody keeps books here: it is seen that it begins.
      onError: () => undefined,
    } as never);
    payments.passed('acme');
    await payments.keep(loop.stop);
    expect(loop.count()).toEqual(expected);
  });
});

describe('a running server', () => {
  it('touches no machine and looks for no leftovers while that is paused, and goes on afterwards', async () => {
    let sweeps = 0;
    const sweep = {
      everyMs: 20,
      remove: false,
      quarantineMs: 60_000,
      onOrphans: () => {
        sweeps += 1;
      },
    };
    const installation = await startInstallation({ sweep });
    const { api } = installation.server;
    const until = async (what: () => boolean | Promise<boolean>) => {
      for (let tries = 0; tries < 600 && !(await what()); tries += 1) await new Promise((go) => setTimeout(go, 50));
      expect(await what()).toBe(true);
    };
    const set = async (name: string, key: string) => {
      const spec = { key, value: true };
      installation.write(
        `${name}.yaml`,
        JSON.stringify({ apiVersion: 'steward/v1', kind: 'Setting', metadata: { name }, spec }),
      );
      expect(await installation.steward(['apply', '-f', `${name}.yaml`])).toMatchObject({ code: 0 });
    };
    const isPaused = (job: string) => api.settings?.jobs().find((one) => one.job === job)?.paused ?? false;
    await until(() => sweeps > 0);
    await set('sweeping', 'jobs.sweeping.paused');
    await set('reconciling', 'jobs.reconciling.paused');
    await until(() => isPaused('sweeping') && isPaused('reconciling'));

    const network = {
      apiVersion: 'steward/v1',
      kind: 'Volume',
      metadata: { name: 'data' },
      spec: { pool: 'local', sizeGiB: 1 },
    };
    installation.write('data.yaml', JSON.stringify(network));
    expect(await installation.steward(['apply', '-f', 'data.yaml'])).toMatchObject({ code: 0 });
    const data = async () => (await api.store.getByKey([{ kind: 'Volume', project: 'default', name: 'data' }]))[0];
    const steps = async () =>
      (await api.store.steps({ uid: (await data())?.metadata.uid ?? '', limit: 10 })).items.length;
    await until(async () => ((await data())?.status.conditions.length ?? 0) > 0);
    const before = sweeps;
    await new Promise((go) => setTimeout(go, 500));
    expect([await steps(), sweeps - before]).toEqual([0, 0]);

    expect(await installation.steward(['delete', 'setting/sweeping', 'setting/reconciling'])).toMatchObject({
      code: 0,
    });
    await until(() => !isPaused('sweeping') && !isPaused('reconciling'));
    await until(() => sweeps > before);
    await until(async () => (await steps()) > 0);
    await installation.close();
  });
});
