import { join } from 'node:path';
import { createHypervisorDirectory } from '../../hypervisor/directory.ts';
import { createLibvirtDirectory } from '../../hypervisor/libvirt/connect.ts';
import { createMemoryDirectory } from '../../hypervisor/memory/directory.ts';
import { loadWorld, saveWorld } from '../../hypervisor/memory/persist.ts';
import { createWorld } from '../../hypervisor/memory/world.ts';
import type { HypervisorDirectory } from '../../hypervisor/port.ts';
import { systemClock } from './environment.ts';

/** Connects places to hypervisors: `memory://` in this process (kept in a file), all else to libvirt. */
export async function openHypervisors(options: {
  dataDir: string;
  installationId: string;
  resolveUri(place: string): Promise<string | undefined>;
}): Promise<HypervisorDirectory> {
  const { resolveUri, installationId } = options;
  const path = join(options.dataDir, 'memory-hypervisor.json');
  const state = await loadWorld(path);
  const world = createWorld({ clock: systemClock, ...(state ? { state } : {}) });
  const saver = saveWorld(world, { path, delayMs: 100 });
  const memory = createMemoryDirectory({ world, installationId, resolveUri });
  const libvirt = createLibvirtDirectory({ installationId, resolveUri });
  const directory = createHypervisorDirectory({ resolveUri, memory, libvirt });
  return {
    ...directory,
    close: async () => {
      await directory.close();
      await saver.close();
    },
  };
}

export interface ChosenHypervisor {
  uri: string;
  /** Folder of the first storage pool on that host. */
  poolPath: string;
  /** What was chosen and why, for people, with how to change it. */
  says: string;
}

export const MEMORY_URI = 'memory://local?cpus=16&memoryGiB=64&storageGiB=1000';
const SYSTEM_URI = 'qemu:///system';
const PROBE_MS = 5_000;

/** What the quick start runs on: what was asked for, else libvirt when it answers, else the in-memory hypervisor. */
export async function chooseHypervisor(asked: string, shortId: string): Promise<ChosenHypervisor> {
  const poolPath = `/var/lib/libvirt/images/steward-${shortId}`;
  if (asked === 'memory')
    return { uri: MEMORY_URI, poolPath: '/pools/local', says: 'the in-memory hypervisor, as asked' };
  if (asked !== 'auto') return { uri: asked, poolPath, says: `${asked}, as asked` };
  const why = await whyNot(SYSTEM_URI);
  return why === null
    ? {
        uri: SYSTEM_URI,
        poolPath,
        says: `libvirt at ${SYSTEM_URI} (it answers; change it with --hypervisor memory or --hypervisor URI)`,
      }
    : {
        uri: MEMORY_URI,
        poolPath: '/pools/local',
        says: `the in-memory hypervisor: no real machines (${SYSTEM_URI} does not answer: ${why}; change it with --hypervisor URI)`,
      };
}

async function whyNot(uri: string): Promise<string | null> {
  const libvirt = createLibvirtDirectory({
    installationId: 'probe',
    resolveUri: async () => undefined,
    connectTimeoutMs: PROBE_MS,
  });
  try {
    const facts = await libvirt.probe(uri);
    return facts.ok ? null : facts.error.message;
  } finally {
    await libvirt.close();
  }
}
