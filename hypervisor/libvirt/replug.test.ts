import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '../../test/lab/command.ts';
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
      const plugged = async () => (await value(networks.sight([networkUid])))[0]?.ports?.length;
      expect(await plugged()).toBe(2);
      expect((await sightOf(host, uid))?.power).toBe('running');
      const told: (string | null)[] = [];
      const stopListening = host.directory.onChange((_place, hint) => told.push(hint.uid));
      await host.lab.virsh('net-destroy', networkUid);
      await host.lab.virsh('net-start', networkUid);
      await until('its guest is to be looked at', async () => told.includes(uid));
      stopListening();
      expect(await plugged()).toBe(0);

      await Promise.all([nic(0), nic(1)].map((it) => value(machines.attachNic({ uid, nic: it }))));
      expect(await plugged()).toBe(2);
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

  it(
    'comes home from the network where somebody who was killed had parked it',
    async () => {
      const { machines, networks } = host.hypervisor;
      const networkUid = await makeNetwork(host, 2);
      const nic = {
        name: 'eth0',
        mac: '52:54:00:bb:00:09',
        networkUid,
        model: 'virtio' as const,
        bootIndex: null,
        rateMbps: null,
      };
      const { uid } = await running(host, { nics: [nic] });
      const parking = join(host.lab.dir, 'parking.xml');
      writeFileSync(parking, `<network><name>steward-parking</name><bridge name='stw-parking'/></network>`);
      await host.lab.virsh('net-create', parking);
      const parked = join(host.lab.dir, 'parked.xml');
      const xml = await host.lab.virsh('dumpxml', uid);
      const device = /<interface type='network'>.*?<\/interface>/s.exec(xml)?.[0] ?? '';
      writeFileSync(parked, device.replace(/<source [^>]*>/, `<source network='steward-parking'/>`));
      await host.lab.virsh('update-device', uid, parked, '--live');
      expect((await sightOf(host, uid))?.live?.nics).toEqual([]);

      await value(machines.attachNic({ uid, nic }));
      expect((await sightOf(host, uid))?.live?.nics).toEqual([nic]);
      expect((await value(networks.sight([networkUid])))[0]?.ports).toHaveLength(1);
      expect(await host.lab.virsh('net-list', '--all', '--name')).not.toContain('steward-parking');
    },
    timeoutMs,
  );

  it(
    'leaves no parking network behind: the next look at the networks ends one that nobody uses',
    async () => {
      const { networks } = host.hypervisor;
      const parking = join(host.lab.dir, 'left.xml');
      writeFileSync(parking, `<network><name>steward-parking</name><bridge name='stw-parking'/></network>`);
      await host.lab.virsh('net-create', parking);
      expect(await host.lab.virsh('net-list', '--name')).toContain('steward-parking');
      await value(networks.sight([]));
      expect(await host.lab.virsh('net-list', '--all', '--name')).not.toContain('steward-parking');
    },
    timeoutMs,
  );
});
