import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeReal, labParts } from '../real-parts.ts';
import { command, until } from './command.ts';
import type { LabHost } from './host.ts';
import { type Lab, startLab, startLabHost } from './lab.ts';

jest.setTimeout(120_000);

const machine = `<domain type='qemu'><name>idle</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
  <devices><interface type='network'><source network='inner'/><model type='virtio'/></interface></devices></domain>`;
const network = `<network><name>inner</name><forward mode='nat'/><bridge name='inner0'/>
  <ip address='10.77.0.1' netmask='255.255.255.0'><dhcp><range start='10.77.0.10' end='10.77.0.99'/></dhcp></ip></network>`;

describeReal('a lab host', labParts, () => {
  let host: LabHost;
  beforeAll(async () => {
    host = await startLabHost({ name: 'solo' });
    await define(host);
  });
  afterAll(() => host.stop());

  it('is a libvirt host with a name of its own', async () => {
    expect((await host.virsh('hostname')).trim()).toBe('solo');
    expect((await host.exec(['hostname'])).trim()).toBe('solo');
  });

  it('runs a network with NAT and DHCP, seen only inside', async () => {
    await host.virsh('net-start', 'inner');
    expect(await host.exec(['ps', '-eo', 'args'])).toContain('dnsmasq');
    expect((await host.exec(['cat', '/proc/sys/net/ipv4/ip_forward'])).trim()).toBe('1');
    expect(await host.exec(['iptables', '-t', 'nat', '-S'])).toContain('10.77.0.0/24');
    expect(await command('ip', ['-br', 'link'])).not.toContain('inner0');
  });

  it('runs a guest, ends it, and knows no KVM', async () => {
    await host.virsh('start', 'idle');
    expect((await host.virsh('domstate', 'idle')).trim()).toBe('running');
    await host.virsh('destroy', 'idle');
    expect((await host.virsh('domstate', 'idle')).trim()).toBe('shut off');
    expect(await host.virsh('capabilities')).not.toContain("<domain type='kvm'");
  });

  it('keeps its guests while its libvirtd is killed and started again', async () => {
    await host.virsh('start', 'idle');
    const id = await host.virsh('domid', 'idle');
    await host.killLibvirtd();
    await expect(host.virsh('list')).rejects.toThrow('Connection refused');
    await host.startLibvirtd();
    expect(await host.virsh('domid', 'idle')).toBe(id);
  });

  it('falls silent while its libvirtd is paused', async () => {
    await host.pauseLibvirtd();
    const asked = command('virsh', ['-c', host.uri, 'list'], { timeoutMs: 500 });
    await expect(asked).rejects.toThrow('no end within 500 ms');
    await host.resumeLibvirtd();
    expect(await host.virsh('list', '--name')).toContain('idle');
  });

  it('loses one guest when its emulator crashes', async () => {
    await host.signalGuest('idle', 'KILL');
    await until('the guest is gone', async () => (await host.virsh('domstate', 'idle')).trim() === 'shut off');
  });

  it('loses what runs in a power cut, and keeps what is on its disk', async () => {
    await host.virsh('start', 'idle');
    await host.crash();
    await expect(host.virsh('list')).rejects.toThrow('Failed to connect');
    await host.boot();
    expect(await host.virsh('list', '--all', '--name')).toContain('idle');
    expect(await host.virsh('list', '--name')).not.toContain('idle');
    expect(await host.virsh('net-list', '--inactive', '--name')).toContain('inner');
  });
});

describeReal('two lab hosts', labParts, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ hosts: 2 });
  });
  afterAll(() => lab.stop());

  it('have UUIDs of their own and find each other by name', async () => {
    const [one, other] = lab.hosts as [LabHost, LabHost];
    expect(await hostUuid(one)).not.toBe(await hostUuid(other));
    await one.exec(['busybox', 'ping', '-c1', '-W5', 'host2']);
  });

  it('share a folder', async () => {
    const [one, other] = lab.hosts as [LabHost, LabHost];
    await one.exec(['touch', join(lab.sharedDir, 'disk.img')]);
    expect(await other.exec(['ls', lab.sharedDir])).toBe('disk.img\n');
  });

  it('answer over the network until they are partitioned, and again after', async () => {
    const [, other] = lab.hosts as [LabHost, LabHost];
    const remote = ['-c', `qemu+unix:///system?socket=${other.remoteSocketPath}`, 'hostname'];
    expect((await command('virsh', remote)).trim()).toBe('host2');
    await other.partition();
    await expect(command('virsh', remote, { timeoutMs: 1_000 })).rejects.toThrow('no end within');
    expect((await other.virsh('hostname')).trim()).toBe('host2');
    await other.heal();
    await until('an answer', () => command('virsh', remote).catch(() => undefined));
  });
});

describeReal("a lab host with the machine's KVM", labParts, () => {
  it('offers KVM exactly where the machine has it, and asks qemu only once', async () => {
    const host = await startLabHost({ name: 'fast', kvm: 'present' });
    try {
      expect((await host.virsh('capabilities')).includes("<domain type='kvm'")).toBe(machineHasKvm());
      await host.virsh('domcapabilities');
      const learnt = () => command('stat', ['-c', '%Y.%i', ...cachedCapabilities(host)]);
      const before = await learnt();
      await host.virsh('domcapabilities');
      expect(await learnt()).toBe(before);
    } finally {
      await host.stop();
    }
  });
});

describeReal("a lab host for libvirt's own mock", labParts, () => {
  it('serves test:///default and keeps its machines between connections', async () => {
    const host = await startLabHost({ name: 'mock', driver: 'test' });
    try {
      await host.virsh('destroy', 'test');
      expect((await host.virsh('domstate', 'test')).trim()).toBe('shut off');
    } finally {
      await host.stop();
    }
  });
});

describeReal('a lab that is stopped', labParts, () => {
  it('leaves no process, namespace, mount, link or folder behind', async () => {
    const before = await machineState();
    const lab = await startLab({ hosts: 1 });
    const [host] = lab.hosts as [LabHost];
    await define(host);
    await host.virsh('net-start', 'inner');
    await host.virsh('start', 'idle');
    const inside = (await host.exec(['sh', '-c', 'readlink /proc/1/ns/*'])).trim().split('\n');
    const own = inside.filter((namespace) => !namespacesInUse([process.pid]).has(namespace));
    expect(own.length).toBeGreaterThanOrEqual(4);
    await lab.stop();
    const used = namespacesInUse(readdirSync('/proc').map(Number).filter(Number.isInteger));
    expect(own.filter((namespace) => used.has(namespace))).toEqual([]);
    expect(existsSync(host.dir)).toBe(false);
    expect(await machineState()).toEqual(before);
  });
});

async function define(host: LabHost): Promise<void> {
  for (const [verb, xml] of [
    ['net-define', network],
    ['define', machine],
  ] as const) {
    const file = join(host.dir, `${verb}.xml`);
    writeFileSync(file, xml);
    await host.virsh(verb, file);
  }
}

function cachedCapabilities(host: LabHost): string[] {
  const folder = host.outside('/var/cache/libvirt/qemu/capabilities');
  return readdirSync(folder).map((file) => join(folder, file));
}

function machineHasKvm(): boolean {
  try {
    closeSync(openSync('/dev/kvm', 'r+'));
    return true;
  } catch {
    return false;
  }
}

async function hostUuid(host: LabHost): Promise<string | undefined> {
  return /<uuid>(.*?)<\/uuid>/.exec(await host.virsh('capabilities'))?.[1];
}

/** What the lab must not touch: links, routes, forwarding and mounts of the machine itself. */
async function machineState(): Promise<string[]> {
  return [
    await command('ip', ['-o', 'link']),
    await command('ip', ['route']),
    readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
    readFileSync('/proc/self/mounts', 'utf8'),
  ];
}

function namespacesInUse(pids: readonly number[]): Set<string> {
  const used = new Set<string>();
  for (const pid of pids) {
    for (const kind of ['mnt', 'net', 'pid', 'uts']) {
      try {
        used.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // A process may end while it is looked at.
      }
    }
  }
  return used;
}
