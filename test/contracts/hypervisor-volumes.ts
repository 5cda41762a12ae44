import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { VolumeAddress, VolumeSight } from '../../hypervisor/port.ts';
import { can, codeOf, defined, disk, good, MIB, pool, type Scene, volume, volumeNames } from './hypervisor-fixture.ts';

export function describeVolumes(scene: () => Scene, timeoutMs: number): void {
  describe('volumes', () => {
    describeLife(scene, timeoutMs);
    describeUse(scene, timeoutMs);
    describeCopies(scene, timeoutMs);
  });
}

async function seen(scene: Scene, { poolUid, name }: VolumeAddress): Promise<VolumeSight | undefined> {
  return (await good(scene.hypervisor.volumes.sight({ poolUid, names: [name] })))[0];
}

function describeLife(scene: () => Scene, timeoutMs: number): void {
  it(
    'are made once, in the size and format asked for',
    async () => {
      const { volumes } = scene().hypervisor;
      const poolUid = await pool(scene());
      for (const format of ['qcow2', 'raw'] as const) {
        const address = await volume(scene(), { poolUid, bytes: 3 * MIB, format });
        await good(volumes.create({ volume: address, bytes: 3 * MIB, format }));
        expect(await seen(scene(), address)).toMatchObject({
          name: address.name,
          capacityBytes: 3 * MIB,
          format,
          attachedTo: null,
        });
        expect(await codeOf(volumes.create({ volume: address, bytes: 4 * MIB, format }))).toBe('Exists');
        expect((await seen(scene(), address))?.capacityBytes).toBe(3 * MIB);
      }
      expect(await volumeNames(scene(), poolUid)).toHaveLength(2);
      expect(await good(volumes.sight({ poolUid, names: ['none.raw'] }))).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'go when they are removed, and may be removed twice',
    async () => {
      const { volumes } = scene().hypervisor;
      const poolUid = await pool(scene());
      const [a, b] = [await volume(scene(), { poolUid }), await volume(scene(), { poolUid })];
      await good(volumes.remove(a));
      await good(volumes.remove(a));
      expect(await volumeNames(scene(), poolUid)).toEqual([b.name]);
    },
    timeoutMs,
  );

  it(
    'deleted behind our back are gone from the next look',
    async () => {
      const address = await volume(scene(), { poolUid: await pool(scene()) });
      await scene().outside.deleteVolume(address);
      expect(await seen(scene(), address)).toBeUndefined();
    },
    timeoutMs,
  );

  it(
    'grow and never shrink',
    async () => {
      const { volumes } = scene().hypervisor;
      const poolUid = await pool(scene());
      const address = await volume(scene(), { poolUid, bytes: 2 * MIB });
      const grow = (bytes: number, of = address) => volumes.grow({ volume: of, bytes });
      if (!(await can(scene(), { capability: 'resizeVolume', call: () => grow(4 * MIB) }))) return;
      await good(grow(4 * MIB));
      await good(grow(4 * MIB));
      expect((await seen(scene(), address))?.capacityBytes).toBe(4 * MIB);
      expect(await codeOf(grow(2 * MIB))).toBe('Invalid');
      expect((await seen(scene(), address))?.capacityBytes).toBe(4 * MIB);
      expect(await codeOf(grow(4 * MIB, { poolUid, name: 'none.qcow2' }))).toBe('NotFound');
    },
    timeoutMs,
  );
}

function describeUse(scene: () => Scene, timeoutMs: number): void {
  it(
    'tell which machine has them, and are not removed from under a running one',
    async () => {
      const { machines, volumes } = scene().hypervisor;
      const address = await volume(scene(), { poolUid: await pool(scene()) });
      const { uid } = await defined(scene(), { disks: [disk(address, { name: 'root' })] });
      const use = { machineUid: uid, diskName: 'root' };
      expect((await seen(scene(), address))?.attachedTo).toEqual({ ...use, running: false });
      await good(machines.start(uid));
      expect((await seen(scene(), address))?.attachedTo).toEqual({ ...use, running: true });
      expect(await codeOf(volumes.remove(address))).toBe('Busy');
      expect(await seen(scene(), address)).toBeDefined();
      await good(machines.destroy(uid));
      await good(machines.undefine(uid));
      expect((await seen(scene(), address))?.attachedTo).toBeNull();
      await good(volumes.remove(address));
    },
    timeoutMs,
  );
}

function describeCopies(scene: () => Scene, timeoutMs: number): void {
  const copy = (from: VolumeAddress, bytes: number, to = { poolUid: from.poolUid, name: `${randomUUID()}.qcow2` }) => ({
    from,
    fromFormat: 'qcow2' as const,
    to,
    bytes,
    format: 'qcow2' as const,
  });

  it(
    'are copied whole, once, and may grow on the way',
    async () => {
      const { volumes } = scene().hypervisor;
      const from = await volume(scene(), { poolUid: await pool(scene()), bytes: 2 * MIB });
      const request = copy(from, 4 * MIB);
      await good(volumes.clone(request));
      await good(volumes.clone(request));
      expect(await seen(scene(), request.to)).toMatchObject({ capacityBytes: 4 * MIB, format: 'qcow2' });
      expect(await volumeNames(scene(), from.poolUid)).toEqual([from.name, request.to.name].sort());
      await good(volumes.remove(from));
      expect(await seen(scene(), request.to)).toBeDefined();
    },
    timeoutMs,
  );

  it(
    'are not copied from nothing, nor into less room, nor over another volume',
    async () => {
      const { volumes } = scene().hypervisor;
      const poolUid = await pool(scene());
      const from = await volume(scene(), { poolUid, bytes: 2 * MIB });
      const other = await volume(scene(), { poolUid, bytes: MIB });
      expect(await codeOf(volumes.clone(copy({ poolUid, name: 'none.qcow2' }, MIB)))).toBe('NotFound');
      expect(await codeOf(volumes.clone(copy(from, MIB)))).toBe('Invalid');
      expect(await codeOf(volumes.clone(copy(from, 2 * MIB, other)))).toBe('Exists');
      expect(await volumeNames(scene(), poolUid)).toEqual([from.name, other.name].sort());
      expect((await seen(scene(), other))?.capacityBytes).toBe(MIB);
    },
    timeoutMs,
  );
}
