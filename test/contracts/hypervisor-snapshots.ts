import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { VolumeAddress } from '../../hypervisor/port.ts';
import { can, codeOf, disk, good, MIB, pool, running, type Scene, volume, volumeNames } from './hypervisor-fixture.ts';

export function describeSnapshots(scene: () => Scene, timeoutMs: number): void {
  const BYTES = MIB / 4;
  const beside = ({ poolUid }: VolumeAddress) => ({ poolUid, name: `${randomUUID()}.snapshot.qcow2` });

  async function written(poolUid: string, content: Uint8Array, name = `${randomUUID()}.raw`): Promise<VolumeAddress> {
    const address = { poolUid, name };
    async function* all() {
      yield content;
    }
    const { volumes } = scene().hypervisor;
    await good(volumes.upload({ volume: address, bytes: content.length, format: 'raw', content: all() }));
    return address;
  }

  /** What a new volume holds that is made of a snapshot. */
  async function restored(from: VolumeAddress): Promise<Buffer> {
    const { volumes } = scene().hypervisor;
    const to = { poolUid: from.poolUid, name: `${randomUUID()}.raw` };
    await good(volumes.clone({ from, fromFormat: 'qcow2', to, bytes: BYTES, format: 'raw' }));
    const pieces: Uint8Array[] = [];
    for await (const piece of await good(volumes.download({ volume: to }))) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  describe('snapshots', () => {
    it(
      'are whole copies of their own, made once, as big as the volume',
      async () => {
        const { volumes } = scene().hypervisor;
        const from = await volume(scene(), { poolUid: await pool(scene()), bytes: 2 * MIB });
        const to = beside(from);
        await good(volumes.snapshot({ from, to }));
        await good(volumes.snapshot({ from, to }));
        expect(await volumeNames(scene(), from.poolUid)).toEqual([from.name, to.name].sort());
        await good(volumes.remove(from));
        const [sight] = await good(volumes.sight({ poolUid: from.poolUid, names: [to.name] }));
        expect(sight).toMatchObject({ capacityBytes: 2 * MIB, format: 'qcow2', attachedTo: null });
        await good(volumes.remove(to));
        expect(await volumeNames(scene(), from.poolUid)).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'of what is not there are refused, and leave nothing',
      async () => {
        const { volumes } = scene().hypervisor;
        const nothing = { poolUid: await pool(scene()), name: 'none.qcow2' };
        expect(await codeOf(volumes.snapshot({ from: nothing, to: beside(nothing) }))).toBe('NotFound');
        const nowhere = { poolUid: randomUUID(), name: 'none.qcow2' };
        expect(await codeOf(volumes.snapshot({ from: nowhere, to: beside(nowhere) }))).toBe('NotFound');
        expect(await volumeNames(scene(), nothing.poolUid)).toEqual([]);
      },
      timeoutMs,
    );

    it(
      'hold what the volume held, whatever becomes of it',
      async () => {
        const { volumes, capabilities } = scene().hypervisor;
        if (!capabilities.transferVolume) return void scene().lacks.add('transferVolume');
        const [before, after] = [randomBytes(BYTES), randomBytes(BYTES)];
        const from = await written(await pool(scene()), before);
        const to = beside(from);
        await good(volumes.snapshot({ from, to }));
        await good(volumes.remove(from));
        await written(from.poolUid, after, from.name);
        expect((await restored(to)).equals(before)).toBe(true);
      },
      timeoutMs,
    );

    it(
      'are also made of what a running machine has',
      async () => {
        const { volumes, machines, capabilities } = scene().hypervisor;
        const content = randomBytes(BYTES);
        const poolUid = await pool(scene());
        const from = capabilities.transferVolume
          ? await written(poolUid, content)
          : await volume(scene(), { poolUid, bytes: BYTES, format: 'raw' });
        const other = await volume(scene(), { poolUid });
        const disks = [disk(other, { name: 'root' }), disk(from, { format: 'raw' })];
        const { uid } = await running(scene(), { disks });
        const to = beside(from);
        const call = () => volumes.snapshot({ from, to });
        if (!(await can(scene(), { capability: 'snapshotRunning', call }))) {
          expect(await volumeNames(scene(), poolUid)).not.toContain(to.name);
          return;
        }
        await good(call());
        await good(call());
        expect((await restored(to)).equals(content)).toBe(true);
        expect((await good(machines.sight([uid])))[0]?.power).toBe('running');
        const second = { poolUid, name: `${randomUUID()}.snapshot.qcow2` };
        await good(volumes.snapshot({ from: other, to: second }));
      },
      timeoutMs,
    );
  });
}
