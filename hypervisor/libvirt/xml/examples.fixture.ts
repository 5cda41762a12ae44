import type { MachineSpec, NetworkSpec } from '../../port.ts';
import type { Dialect } from './domain-build.ts';

/** Hosts and things with fixed values, for golden files. */
export const qemuDialect: Dialect = {
  driver: 'QEMU',
  arch: 'x86_64',
  kvm: true,
  cpuTuned: true,
  serialLogFolder: '/var/log/libvirt/qemu',
  machineTypes: ['pc', 'q35', 'pc-i440fx-7.2', 'pc-q35-7.2'],
};
export const testDialect: Dialect = { ...qemuDialect, driver: 'TEST', arch: 'i686', kvm: false, machineTypes: [] };

const uid = '01920000-0000-7000-8000-000000000001';
const poolUid = '01920000-0000-7000-8000-0000000000aa';
const networkUid = '01920000-0000-7000-8000-0000000000bb';
const disk = {
  device: 'disk',
  bus: 'virtio',
  format: 'qcow2',
  readOnly: false,
  bootIndex: null,
  iops: null,
  cache: null,
} as const;

export const smallMachine: MachineSpec = {
  uid,
  incarnation: 0,
  title: 'shop/small',
  installationId: '01920000-0000-7000-8000-00000000000f',
  cpus: 1,
  maxCpus: 1,
  memoryMiB: 512,
  maxMemoryMiB: 512,
  cpuShares: 1024,
  cpuLimitMilli: null,
  accelerator: 'auto',
  machineType: null,
  cpuModel: null,
  firmware: 'bios',
  secureBoot: false,
  bootOrder: ['disk', 'network'],
  disks: [{ ...disk, name: 'root', source: { poolUid, name: 'root.qcow2' } }],
  nics: [{ name: 'eth0', mac: '52:54:00:00:00:01', networkUid, model: 'virtio', bootIndex: null, rateMbps: null }],
  serialLog: false,
  vnc: false,
  autostart: false,
};

export const richMachine: MachineSpec = {
  ...smallMachine,
  incarnation: 7,
  title: 'shop/<rich> & "famous"',
  cpus: 2,
  maxCpus: 8,
  memoryMiB: 2048,
  maxMemoryMiB: 4096,
  cpuShares: 2048,
  cpuLimitMilli: 1500,
  accelerator: 'tcg',
  machineType: 'q35',
  cpuModel: 'qemu64',
  firmware: 'uefi',
  secureBoot: true,
  disks: [
    { ...disk, name: 'root', source: { poolUid, name: 'root.qcow2' }, bootIndex: 2, cache: 'none', iops: 500 },
    { ...disk, name: 'data', bus: 'scsi', format: 'raw', source: { poolUid, name: 'data.raw' }, readOnly: true },
    { ...disk, name: 'cd', device: 'cdrom', bus: 'sata', format: 'raw', source: null, readOnly: true, bootIndex: 1 },
  ],
  nics: [
    { name: 'eth0', mac: '52:54:00:00:00:01', networkUid, model: 'virtio', bootIndex: 3, rateMbps: 100 },
    { name: 'eth1', mac: '52:54:00:00:00:02', networkUid, model: 'e1000', bootIndex: null, rateMbps: null },
  ],
  serialLog: true,
  vnc: true,
  autostart: true,
};

export const natNetwork: NetworkSpec = {
  uid: networkUid,
  installationId: smallMachine.installationId,
  bridge: 'stw1a2b3c',
  domain: 'web.internal',
  forward: 'nat',
  cidr: '10.20.0.0/16',
  gateway: '10.20.0.1',
  dhcp: { first: '10.20.128.0', last: '10.20.255.254' },
  dns: true,
  mtu: 1400,
};

export const bareNetwork: NetworkSpec = { ...natNetwork, forward: 'none', dhcp: null, dns: false, mtu: null };

export const reservations = [
  { mac: '52:54:00:00:00:01', ip: '10.20.0.10', hostname: 'web' },
  { mac: '52:54:00:00:00:02', ip: '10.20.0.11', hostname: 'db' },
];
