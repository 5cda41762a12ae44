import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import { createLibvirtDirectory } from './connect.ts';
import {
  type ConnectedLab,
  codeOf,
  connectLab,
  running,
  sightOf,
  smallMachine,
  until,
  value,
} from './lab-host.fixture.ts';

const timeoutMs = 180_000;

describeReal('a host whose libvirtd dies', labParts, () => {
  let host: ConnectedLab;
  beforeAll(async () => {
    host = await connectLab({ name: 'dies' });
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  it(
    'is unreachable at once while it is gone, hints at everything when it is back, and has lost nothing',
    async () => {
      const { machines } = host.hypervisor;
      const survivor = await running(host);
      const before = await sightOf(host, survivor.uid);
      const hints: string[] = [];
      host.directory.onChange((place, { noun, uid }) => hints.push(`${place} ${noun} ${uid ?? 'all'}`));
      await host.lab.killLibvirtd();
      await until(async () => (await codeOf(machines.sight([survivor.uid]))) === 'Unreachable');
      expect(await codeOf(host.directory.at('host'))).toBe('Unreachable');
      expect(await codeOf(machines.start(survivor.uid))).toBe('Unreachable');
      await host.lab.startLibvirtd();
      await until(async () => (await host.directory.at('host')).ok);
      await until(async () => hints.includes('host machine all'));
      expect(hints).toEqual(expect.arrayContaining(['host host all', 'host network all', 'host pool all']));
      expect(await sightOf(host, survivor.uid)).toEqual(before);
      // Each lane comes back by itself: those for changes and for guests may be a moment later.
      const spec = smallMachine(host);
      await until(async () => (await machines.define(spec)).ok);
      await until(async () => (await machines.start(spec.uid)).ok);
    },
    timeoutMs,
  );
});

describeReal('a host whose libvirtd hangs', labParts, () => {
  it(
    'is unreachable, not empty, and there again once it goes on',
    async () => {
      const host = await connectLab({ name: 'hangs', driver: 'test' });
      try {
        const { machines } = host.hypervisor;
        const { uid } = await defined(host);
        await host.lab.pauseLibvirtd();
        expect(await codeOf(machines.sight([uid]))).toBe('Unreachable');
        expect(await codeOf(host.hypervisor.networks.sight())).toBe('Unreachable');
        await host.lab.resumeLibvirtd();
        await until(async () => (await host.directory.at('host')).ok);
        expect(await sightOf(host, uid)).toMatchObject({ uid, owned: true });
      } finally {
        await host.lab.resumeLibvirtd();
        await host.close();
      }
    },
    timeoutMs,
  );
});

async function defined(host: ConnectedLab) {
  const spec = smallMachine(host);
  await value(host.hypervisor.machines.define(spec));
  return spec;
}

describe('a directory of libvirt hosts', () => {
  const nowhere = `test+unix:///default?socket=/nonexistent/${randomUUID()}`;
  const directory = createLibvirtDirectory({
    installationId: 'here',
    resolveUri: async (place) => ({ gone: nowhere, wrong: 'qemu+carrier-pigeon:///system' })[place],
  });
  afterAll(() => directory.close());

  it('says of each place what is wrong with it', async () => {
    expect(await directory.at('gone')).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    expect(await directory.at('gone')).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    expect(await directory.at('wrong')).toMatchObject({ ok: false, error: { code: 'Invalid' } });
    expect(await directory.at('nobody')).toMatchObject({ ok: false, error: { code: 'NotFound' } });
    expect(await directory.probe(nowhere)).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
  });
});

describeReal('a host that is only looked at', labParts, () => {
  it(
    'tells its facts, and a place that moves is followed',
    async () => {
      const host = await connectLab({ name: 'moved', driver: 'test' });
      let uri: string | undefined = `test+unix:///default?socket=/nonexistent/${randomUUID()}`;
      const directory = createLibvirtDirectory({ installationId: 'here', resolveUri: async () => uri });
      try {
        expect(await value(directory.probe(host.lab.uri))).toMatchObject({
          hypervisor: 'TEST',
          arch: 'i686',
          cpus: 16,
          memoryMiB: 3072,
          kvm: false,
          firmware: ['bios'],
        });
        expect(await codeOf(directory.at('host'))).toBe('Unreachable');
        uri = host.lab.uri;
        const here = await value(directory.at('host'));
        expect(await value(directory.at('host'))).toBe(here);
        uri = undefined;
        expect(await codeOf(directory.at('host'))).toBe('NotFound');
        expect(await codeOf(here.machines.sight())).toBe('Unreachable');
      } finally {
        await directory.close();
        await host.close();
      }
    },
    timeoutMs,
  );
});
