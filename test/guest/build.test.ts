import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { command, until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, guestParts, labParts } from '../real-parts.ts';
import { type GuestImage, guestImage } from './build.ts';
import { guestLines, untilGuestSays } from './serial-log.ts';

jest.setTimeout(300_000);

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGd1ZXN0LWtleS1mb3ItdGVzdHMtb25seS0wMDAx';

describeReal('the test guest', [...labParts, ...guestParts, 'xorriso'], () => {
  let host: LabHost;
  let image: GuestImage;
  beforeAll(async () => {
    image = await guestImage();
    host = await startLabHost({ name: 'solo' });
    await apply('net-define', networkXml);
    await host.virsh('net-start', 'inner');
    await startGuest({ name: 'web', peer: 'db', seedOn: 'disk' });
    await startGuest({ name: 'db', peer: 'web.lab.test', seedOn: 'cdrom' });
  });
  afterAll(() => host.stop());

  it('is small, and the same file when it is asked for again', async () => {
    expect(statSync(image.disk).size).toBeLessThan(40 * 1024 * 1024);
    expect(await guestImage()).toEqual(image);
  });

  it('reads its seed, from a disk or a CD', async () => {
    for (const name of ['web', 'db']) {
      await untilGuestSays(serialLog(name), /^ready$/);
      expect(guestLines(readFileSync(serialLog(name), 'utf8'))).toEqual(
        expect.arrayContaining([`hostname=${name}`, `instance=i-${name}`, `key=${key}`]),
      );
    }
  });

  it('has the address that the network leased', async () => {
    const [, address] = await untilGuestSays(serialLog('web'), /^ip=(.*)$/);
    expect(await host.virsh('net-dhcp-leases', 'inner')).toContain(`${address}/24`);
  });

  it('answers another guest by name', async () => {
    await untilGuestSays(serialLog('web'), /^ping db ok 10\.77\.0\./);
    await untilGuestSays(serialLog('db'), /^ping web\.lab\.test ok 10\.77\.0\./);
  });

  it('reports a network card that is plugged in, and asks for its address', async () => {
    await host.virsh(
      'attach-interface',
      'web',
      'network',
      'inner',
      '--model',
      'virtio',
      '--mac',
      '52:54:00:00:00:99',
      '--live',
    );
    await untilGuestSays(serialLog('web'), /^nic eth1 mac=52:54:00:00:00:99$/);
    await untilGuestSays(serialLog('web'), /^address eth1 10\.77\.0\./);
    await host.virsh('detach-interface', 'web', 'network', '--mac', '52:54:00:00:00:99', '--live');
    await untilGuestSays(serialLog('web'), /^nic eth1 gone$/);
  });

  it('reports a disk that is plugged in, grows and is taken away', async () => {
    const disk = '/var/lib/libvirt/images/data.img';
    await host.exec(['qemu-img', 'create', '-q', '-f', 'raw', disk, '1M']);
    await host.virsh('attach-disk', 'web', disk, 'vdc', '--targetbus', 'virtio', '--serial', 'data', '--live');
    await untilGuestSays(serialLog('web'), /^disk vdc sectors=2048 serial=data$/);
    await host.virsh('blockresize', 'web', 'vdc', '2M');
    await untilGuestSays(serialLog('web'), /^disk vdc sectors=4096 serial=data$/);
    await host.virsh('detach-disk', 'web', 'vdc', '--live');
    await untilGuestSays(serialLog('web'), /^disk vdc gone$/);
  });

  it('reports processors and memory that are plugged in', async () => {
    const [, before] = await untilGuestSays(serialLog('web'), /^cpus=1 mem_kib=(\d+)$/);
    await host.virsh('setvcpus', 'web', '2', '--live');
    await untilGuestSays(serialLog('web'), /^cpus=2 /);
    const memory = `<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target></memory>`;
    await apply('attach-device', memory, 'web', '--live');
    await until('more memory', async () => {
      const [, now] = await untilGuestSays(serialLog('web'), /^cpus=2 mem_kib=(\d{6,})$/);
      return Number(now) > Number(before) + 100_000;
    });
  });

  it('can be typed to', async () => {
    const [path] = (await host.virsh('ttyconsole', 'db')).trim().split('\n');
    // qemu notices about once a second whether somebody has the terminal open, so it stays open for the conversation.
    const terminal = await open(path ?? '', 'r+');
    try {
      await terminal.write('echo typed-$((40 + 2))\n');
      await until('the answer', () => readFileSync(serialLog('db'), 'utf8').includes('typed-42'));
    } finally {
      await terminal.close();
    }
  });

  it('powers off when it is asked to', async () => {
    await host.virsh('shutdown', 'web');
    await until('the guest is off', async () => (await host.virsh('domstate', 'web')).trim() === 'shut off');
    await untilGuestSays(serialLog('web'), /^poweroff$/);
  });

  const serialLog = (name: string): string => host.outside(`/var/log/libvirt/${name}.log`);

  async function startGuest(guest: { name: string; peer: string; seedOn: 'disk' | 'cdrom' }): Promise<void> {
    const images = host.outside('/var/lib/libvirt/images');
    copyFileSync(image.disk, join(images, `${guest.name}.qcow2`));
    await makeSeed({ ...guest, target: join(images, `${guest.name}-seed.iso`) });
    await apply('define', guestXml(guest));
    await host.virsh('start', guest.name);
  }

  async function apply(verb: string, xml: string, ...args: string[]): Promise<void> {
    const file = join(host.dir, `${verb}.xml`);
    writeFileSync(file, xml);
    const domain = verb === 'attach-device' ? args.splice(0, 1) : [];
    await host.virsh(verb, ...domain, file, ...args);
  }

  async function makeSeed({ name, peer, target }: { name: string; peer: string; target: string }): Promise<void> {
    const folder = join(host.dir, `seed-${name}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'meta-data'), `instance-id: i-${name}\nlocal-hostname: ${name}\n`);
    const userData = ['#cloud-config', `hostname: ${name}`, 'ssh_authorized_keys:', `  - ${key} somebody`];
    writeFileSync(join(folder, 'user-data'), [...userData, `# steward-ping: ${peer}`, ''].join('\n'));
    await command('xorriso', ['-as', 'mkisofs', '-quiet', '-V', 'cidata', '-J', '-r', '-o', target, folder]);
  }
});

describe('what a guest says', () => {
  it('is found between its shell and whatever else is on its console', () => {
    const log = 'SeaBIOS\r\nSTEWARD-GUEST hostname=web\r\n/ # STEWARD-GUEST nic eth1 gone\r\n/ # ls\r\n';
    expect(guestLines(log)).toEqual(['hostname=web', 'nic eth1 gone']);
  });

  it('is told in full when a line does not come', async () => {
    expect(existsSync('/nowhere/serial.log')).toBe(false);
    const asked = untilGuestSays('/nowhere/serial.log', /^ready$/, { timeoutMs: 1 });
    await expect(asked).rejects.toThrow('/^ready$/ on /nowhere/serial.log: not within 1 ms');
  });
});

const networkXml = `<network><name>inner</name><forward mode='nat'/><bridge name='inner0'/>
  <domain name='lab.test' localOnly='yes'/><ip address='10.77.0.1' netmask='255.255.255.0'>
  <dhcp><range start='10.77.0.10' end='10.77.0.99'/></dhcp></ip></network>`;

function guestXml({ name, seedOn }: { name: string; seedOn: 'disk' | 'cdrom' }): string {
  const target = { disk: `<target dev='vdb' bus='virtio'/>`, cdrom: `<target dev='sda' bus='scsi'/>` }[seedOn];
  const rootPorts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    .map((index) => `<controller type='pci' index='${index}' model='pcie-root-port'/>`)
    .join('');
  return `<domain type='qemu'><name>${name}</name>
  <maxMemory slots='4' unit='MiB'>1024</maxMemory><memory unit='MiB'>128</memory><vcpu current='1'>2</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
  <cpu><numa><cell id='0' cpus='0-1' memory='128' unit='MiB'/></numa></cpu>
  <devices>
    <controller type='scsi' model='virtio-scsi'/>
    <controller type='pci' index='0' model='pcie-root'/>${rootPorts}
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/${name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='${seedOn}'><driver name='qemu' type='raw'/>
      <source file='/var/lib/libvirt/images/${name}-seed.iso'/>${target}<readonly/></disk>
    <interface type='network'><source network='inner'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/${name}.log' append='on'/></serial>
  </devices></domain>`;
}
