import type { HostFacts, Hypervisor, HypervisorDirectory, Result } from '../port.ts';
import { hostFromUri } from './host-uri.ts';
import { createMemoryHypervisor, factsOf } from './hypervisor.ts';
import { failure, success } from './results.ts';
import type { HostState } from './state.ts';
import type { HintListener, World } from './world.ts';

export interface MemoryDirectoryOptions {
  /** The hosts; one that a URI names and that is not there yet is made. */
  world: World;
  installationId: string;
  /** The URI of a place (the Host's uid), such as `memory://host-1?cpus=16&memoryGiB=64`, or undefined when there is none. */
  resolveUri(place: string): Promise<string | undefined>;
}

export function createMemoryDirectory(options: MemoryDirectoryOptions): HypervisorDirectory {
  const { world, installationId } = options;
  const connections = new Map<string, { hypervisor: Hypervisor; host: string }>();
  const listeners = new Set<Parameters<HypervisorDirectory['onChange']>[0]>();
  const forward: HintListener = (host, hint) => {
    for (const [place, connection] of connections) {
      if (connection.host === host) for (const listener of listeners) listener(place, hint);
    }
  };
  world.onHint.add(forward);
  const connect = (place: string, host: HostState) => {
    const known = connections.get(place);
    if (known?.host === host.name) return known.hypervisor;
    void known?.hypervisor.close();
    const hypervisor = createMemoryHypervisor(world, { host, installationId });
    connections.set(place, { hypervisor, host: host.name });
    return hypervisor;
  };
  return {
    async at(place) {
      const uri = await options.resolveUri(place);
      if (uri === undefined) return failure('NotFound', `No host is known under ${place}.`);
      const host = hostAt(world, uri);
      return host.ok ? success(connect(place, host.value)) : host;
    },
    async probe(uri): Promise<Result<HostFacts>> {
      const host = answering(world, uri);
      return host.ok ? success(factsOf(host.value)) : host;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      world.onHint.delete(forward);
      await Promise.all([...connections.values()].map(({ hypervisor }) => hypervisor.close()));
      connections.clear();
    },
  };
}

/** The host that a URI describes, if it answers. */
function answering(world: World, uri: string): Result<HostState> {
  const parsed = parsedOnce(uri);
  if (!parsed.ok || !world.unreachable.has(parsed.value.name)) return parsed;
  return failure('Unreachable', `${parsed.value.name} does not answer.`);
}

function hostAt(world: World, uri: string): Result<HostState> {
  const parsed = answering(world, uri);
  if (!parsed.ok) return parsed;
  const { name } = parsed.value;
  const known = world.state.hosts[name];
  if (known && isAsBig(known, parsed.value)) return success(known);
  const { cpus, memoryMiB, storageMiB, kvm } = parsed.value;
  const host = known ? Object.assign(known, { cpus, memoryMiB, storageMiB, kvm }) : structuredClone(parsed.value);
  world.state.hosts[name] = host;
  for (const listener of world.onMutation) listener();
  return success(host);
}

/** Every observation asks. What it answers is a pattern, and nobody's host. */
function parsedOnce(uri: string): Result<HostState> {
  const known = patterns.get(uri) ?? hostFromUri(uri);
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  patterns.set(uri, known);
  return known;
}

const patterns = new Map<string, Result<HostState>>();
const PATTERNS_MAX = 1_000;

/** The URI says how big a host is, also one that is there already. */
function isAsBig(host: HostState, { cpus, memoryMiB, storageMiB, kvm }: HostState): boolean {
  return host.cpus === cpus && host.memoryMiB === memoryMiB && host.storageMiB === storageMiB && host.kvm === kvm;
}
