import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../test/lab/command.ts';
import { createApi } from '../../test/stories/fixtures/api.ts';
import { startInstallation, TOKEN } from '../fixtures/running.ts';
import { openMemoryStorage } from './storage.ts';

jest.setTimeout(120_000);

const WAIT = { timeoutMs: 60_000 };

describe('a server whose database is memory', () => {
  const storage = openMemoryStorage();
  let installation: Awaited<ReturnType<typeof startInstallation>>;
  beforeAll(async () => {
    installation = await startInstallation({ storage, counting: { readMs: 50, bookMs: 100 } });
  });
  afterAll(() => installation.close());

  it('meters its own journal and the traffic of its machines, as one on PostgreSQL does', async () => {
    const { url } = installation.server;
    const root = createApi(() => ({ url, token: TOKEN }));
    await root.reads({ kind: 'StoragePool', name: 'local' }, 'True Ready');
    await root.apply([
      { kind: 'Account', metadata: { name: 'acme' }, spec: { currency: 'EUR' } },
      { kind: 'Project', metadata: { name: 'acme' }, spec: { account: 'acme' } },
      { kind: 'Network', metadata: { name: 'lan', project: 'acme' }, spec: { cidr: '10.1.1.0/24' } },
      {
        kind: 'VirtualMachine',
        metadata: { name: 'web', project: 'acme' },
        spec: { cpus: 2, memoryMiB: 512, nics: [{ name: 'eth0', network: 'lan' }] },
      },
    ]);
    await until(
      'the machine runs',
      async () => (await root.get('VirtualMachine', 'web', 'acme'))?.status.power === 'running',
      WAIT,
    );
    const observed = () => storage.books.observed('acme');
    await until(
      'its CPUs are in the books',
      async () => (await observed()).levels.some(({ meter, level }) => meter === 'vm.cpus' && level.num === 2n),
      WAIT,
    );
    const [row] = (await observed()).levels.filter(({ meter }) => meter === 'vm.cpus');
    const place = row?.place ?? '';
    await storage.store.cover([{ place, from: 1, to: 2, bridgeMs: 0 }]);
    expect((await observed()).coverage).toContainEqual({ place, from: 1, to: 2, recordedAt: 2 });
    const usage = async () => (await storage.books.load(['acme']))[0]?.usage ?? [];
    await until(
      'its traffic is in the books',
      async () => (await usage()).some(({ meter }) => meter === 'network.bytes.sent'),
      WAIT,
    );
    expect(installation.errors).toEqual([]);
  });
});
