import { describe, expect, it } from '@jest/globals';
import type { MachineCounters } from '../../hypervisor/port.ts';
import {
  can,
  defined,
  disk,
  eventually,
  good,
  network,
  nic,
  pool,
  running,
  type Scene,
  volume,
} from './hypervisor-fixture.ts';

export function describeCounters(scene: () => Scene, timeoutMs: number): void {
  const countersOf = async (uid: string): Promise<MachineCounters | undefined> =>
    (await good(scene().hypervisor.machines.counters())).find((each) => each.uid === uid);
  const able = () => can(scene(), { capability: 'stats', call: () => scene().hypervisor.machines.counters() });

  describe('counters', () => {
    it(
      'of all that run are read at once, device by device, and begin anew with every run',
      async () => {
        if (!(await able())) return;
        const { machines } = scene().hypervisor;
        const lan = await network(scene());
        const root = disk(await volume(scene(), { poolUid: await pool(scene()) }), { name: 'root' });
        const { uid } = await running(scene(), { nics: [nic(lan.uid)], disks: [root] });
        const bare = await running(scene());
        const off = await defined(scene());
        const first = await countersOf(uid);
        expect(first?.nics).toMatchObject([{ name: 'eth0', networkUid: lan.uid }]);
        expect(first?.disks).toMatchObject([{ name: 'root' }]);
        expect(await countersOf(bare.uid)).toEqual({ uid: bare.uid, nics: [], disks: [] });
        expect(await countersOf(off.uid)).toBeUndefined();

        await scene().pass(200);
        const later = await countersOf(uid);
        expect(later?.nics[0]?.epoch).toBe(first?.nics[0]?.epoch);
        expect(later?.disks?.[0]?.epoch).toBe(first?.disks?.[0]?.epoch);
        expect(figures(later).length).toBe(6);
        for (const [index, figure] of figures(later).entries())
          expect(figure).toBeGreaterThanOrEqual(figures(first)[index] ?? 0n);

        await good(machines.destroy(uid));
        expect(await countersOf(uid)).toBeUndefined();
        await good(machines.start(uid));
        const again = await countersOf(uid);
        expect(again?.nics[0]?.epoch).not.toBe(first?.nics[0]?.epoch);
        expect(again?.disks?.[0]?.epoch).not.toBe(first?.disks?.[0]?.epoch);
      },
      timeoutMs,
    );

    it(
      'of a NIC that is plugged in again are another epoch',
      async () => {
        if (!(await able()) || !scene().cooperativeGuests) return;
        const { machines } = scene().hypervisor;
        const lan = await network(scene());
        const eth0 = nic(lan.uid);
        const { uid } = await running(scene(), { nics: [eth0] });
        const first = await countersOf(uid);
        await scene().pass(200);
        await good(machines.detachNic({ uid, mac: eth0.mac }));
        await eventually(scene(), async () => expect((await countersOf(uid))?.nics).toEqual([]));
        await good(machines.attachNic({ uid, nic: eth0 }));
        const again = await countersOf(uid);
        expect(again?.nics[0]?.epoch).not.toBe(first?.nics[0]?.epoch);
      },
      timeoutMs,
    );
  });
}

function figures(counters: MachineCounters | undefined): bigint[] {
  return [
    ...(counters?.nics ?? []).flatMap(({ receivedBytes, sentBytes }) => [receivedBytes, sentBytes]),
    ...(counters?.disks ?? []).flatMap((each) => [
      each.readRequests,
      each.readBytes,
      each.writeRequests,
      each.writtenBytes,
    ]),
  ];
}
