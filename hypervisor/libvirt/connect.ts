import type { HostFacts, Hypervisor, HypervisorDirectory, Result } from '../port.ts';
import { attempt, PortFailure } from './errors.ts';
import { readFacts } from './host.ts';
import { connectHost, type HostConnectionOptions } from './host-connection.ts';
import { createLibvirtHypervisor } from './hypervisor.ts';
import { openLanes } from './lanes.ts';
import { systemTimers, type Timers } from './wire/timers.ts';

export interface LibvirtDirectoryOptions {
  installationId: string;
  /** The libvirt URI of a place (the Host's uid), or undefined when there is none. Asked at every call: answer from memory. */
  resolveUri(place: string): Promise<string | undefined>;
  /** Default: the machine's clock. */
  timers?: Timers;
  /** A number in [0, 1), for jitter. Default: Math.random. */
  random?: () => number;
  /** Deadline for dialling, authenticating and opening a connection. Default 15 s. */
  connectTimeoutMs?: number;
  /** Waits between attempts to reconnect. Default: 250 ms, doubled up to 30 s. */
  backoff?: { firstMs: number; maxMs: number };
}

/** Hosts by place. Each keeps its connections, which come back by themselves; a place whose URI changes gets new ones. */
export function createLibvirtDirectory(options: LibvirtDirectoryOptions): HypervisorDirectory {
  const places = new Map<string, Place>();
  const listeners = new Set<Parameters<HypervisorDirectory['onChange']>[0]>();
  const open = (place: string, uri: string): Place => {
    const opened = openPlace(options, uri, (hint) => {
      for (const listener of [...listeners]) listener(place, hint);
    });
    places.set(place, opened);
    return opened;
  };
  return {
    at: (place) =>
      attempt(undefined, async () => {
        const uri = await options.resolveUri(place);
        const known = places.get(place);
        if (uri === undefined) {
          places.delete(place);
          await known?.close();
          throw new PortFailure('NotFound', `No host is known under ${place}.`);
        }
        if (known?.uri === uri) return await known.hypervisor();
        void known?.close();
        return await open(place, uri).hypervisor();
      }),
    probe: (uri) => probe(options, uri),
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async close() {
      listeners.clear();
      const open = [...places.values()];
      places.clear();
      await Promise.all(open.map((place) => place.close()));
    },
  };
}

type HintListener = Parameters<Hypervisor['onChange']>[0];

interface Place {
  uri: string;
  /** Rejects with Unreachable: after the first attempt's time at the latest, then at once until an attempt succeeds. */
  hypervisor(): Promise<Hypervisor>;
  close(): Promise<void>;
}

function openPlace(options: LibvirtDirectoryOptions, uri: string, listener: HintListener): Place {
  const given = connectionOptions(options, uri);
  let connected: Promise<Hypervisor> | null = null;
  return {
    uri,
    async hypervisor() {
      await given.lanes.inventory.ready();
      connected ??= connectHost(given).then(
        (host) => {
          const hypervisor = createLibvirtHypervisor(host);
          hypervisor.onChange(listener);
          return hypervisor;
        },
        (error) => {
          connected = null;
          throw error;
        },
      );
      return await connected;
    },
    close: async () => {
      const hypervisor = await connected?.catch(() => null);
      await (hypervisor ?? given.lanes).close();
    },
  };
}

/** Connects for one look at the facts, and hangs up. */
async function probe(options: LibvirtDirectoryOptions, uri: string): Promise<Result<HostFacts>> {
  return await attempt(undefined, async () => {
    const given = connectionOptions(options, uri);
    try {
      return await readFacts(await connectHost(given));
    } finally {
      await given.lanes.close();
    }
  });
}

function connectionOptions(options: LibvirtDirectoryOptions, uri: string): HostConnectionOptions {
  const { installationId, timers = systemTimers, random = Math.random, connectTimeoutMs = 15_000, backoff } = options;
  const lanes = openLanes({ uri, timers, random, connectTimeoutMs, ...(backoff ? { backoff } : {}) });
  return { uri, installationId, timers, random, lanes };
}
