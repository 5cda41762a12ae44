import type { Capabilities } from '../port.ts';

/** What libvirt's drivers can do through this adapter. Found out by trying (see contract.test.ts), since libvirt cannot be asked. */
export function capabilitiesOf(driver: string): Capabilities {
  const common = { adapter: 'libvirt', driver, events: true, liveMigration: false } as const;
  if (driver === 'QEMU') return { ...common, ...everything };
  if (driver === 'TEST') return { ...common, ...nothing, hotplugCpu: true, hotplugMemory: true, networkUpdate: true };
  return { ...common, ...nothing };
}

const everything = {
  hotplugCpu: true,
  hotplugMemory: true,
  hotplugDisk: true,
  hotplugNic: true,
  resizeVolume: true,
  transferVolume: true,
  snapshotRunning: true,
  console: true,
  stats: true,
  networkUpdate: true,
} as const;

const nothing = {
  hotplugCpu: false,
  hotplugMemory: false,
  hotplugDisk: false,
  hotplugNic: false,
  resizeVolume: false,
  transferVolume: false,
  snapshotRunning: false,
  console: false,
  stats: false,
  networkUpdate: false,
} as const;
