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

/** The host and the pool of the first start. */
interface KnownHost {
  uri: string;
  poolPath: string | undefined;
}

/** What the quick start runs on: the host of the first start, what was asked for, else libvirt when it answers, else the in-memory hypervisor. */
export async function chooseHypervisor(
  asked: string,
  { shortId, known }: { shortId: string; known: KnownHost | undefined },
): Promise<ChosenHypervisor | { refused: string }> {
  const chosen = (uri: string, says: string) => ({ uri, says, poolPath: known?.poolPath ?? poolPathOf(uri, shortId) });
  const wanted = asked === 'memory' ? MEMORY_URI : asked;
  if (known && asked === 'auto')
    return chosen(known.uri, `${nameOf(known.uri)}, as at the first start (for another: ${ANOTHER})`);
  // Its machines and disks are there, and another world has none of them.
  if (known && isMemory(known.uri) !== isMemory(wanted))
    return {
      refused: `--hypervisor is ${asked}, and the host "local" of this data folder is ${nameOf(known.uri)}, where its machines are. To use ${asked}, begin with another folder: --data-dir FOLDER.`,
    };
  if (asked !== 'auto') return chosen(wanted, `${nameOf(wanted)}, as asked`);
  const why = await whyNot(SYSTEM_URI);
  return why === null
    ? chosen(SYSTEM_URI, `libvirt at ${SYSTEM_URI} (it answers; for another: ${ANOTHER}, or --hypervisor memory)`)
    : chosen(MEMORY_URI, `${nameOf(MEMORY_URI)} (${SYSTEM_URI} does not answer: ${why}; for another: ${ANOTHER})`);
}

/** Where the first machines are does not change: another hypervisor is another installation. */
const ANOTHER = '--hypervisor URI with a new --data-dir';

function isMemory(uri: string): boolean {
  return uri.startsWith('memory:');
}

function nameOf(uri: string): string {
  return isMemory(uri) ? 'the in-memory hypervisor: no real machines' : uri;
}

function poolPathOf(uri: string, shortId: string): string {
  return isMemory(uri) ? '/pools/local' : `/var/lib/libvirt/images/steward-${shortId}`;
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
