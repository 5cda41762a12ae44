import type { Hypervisor } from '../../hypervisor/port.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { BaseStatus } from '../../reconciler/object.ts';
import type { Completion } from '../../reconciler/store.ts';
import type { Ports } from '../../resources/ports.ts';
import { KINDS } from '../../resources/registry.ts';
import type { Cluster } from './cluster.ts';
import { noFaults } from './faults.ts';
import type { Options } from './options.ts';
import {
  handedOutTwice,
  holdingNoRoom,
  holdingNothingUnique,
  readingOldRows,
  reservingLate,
  withoutFencing,
} from './planted-stores.ts';
import { hashText } from './prng.ts';
import type { Bug } from './simulation.ts';
import { watchedRegistry } from './watch.ts';

/** A mistake that somebody could have made, as a wrapper around the parts of a run. None of this exists outside of tests. */
export interface PlantedBug {
  name: string;
  /** The promise that it breaks. */
  breaks: string;
  bug: Bug;
  /** Conditions under which it matters. */
  options?: Partial<Options>;
}

const completing = (change: (completion: Completion, cluster: Cluster) => Completion): Bug => ({
  store: (store, cluster) => ({
    ...store,
    complete: (completions) => store.complete(completions.map((completion) => change(completion, cluster))),
  }),
});

const kinds = (change: (kind: AnyKind<Ports>) => AnyKind<Ports>): Bug => ({
  registry: watchedRegistry(KINDS.map(change)),
});

const isDeleting = ({ tables }: Cluster, uid: string) => tables.objects.get(uid)?.metadata.deletedAt != null;

/** Processes that stand still for longer than their leases, in the middle of slow calls. */
const ZOMBIES: Partial<Options> = {
  replicas: 3,
  leaseMs: 10_000,
  latencyMs: 400,
  rates: { ...noFaults(), stall: 6, slowCall: 0.1 },
};

/** Work that takes longer than a lease. */
const SLOW: Partial<Options> = {
  machines: 2,
  leaseMs: 10_000,
  latencyMs: 400,
  rates: { ...noFaults(), slowCall: 0.3 },
};

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'no finalizer: a row goes as soon as it is deleted',
    breaks: 'P10',
    bug: completing((completion, cluster) =>
      isDeleting(cluster, completion.claim.uid) ? { ...completion, remove: true } : completion,
    ),
  },
  {
    name: 'no fencing: whoever completes has the newest claim',
    breaks: 'P15, P12',
    bug: { store: withoutFencing },
    options: ZOMBIES,
  },
  {
    name: 'silence taken for absence',
    breaks: 'P10, P21',
    bug: kinds((kind) => observing(kind, (seen) => ({ ...seen, silent: [] }))),
  },
  {
    name: 'written after the effect: nothing is held before something is made',
    breaks: 'P10, P9',
    bug: { store: reservingLate },
  },
  {
    name: 'missing dedupe: a row is handed out while somebody works on it',
    breaks: 'P12',
    bug: { store: handedOutTwice },
    options: { replicas: 2, latencyMs: 400 },
  },
  {
    name: 'early unbind: places are forgotten before they were seen empty',
    breaks: 'P10',
    bug: completing((completion, { tables }) => ({
      ...completion,
      unbind: tables.bindings.of(completion.claim.uid).map(({ place }) => place),
    })),
  },
  {
    name: 'double allocation: addresses are not unique',
    breaks: 'P18',
    bug: { store: holdingNothingUnique },
    options: { networks: 2, machines: 4 },
  },
  {
    name: 'no capacity check',
    breaks: 'P18',
    bug: { store: holdingNoRoom },
    options: { tight: true, hosts: 1, sharedPool: false, machines: 8 },
  },
  {
    name: 'ignoring owned=false: what others made is taken for ours',
    breaks: 'P22',
    bug: kinds((kind) =>
      observing(kind, (seen) => ({
        ...seen,
        sightings: seen.sightings.map((sighting) => ({ ...sighting, owned: true })),
      })),
    ),
    options: { takenUid: true, machines: 2 },
  },
  { name: 'observing too early: the last look is good enough', breaks: 'P10, P15', bug: kinds(rememberingLooks) },
  {
    name: 'wrong order of deletion: holders are not asked',
    breaks: 'P11',
    bug: {
      store: (store) => ({
        ...store,
        load: async (uids) => {
          const rows = await store.load(uids);
          return new Map([...rows].map(([uid, row]) => [uid, { ...row, holders: { total: 0, first: [] } }]));
        },
      }),
    },
  },
  {
    name: 'not renewing the lease of what takes long',
    breaks: 'P12',
    bug: { store: (store) => ({ ...store, renew: async () => new Set<string>() }) },
    options: SLOW,
  },
  {
    name: 'name instead of uid: machines are called outside what people call them',
    breaks: 'P8',
    bug: { ports: namedByName },
    options: { machines: 2 },
  },
  {
    name: 'lost request token: what was asked is never noted as done',
    breaks: 'P2',
    bug: completing((completion) => withStatus(completion, (status) => ({ ...status, requests: {} }))),
  },
  {
    name: 'hot loop: waiting means trying again at once',
    breaks: 'P16',
    bug: completing((completion) => (completion.outcome === 'waiting' ? { ...completion, dueAt: 0 } : completion)),
  },
  {
    name: 'Ready before it is there',
    breaks: 'P15',
    bug: completing((completion) =>
      withStatus(completion, (status) => ({
        ...status,
        conditions: status.conditions.map((condition) =>
          condition.type === 'Ready' ? { ...condition, status: 'True', reason: 'Ready', params: {} } : condition,
        ),
      })),
    ),
  },
  {
    name: 'no grace after a takeover',
    breaks: 'P12',
    bug: { options: { takeoverGraceMs: 0 } },
    options: ZOMBIES,
  },
  {
    name: 'reporting a generation that nobody read',
    breaks: 'P15',
    bug: completing((completion, { tables }) =>
      withStatus(completion, (status) => ({
        ...status,
        observedGeneration: tables.objects.get(completion.claim.uid)?.metadata.generation ?? 0,
      })),
    ),
  },
  {
    name: 'no resync: only hints wake what has settled',
    breaks: 'P1, P13',
    bug: completing((completion) =>
      completion.outcome === 'settled' ? { ...completion, dueAt: completion.dueAt + 30 * 86_400_000 } : completion,
    ),
  },
  {
    name: 'a snapshot is a plain copy, of what is being written to',
    breaks: 'P15',
    bug: { ports: copyingPlainly },
    options: { volumes: 2, machines: 3, snapshots: 2, transferMiBPerSecond: 0.01 },
  },
  { name: 'stale rows: the database is read through a cache', breaks: 'P15, P7', bug: { store: readingOldRows } },
  { name: 'a change of definition removes the machine first', breaks: 'P7', bug: kinds(undefiningFirst) },
  { name: 'a failed start counts as done', breaks: 'P15, P1', bug: { ports: pretending } },
  {
    name: 'the books: what was metered is metered again',
    breaks: 'P19',
    bug: { books: 'doubleMetering' },
  },
  {
    name: 'the books: whatever is defined counts as running',
    breaks: 'P19',
    bug: { books: 'wishedIsRunning' },
  },
];

function withStatus(completion: Completion, change: (status: BaseStatus) => BaseStatus): Completion {
  return completion.status ? { ...completion, status: change(completion.status) } : completion;
}

type Seen = Awaited<ReturnType<NonNullable<AnyKind<Ports>['observe']>>>;

function observing(kind: AnyKind<Ports>, change: (seen: Seen) => Seen): AnyKind<Ports> {
  const { observe } = kind;
  if (!observe || kind.kind === 'Host') return kind;
  return { ...kind, observe: async (ports, input) => change(await observe(ports, input)) };
}

/** What was seen of an object within the last minute is not looked at again. */
function rememberingLooks(kind: AnyKind<Ports>): AnyKind<Ports> {
  const { observe } = kind;
  if (!observe || kind.kind === 'Host') return kind;
  const looks = new WeakMap<Ports, Map<string, Seen>>();
  return {
    ...kind,
    observe: async (ports, input) => {
      const known = looks.get(ports) ?? new Map<string, Seen>();
      looks.set(ports, known);
      const { uid } = input.object.metadata;
      const last = known.get(uid);
      if (last && input.now - last.asOf < 60_000 && input.bindings.length > 0) return last;
      const seen = await observe(ports, input);
      known.set(uid, { ...seen, asOf: input.now });
      return seen;
    },
  };
}

function undefiningFirst(kind: AnyKind<Ports>): AnyKind<Ports> {
  const { plan } = kind;
  if (kind.kind !== 'VirtualMachine' || !plan) return kind;
  return {
    ...kind,
    plan: (input) => {
      const planned = plan(input);
      const define =
        'steps' in planned
          ? planned.steps.find(({ verb, why }) => verb === 'define' && why.code !== 'Absent')
          : undefined;
      if (!('steps' in planned) || !define) return planned;
      const undefine = { ...define, verb: 'undefine', args: { place: define.place, uid: input.object.metadata.uid } };
      return { ...planned, steps: [undefine, ...planned.steps] };
    },
  };
}

/** Machines carry a number made of their name, so that two of one name, one after the other, are the same outside. */
function namedByName(ports: Ports, { tables }: Cluster): Ports {
  const outside = (uid: string) => {
    const name = tables.objects.get(uid)?.metadata.name ?? uid;
    return `00000000-0000-4000-8000-${hashText(name).toString(16).padStart(12, '0')}`;
  };
  const renamed = (first: unknown): unknown => {
    if (typeof first === 'string') return outside(first);
    if (Array.isArray(first)) return first.map(renamed);
    if (first === null || typeof first !== 'object' || !('uid' in first)) return first;
    return { ...first, uid: outside(String(first.uid)) };
  };
  type Call = (first: unknown, ...rest: unknown[]) => unknown;
  const at: Ports['hypervisors']['at'] = async (place) => {
    const found = await ports.hypervisors.at(place);
    if (!found.ok) return found;
    const calls = Object.entries(found.value.machines).map(([verb, call]) => [
      verb,
      (first: unknown, ...rest: unknown[]) => (call as Call)(renamed(first), ...rest),
    ]);
    return { ok: true, value: { ...found.value, machines: Object.fromEntries(calls) } };
  };
  return { ...ports, hypervisors: { ...ports.hypervisors, at } };
}

/** Reports success for starts that the host refused, and believes it. */
function pretending(ports: Ports): Ports {
  const at: Ports['hypervisors']['at'] = async (place) => {
    const found = await ports.hypervisors.at(place);
    if (!found.ok) return found;
    const { machines } = found.value;
    const started = new Set<string>();
    const host: Hypervisor = {
      ...found.value,
      machines: {
        ...machines,
        start: async (uid) => {
          started.add(uid);
          return { ok: true, value: undefined };
        },
        sight: async (uids, options) => {
          const seen = await machines.sight(uids, options);
          if (!seen.ok) return seen;
          const value = seen.value.map((sight) =>
            sight.live === null && sight.owned && sight.power === 'off'
              ? { ...sight, live: sight.persistent, power: 'running' as const, runId: '1' }
              : sight,
          );
          return { ok: true, value };
        },
      },
    };
    return { ok: true, value: host };
  };
  return { ...ports, hypervisors: { ...ports.hypervisors, at } };
}

/** Files are copied as they are, whoever has them open. */
function copyingPlainly(ports: Ports): Ports {
  const at: Ports['hypervisors']['at'] = async (place) => {
    const found = await ports.hypervisors.at(place);
    if (!found.ok) return found;
    const { volumes } = found.value;
    const snapshot: typeof volumes.snapshot = async ({ from, to }, options) => {
      const seen = await volumes.sight({ poolUid: from.poolUid, names: [from.name] }, options);
      if (!seen.ok) return seen;
      const bytes = seen.value[0]?.capacityBytes ?? 0;
      return volumes.clone({ from, fromFormat: 'qcow2', to, bytes, format: 'qcow2' }, options);
    };
    return { ok: true, value: { ...found.value, volumes: { ...volumes, snapshot } } };
  };
  return { ...ports, hypervisors: { ...ports.hypervisors, at } };
}
