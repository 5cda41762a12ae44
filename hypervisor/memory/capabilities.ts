import type { Capabilities } from '../port.ts';
import type { World } from './world.ts';

export function capabilitiesOf(world: World): Capabilities {
  return {
    hotplugCpu: true,
    hotplugMemory: true,
    hotplugDisk: true,
    hotplugNic: true,
    resizeVolume: true,
    transferVolume: true,
    snapshotRunning: true,
    console: true,
    events: true,
    liveMigration: false,
    stats: true,
    networkUpdate: true,
    ...world.settings.capabilities,
    adapter: 'memory',
    driver: 'memory',
  };
}
