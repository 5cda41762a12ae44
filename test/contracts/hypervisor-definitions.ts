import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  codeOf,
  defined,
  disk,
  good,
  machineSpec,
  network,
  nic,
  pool,
  running,
  type Scene,
  sightOf,
  volume,
} from './hypervisor-fixture.ts';

export function describeDefinitions(scene: () => Scene, timeoutMs: number): void {
  describe('definitions of machines', () => {
    it(
      'are not there before they are made',
      async () => {
        expect(await good(scene().hypervisor.machines.sight([randomUUID()]))).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'are seen as they were wished, off and ours',
      async () => {
        const spec = await defined(scene());
        expect(await sightOf(scene(), spec.uid)).toMatchObject({
          uid: spec.uid,
          owned: true,
          incarnation: 0,
          installationId: scene().installationId,
          title: spec.title,
          power: 'off',
          runId: null,
          unresponsive: false,
          live: null,
          accelerator: null,
        });
      },
      timeoutMs,
    );

    it('keep sizes, disks and NICs', () => keepsDevices(scene()), timeoutMs);

    it(
      'stay one when they are made twice, and take a change',
      async () => {
        const { machines } = scene().hypervisor;
        const spec = await defined(scene());
        await good(machines.define(spec));
        await good(
          machines.define({ ...spec, memoryMiB: 96, maxMemoryMiB: 96, incarnation: 1, title: 'shop/renamed' }),
        );
        const sight = await sightOf(scene(), spec.uid);
        expect(sight).toMatchObject({ incarnation: 1, title: 'shop/renamed', persistent: { memoryMiB: 96 } });
        const all = await good(machines.sight());
        expect(all.filter(({ uid }) => uid === spec.uid)).toHaveLength(1);
      },
      timeoutMs,
    );

    it(
      'change for the next start only while the machine runs',
      async () => {
        const spec = await running(scene());
        await good(scene().hypervisor.machines.define({ ...spec, memoryMiB: 96, maxMemoryMiB: 96 }));
        const sight = await sightOf(scene(), spec.uid);
        expect(sight).toMatchObject({ power: 'running', live: { memoryMiB: 64 }, persistent: { memoryMiB: 96 } });
      },
      timeoutMs,
    );

    it(
      'are seen for the uids asked for, and all of them when none is',
      async () => {
        const { machines } = scene().hypervisor;
        const [a, b, c] = [await defined(scene()), await defined(scene()), await defined(scene())];
        const some = await good(machines.sight([c.uid, a.uid, randomUUID()]));
        expect(some.map(({ uid }) => uid).sort()).toEqual([a.uid, c.uid].sort());
        const all = (await good(machines.sight())).map(({ uid }) => uid);
        expect(all).toEqual(expect.arrayContaining([a.uid, b.uid, c.uid]));
        expect(await good(machines.sight([]))).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'go when they are removed, and may be removed twice',
      async () => {
        const { machines } = scene().hypervisor;
        const spec = await defined(scene());
        await good(machines.undefine(spec.uid));
        expect(await sightOf(scene(), spec.uid)).toBeUndefined();
        await good(machines.undefine(spec.uid));
        await good(machines.undefine(randomUUID()));
      },
      timeoutMs,
    );

    it(
      'that are removed while the machine runs leave it running until it is stopped',
      async () => {
        const { machines } = scene().hypervisor;
        const spec = await running(scene());
        await good(machines.undefine(spec.uid));
        expect(await sightOf(scene(), spec.uid)).toMatchObject({ owned: true, power: 'running', persistent: null });
        await good(machines.destroy(spec.uid));
        expect(await sightOf(scene(), spec.uid)).toBeUndefined();
      },
      timeoutMs,
    );

    it(
      'removed behind our back are gone from the next look',
      async () => {
        const spec = await defined(scene());
        await scene().outside.undefine(spec.uid);
        expect(await sightOf(scene(), spec.uid)).toBeUndefined();
      },
      timeoutMs,
    );

    it(
      'that make no sense are refused, and nothing is left of them',
      async () => {
        const spec = machineSpec(scene(), { cpus: 3, maxCpus: 2 });
        expect(await codeOf(scene().hypervisor.machines.define(spec))).toBe('Invalid');
        expect(await sightOf(scene(), spec.uid)).toBeUndefined();
      },
      timeoutMs,
    );
  });
}

async function keepsDevices(scene: Scene): Promise<void> {
  const poolUid = await pool(scene);
  const net = await network(scene);
  const root = disk(await volume(scene, { poolUid }), { name: 'root', bootIndex: 1, cache: 'none' });
  const raw = disk(await volume(scene, { poolUid, format: 'raw' }), { name: 'raw', bus: 'scsi', format: 'raw' });
  const drive = disk(null, { name: 'cd', device: 'cdrom', bus: 'sata', format: 'raw', readOnly: true });
  const eth0 = nic(net.uid, { rateMbps: 100 });
  const eth1 = nic(net.uid, { name: 'eth1', model: 'e1000' });
  const spec = await defined(scene, { cpus: 2, maxCpus: 4, disks: [root, raw, drive], nics: [eth0, eth1] });
  const sight = await sightOf(scene, spec.uid);
  expect(sight?.persistent).toMatchObject({
    uid: spec.uid,
    incarnation: 0,
    title: spec.title,
    installationId: scene.installationId,
    cpus: 2,
    maxCpus: 4,
    memoryMiB: 64,
    maxMemoryMiB: 64,
    firmware: 'bios',
  });
  expect(sight?.persistent?.disks).toEqual([root, raw, drive]);
  expect(sight?.persistent?.nics).toEqual([eth0, eth1]);
}
