import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import { type ConnectedLab, connectLab, makeNetwork, running, sightOf, value } from './lab-host.fixture.ts';

const timeoutMs = 60_000;

describeReal('a NIC whose network was started anew', labParts, () => {
  let host: ConnectedLab;
  beforeAll(async () => {
    host = await connectLab({ name: 'replug' });
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  it(
    'is plugged in again by attaching it again, and the guest keeps it all along',
    async () => {
      const { machines, networks } = host.hypervisor;
      const networkUid = await makeNetwork(host, 1);
      const nic = (number: number) => ({
        name: `eth${number}`,
        mac: `52:54:00:bb:00:0${number}`,
        networkUid,
        model: 'virtio' as const,
        bootIndex: null,
        rateMbps: null,
      });
      const { uid } = await running(host, { nics: [nic(0), nic(1)] });
      const connections = async () => (await value(networks.sight([networkUid])))[0]?.connections;
      expect(await connections()).toBe(2);
      await host.lab.virsh('net-destroy', networkUid);
      await host.lab.virsh('net-start', networkUid);
      expect(await connections()).toBe(0);

      await Promise.all([nic(0), nic(1)].map((it) => value(machines.attachNic({ uid, nic: it }))));
      expect(await connections()).toBe(2);
      const sight = await sightOf(host, uid);
      expect(sight?.live?.nics).toEqual([nic(0), nic(1)]);
      expect(sight?.persistent?.nics).toEqual([nic(0), nic(1)]);
      const names = await host.lab.virsh('net-list', '--all', '--name');
      expect(names).not.toContain('steward-parking');
      const bridged = await host.lab.exec(['ip', '-o', 'link', 'show', 'type', 'tun']);
      expect(bridged.match(/ master swt/g)).toHaveLength(2);
    },
    timeoutMs,
  );
});
