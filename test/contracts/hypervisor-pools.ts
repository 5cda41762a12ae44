import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { codeOf, good, pool, type Scene, volume, volumeNames } from './hypervisor-fixture.ts';

export function describePools(scene: () => Scene, timeoutMs: number): void {
  describe('pools', () => {
    it(
      'are there and on, however often they are asked for',
      async () => {
        const { pools } = scene().hypervisor;
        const spec = { uid: randomUUID(), type: 'dir', path: scene().poolPath() } as const;
        expect(await good(pools.sight([spec.uid]))).toEqual([]);
        await good(pools.ensure(spec));
        scene().made.push(() => good(pools.remove(spec.uid)));
        await good(pools.ensure(spec));
        const [sight, ...more] = (await good(pools.sight())).filter(({ uid }) => uid === spec.uid);
        expect(more).toEqual([]);
        expect(sight).toMatchObject({ owned: true, active: true, path: spec.path });
        expect(sight?.capacityMiB).toBeGreaterThan(0);
        expect(sight?.availableMiB).toBeLessThanOrEqual(sight?.capacityMiB ?? 0);
        expect(await good(pools.sight([spec.uid]))).toHaveLength(1);
      },
      timeoutMs,
    );

    it(
      'go without what is in them, and find it again',
      async () => {
        const { pools } = scene().hypervisor;
        const spec = { uid: randomUUID(), type: 'dir', path: scene().poolPath() } as const;
        await good(pools.ensure(spec));
        scene().made.push(() => good(pools.remove(spec.uid)));
        const address = await volume(scene(), { poolUid: spec.uid });
        await good(pools.remove(spec.uid));
        await good(pools.remove(spec.uid));
        expect(await good(pools.sight([spec.uid]))).toEqual([]);
        if (!scene().realFolders) return;
        await good(pools.ensure(spec));
        expect(await volumeNames(scene(), spec.uid)).toEqual([address.name]);
        await good(scene().hypervisor.volumes.remove(address));
      },
      timeoutMs,
    );

    it(
      'show what is in them only while they are there',
      async () => {
        const { volumes, pools } = scene().hypervisor;
        const poolUid = await pool(scene());
        expect(await volumeNames(scene(), poolUid)).toEqual([]);
        await good(pools.remove(poolUid));
        const address = { poolUid, name: 'a.qcow2' };
        expect(await codeOf(volumes.sight({ poolUid }))).toBe('NotFound');
        expect(await codeOf(volumes.create({ volume: address, bytes: 1, format: 'qcow2' }))).toBe('NotFound');
        expect(await codeOf(volumes.remove(address))).toBe('NotFound');
      },
      timeoutMs,
    );

    it(
      'of others are seen and left alone',
      async () => {
        const { pools } = scene().hypervisor;
        const uid = await scene().outside.definePool();
        scene().made.push(() => scene().outside.removePool(uid));
        expect((await good(pools.sight())).find((sight) => sight.uid === uid)).toMatchObject({ owned: false });
        expect(await codeOf(pools.ensure({ uid, type: 'dir', path: scene().poolPath() }))).toBe('NotOwned');
        expect(await codeOf(pools.remove(uid))).toBe('NotOwned');
        expect(await good(pools.sight([uid]))).toHaveLength(1);
      },
      timeoutMs,
    );
  });
}
