import { randomUUID } from 'node:crypto';
import type { LabHost, LabHostOptions } from '../../test/lab/host.ts';
import { startLabHost } from '../../test/lab/lab.ts';
import type { DiskSpec, Hypervisor, HypervisorDirectory, MachineSight, MachineSpec, Result } from '../port.ts';
import { createLibvirtDirectory } from './connect.ts';

/** A lab host with the adapter connected to it. */
export interface ConnectedLab {
  lab: LabHost;
  directory: HypervisorDirectory;
  hypervisor: Hypervisor;
  installationId: string;
  close(): Promise<void>;
}

export async function connectLab(options: LabHostOptions): Promise<ConnectedLab> {
  const lab = await startLabHost(options);
  // libvirt locks a console's device there, as on every Debian host.
  await lab.exec(['mkdir', '-p', '/run/lock']);
  const installationId = randomUUID();
  const directory = createLibvirtDirectory({
    installationId,
    resolveUri: async () => lab.uri,
    backoff: { firstMs: 50, maxMs: 500 },
  });
  const hypervisor = await value(directory.at('host'));
  const close = async () => {
    await directory.close();
    await lab.stop();
  };
  return { lab, directory, hypervisor, installationId, close };
}

export async function value<T>(running: Promise<Result<T>>): Promise<T> {
  const result = await running;
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export async function codeOf(running: Promise<Result<unknown>>): Promise<string> {
  const result = await running;
  return result.ok ? 'ok' : result.error.code;
}

export async function sightOf({ hypervisor }: ConnectedLab, uid: string): Promise<MachineSight | undefined> {
  return (await value(hypervisor.machines.sight([uid])))[0];
}

/** A small machine that idles in its firmware. */
export function smallMachine({ installationId }: ConnectedLab, more: Partial<MachineSpec> = {}): MachineSpec {
  const uid = more.uid ?? randomUUID();
  return {
    uid,
    incarnation: 0,
    title: 'shop/small',
    installationId,
    cpus: 1,
    maxCpus: 1,
    memoryMiB: 32,
    maxMemoryMiB: 32,
    cpuShares: 1024,
    cpuLimitMilli: null,
    accelerator: 'tcg',
    machineType: null,
    cpuModel: null,
    firmware: 'bios',
    secureBoot: false,
    bootOrder: ['disk', 'cdrom', 'network'],
    disks: [],
    nics: [],
    serialLog: false,
    vnc: false,
    autostart: false,
    ...more,
  };
}

export async function running(connected: ConnectedLab, more: Partial<MachineSpec> = {}): Promise<MachineSpec> {
  const spec = smallMachine(connected, more);
  await value(connected.hypervisor.machines.define(spec));
  await value(connected.hypervisor.machines.start(spec.uid));
  return spec;
}

export async function makePool({ hypervisor }: ConnectedLab): Promise<string> {
  const uid = randomUUID();
  await value(hypervisor.pools.ensure({ uid, type: 'dir', path: `/var/lib/libvirt/images/${uid}` }));
  return uid;
}

export async function makeDisk(
  { hypervisor }: ConnectedLab,
  { poolUid, ...more }: { poolUid: string } & Partial<DiskSpec>,
): Promise<DiskSpec> {
  const source = { poolUid, name: `${randomUUID()}.qcow2` };
  await value(hypervisor.volumes.create({ volume: source, bytes: 1_048_576, format: 'qcow2' }));
  const plain = { name: 'root', device: 'disk', bus: 'virtio', format: 'qcow2', readOnly: false } as const;
  return { ...plain, source, bootIndex: null, iops: null, cache: null, ...more };
}

export async function makeNetwork(connected: ConnectedLab, number: number): Promise<string> {
  const uid = randomUUID();
  const net = `10.214.${number}`;
  await value(
    connected.hypervisor.networks.ensure({
      uid,
      installationId: connected.installationId,
      bridge: `swt${uid.slice(0, 8)}`,
      domain: 'web.internal',
      forward: 'none',
      cidr: `${net}.0/24`,
      gateway: `${net}.1`,
      dhcp: { first: `${net}.100`, last: `${net}.200` },
      dns: true,
      mtu: null,
    }),
  );
  return uid;
}

/** Looks again until it holds; the test's own time limit is the bound. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 50));
}
