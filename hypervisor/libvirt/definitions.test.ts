import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeReal, labParts } from '../../test/real-parts.ts';
import type { MachineSpec } from '../port.ts';
import {
  type ConnectedLab,
  codeOf,
  connectLab,
  makeDisk,
  makeNetwork,
  makePool,
  sightOf,
  smallMachine,
  value,
} from './lab-host.fixture.ts';
import { readXml } from './xml/read.ts';
import { childrenNamed, descend, textOf } from './xml/tree.ts';

const timeoutMs = 120_000;

describeReal('definitions on a real host', [...labParts, 'ovmf'], () => {
  let host: ConnectedLab;
  beforeAll(async () => {
    host = await connectLab({ name: 'defs' });
  }, timeoutMs);
  afterAll(() => host.close(), timeoutMs);

  describe('a machine with everything', () => {
    it(
      'is seen exactly as wished, off and running, and stays so when it is written again',
      () => seenAsWished(host),
      timeoutMs,
    );
    it('keeps its devices where the guest knows them when others come and go', () => keepsPlaces(host), timeoutMs);
  });

  it.each([
    { firmware: 'uefi', secureBoot: false, machineType: null },
    { firmware: 'uefi', secureBoot: true, machineType: null },
    { firmware: 'uefi', secureBoot: false, machineType: 'q35' },
    { firmware: 'bios', secureBoot: false, machineType: 'q35' },
    { firmware: 'bios', secureBoot: false, machineType: 'pc' },
  ] as const)(
    'with $firmware firmware, secure boot $secureBoot, machine type $machineType is seen as wished and starts',
    async (kind) => {
      const { machines } = host.hypervisor;
      const spec = smallMachine(host, { ...kind, memoryMiB: 64, maxMemoryMiB: 64 });
      await value(machines.define(spec));
      await value(machines.start(spec.uid));
      expect(await sightOf(host, spec.uid)).toMatchObject({ power: 'running', persistent: spec, live: spec });
      await value(machines.destroy(spec.uid));
      await value(machines.undefine(spec.uid));
    },
    timeoutMs,
  );

  it('of others keep what no spec speaks of when they are adopted and changed', () => keepsForeign(host), timeoutMs);

  it(
    'copied from ours are not ours',
    async () => {
      const { machines } = host.hypervisor;
      const spec = smallMachine(host);
      await value(machines.define(spec));
      const copyUid = randomUUID();
      const xml = await host.lab.virsh('dumpxml', spec.uid);
      const copy = xml
        .replace(`<name>${spec.uid}</name>`, '<name>copy</name>')
        .replace(`<uuid>${spec.uid}</uuid>`, `<uuid>${copyUid}</uuid>`);
      await defineOutside(host, copy);
      const all = await value(machines.sight());
      expect(all.filter(({ uid }) => uid === spec.uid)).toHaveLength(1);
      expect(all.find(({ uid }) => uid === copyUid)).toMatchObject({ owned: false, installationId: null });
      expect(await codeOf(machines.destroy(copyUid))).toBe('NotOwned');
      await value(machines.undefine(spec.uid));
      expect(await sightOf(host, copyUid)).toBeDefined();
    },
    timeoutMs,
  );
});

async function richMachine(host: ConnectedLab): Promise<MachineSpec> {
  const poolUid = await makePool(host);
  const networkUid = await makeNetwork(host, 1);
  const other = await makeNetwork(host, 2);
  const nic = { model: 'virtio', bootIndex: null, rateMbps: null } as const;
  return smallMachine(host, {
    title: 'shop/<web> & "co"',
    incarnation: 3,
    maxCpus: 4,
    cpus: 2,
    cpuShares: 512,
    cpuLimitMilli: 1500,
    accelerator: 'auto',
    cpuModel: 'qemu64',
    disks: [
      await makeDisk(host, { poolUid, cache: 'writeback', iops: 500 }),
      await makeDisk(host, { poolUid, name: 'data', bus: 'scsi', cache: 'none' }),
      await makeDisk(host, { poolUid, name: 'more', bus: 'sata' }),
      { ...(await makeDisk(host, { poolUid, name: 'cd', bus: 'sata' })), device: 'cdrom', readOnly: true },
      {
        ...(await makeDisk(host, { poolUid, name: 'empty', format: 'raw', bus: 'sata' })),
        device: 'cdrom',
        source: null,
        readOnly: true,
      },
    ],
    nics: [
      { ...nic, name: 'eth0', mac: '52:54:00:aa:00:01', networkUid },
      { ...nic, name: 'eth1', mac: '52:54:00:aa:00:02', networkUid: other, model: 'e1000' },
    ],
    serialLog: true,
    vnc: true,
    autostart: true,
  });
}

async function seenAsWished(host: ConnectedLab): Promise<void> {
  const { machines } = host.hypervisor;
  const spec = await richMachine(host);
  await value(machines.define(spec));
  expect((await sightOf(host, spec.uid))?.persistent).toEqual(spec);
  const written = await host.lab.virsh('dumpxml', spec.uid);
  await value(machines.define(spec));
  expect(await host.lab.virsh('dumpxml', spec.uid)).toBe(written);
  await value(machines.start(spec.uid));
  const sight = await sightOf(host, spec.uid);
  expect(sight).toMatchObject({
    live: spec,
    persistent: spec,
    accelerator: 'tcg',
    vnc: expect.stringMatching(/^127\.0\.0\.1:59\d\d$/),
  });
  expect(sight?.serialLog).toBe(`/var/log/libvirt/qemu/${spec.uid}.serial.log`);
  await value(machines.destroy(spec.uid));
}

/** PCI places of the devices, by the names of their targets and MACs. */
async function placesOf(host: ConnectedLab, uid: string): Promise<Map<string, string>> {
  const devices = descend(readXml(await host.lab.virsh('dumpxml', '--inactive', uid)), 'devices');
  const named = [...childrenNamed(devices, 'disk'), ...childrenNamed(devices, 'interface')];
  return new Map(
    named.map((device) => {
      const name = descend(device, 'mac')?.attributes.address ?? textOf(descend(device, 'serial'));
      const place = { ...descend(device, 'target')?.attributes, ...descend(device, 'address')?.attributes };
      return [name, JSON.stringify(place)];
    }),
  );
}

async function keepsPlaces(host: ConnectedLab): Promise<void> {
  const { machines } = host.hypervisor;
  const poolUid = await makePool(host);
  const networkUid = await makeNetwork(host, 3);
  const [first, second, third] = [
    await makeDisk(host, { poolUid, name: 'first' }),
    await makeDisk(host, { poolUid, name: 'second' }),
    await makeDisk(host, { poolUid, name: 'third' }),
  ];
  const nic = {
    name: 'eth0',
    mac: '52:54:00:aa:00:03',
    networkUid,
    model: 'virtio',
    bootIndex: null,
    rateMbps: null,
  } as const;
  const spec = smallMachine(host, { disks: [first, second, third], nics: [nic] });
  await value(machines.define(spec));
  const before = await placesOf(host, spec.uid);
  const fourth = await makeDisk(host, { poolUid, name: 'fourth' });
  const changed = { ...spec, disks: [first, third, fourth] };
  await value(machines.define(changed));
  const after = await placesOf(host, spec.uid);
  for (const name of ['first', 'third', nic.mac]) expect(after.get(name)).toBe(before.get(name));
  expect((await sightOf(host, spec.uid))?.persistent).toEqual(changed);
}

async function defineOutside(host: ConnectedLab, xml: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-xml-'));
  await writeFile(join(folder, 'domain.xml'), xml);
  await host.lab.virsh('define', join(folder, 'domain.xml'));
  await rm(folder, { recursive: true });
}

async function keepsForeign(host: ConnectedLab): Promise<void> {
  const { machines } = host.hypervisor;
  const foreignUid = randomUUID();
  const [uid, title] = [randomUUID(), 'shop/adopted'];
  await defineOutside(host, foreignXml(foreignUid));
  await value(machines.adopt({ foreignUid, uid, title, installationId: host.installationId }));
  const seen = (await sightOf(host, uid))?.persistent;
  expect(seen).toMatchObject({
    uid,
    title,
    cpus: 1,
    memoryMiB: 64,
    disks: [{ name: 'hda', source: { poolUid: '', name: '/dev/null' } }],
  });
  if (!seen) return;
  const wanted = { ...seen, cpus: 2, maxCpus: 2, disks: [] };
  await value(machines.define(wanted));
  expect((await sightOf(host, uid))?.persistent).toEqual(wanted);
  const domain = readXml(await host.lab.virsh('dumpxml', foreignUid));
  expect(textOf(descend(domain, 'name'))).toBe(`theirs-${foreignUid}`);
  expect(descend(domain, 'metadata', 'other:note')?.attributes.owner).toBe('bob');
  expect(descend(domain, 'devices', 'watchdog')?.attributes.model).toBe('i6300esb');
  expect(descend(domain, 'devices', 'sound')?.attributes.model).toBe('ich6');
  expect(textOf(descend(domain, 'sysinfo', 'bios', 'entry'))).toBe('LENOVO');
  expect(descend(domain, 'clock')?.attributes.offset).toBe('localtime');
  await value(machines.undefine(uid));
  expect(await sightOf(host, uid)).toBeUndefined();
}

function foreignXml(uid: string): string {
  return `<domain type='qemu'><name>theirs-${uid}</name><uuid>${uid}</uuid>
    <metadata><other:note xmlns:other='https://other.example/1' owner='bob'/></metadata>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu>
    <sysinfo type='smbios'><bios><entry name='vendor'>LENOVO</entry></bios></sysinfo>
    <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/><smbios mode='sysinfo'/></os>
    <features><acpi/></features><clock offset='localtime'/>
    <devices><disk type='file' device='disk'><source file='/dev/null'/><target dev='hda' bus='ide'/></disk>
    <sound model='ich6'/><watchdog model='i6300esb'/></devices></domain>`;
}
