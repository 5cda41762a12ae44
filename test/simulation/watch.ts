import type { Result } from '../../hypervisor/port.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { createRegistry, type Registry } from '../../reconciler/registry.ts';
import type { Completion, Loaded } from '../../reconciler/store.ts';
import type { Ports } from '../../resources/ports.ts';
import type { Cluster } from './cluster.ts';
import { AT_EVERY_ACT, AT_EVERY_CALL, AT_EVERY_CHANGE, AT_EVERY_COMPLETION } from './properties.ts';
import type { Life } from './replica.ts';

/** A call that changes a host, as it starts. */
export interface ActingCall {
  life: Life;
  /** `machines.start`, … */
  verb: string;
  place: string;
  args: readonly unknown[];
  /** The object whose act this is; undefined when nobody's. */
  actor: string | undefined;
  /** Calls for the same object that have not landed. */
  beside: readonly { life: Life; verb: string }[];
}

/** A completion that was just committed. */
export interface Committed {
  life: Life;
  completion: Completion;
  before: StoredObject;
  places: readonly string[];
  /** Generation that this process had read. */
  readGeneration: number;
}

/** Sees everything that processes do, and holds it against the promises. */
export interface Watch {
  enlist(ports: Ports, life: Life): void;
  loaded(life: Life, rows: ReadonlyMap<string, Loaded>): ReadonlyMap<string, Loaded>;
  claimed(uid: string): void;
  committed(): void;
  completing(completions: readonly Completion[]): void;
  completed(life: Life, completion: Completion): void;
  acting(
    life: Life,
    call: { verb: string; place: string; args: readonly unknown[] },
  ): (answer: Result<unknown>) => void;
  /** Checks what must hold at every moment, if anything changed since. */
  check(): void;
  /** Calls that changed something, status rows written, and reconciles so far. */
  totals(): { acts: number; statusWrites: number; reconciles: number };
}

/** Reconciles of one object in ten seconds that are no longer an accident. */
const HOT_CLAIMS = 150;
/** The same for calls that change a host. */
const HOT_CALLS = 60;

export function createWatch(cluster: Cluster): Watch {
  const readGenerations = new WeakMap<Life, Map<string, number>>();
  const inFlight = new Map<string, Set<{ life: Life; verb: string }>>();
  const before = new Map<string, { object: StoredObject; places: string[] }>();
  const totals = { acts: 0, statusWrites: 0, reconciles: 0 };
  const heat = createHeat(cluster);
  let dirty = true;
  cluster.world.onMutation.add(() => {
    dirty = true;
  });
  return {
    enlist: (ports, life) => enlist(ports, { life, cluster }),
    loaded: (life, rows) => {
      const known = readGenerations.get(life) ?? new Map<string, number>();
      readGenerations.set(life, known);
      for (const [uid, { object }] of rows) known.set(uid, object.metadata.generation);
      return rows;
    },
    claimed: (uid) => {
      totals.reconciles++;
      if (!cluster.seenAt.has(uid)) cluster.seenAt.set(uid, cluster.clock.now());
      heat(`reconciles of ${uid}`, HOT_CLAIMS);
    },
    committed: () => {
      dirty = true;
    },
    completing: (completions) => {
      before.clear();
      for (const { claim } of completions) {
        const object = cluster.tables.objects.get(claim.uid);
        const places = cluster.tables.bindings.of(claim.uid).map(({ place }) => place);
        if (object) before.set(claim.uid, { object, places });
      }
    },
    completed: (life, completion) => {
      dirty = true;
      const { uid } = completion.claim;
      const was = before.get(uid);
      // A source notes when it was last compared.
      if (completion.status && completion.claim.kind !== 'Source') {
        totals.statusWrites++;
        if (cluster.quiet)
          cluster.trace.note(`${life.name} ${uid} writes ${difference(was?.object.status, completion.status)}`);
      }
      if (!was) return;
      const readGeneration = readGenerations.get(life)?.get(uid) ?? 0;
      const row: Committed = { life, completion, before: was.object, places: was.places, readGeneration };
      for (const check of AT_EVERY_COMPLETION) check(cluster, row);
    },
    acting: (life, { verb, place, args }) => {
      const actor = actorOf(args);
      if (actor === undefined || !cluster.poisoned.has(actor)) totals.acts++;
      const beside = actor === undefined ? [] : [...(inFlight.get(actor) ?? [])];
      for (const check of AT_EVERY_CALL) check(cluster, { life, verb, place, args, actor, beside });
      if (actor === undefined) return () => undefined;
      heat(`calls for ${actor}`, HOT_CALLS);
      const calls = inFlight.get(actor) ?? new Set();
      inFlight.set(actor, calls);
      const call = { life, verb };
      calls.add(call);
      return () => void calls.delete(call);
    },
    check: () => {
      if (!dirty) return;
      dirty = false;
      for (const check of AT_EVERY_CHANGE) check(cluster);
    },
    totals: () => ({ ...totals }),
  };
}

/** P16: counts what happens within ten seconds. */
function createHeat({ clock, violate }: Cluster): (what: string, most: number) => void {
  const rows = new Map<string, { bucket: number; times: number }>();
  return (what, most) => {
    const bucket = Math.floor(clock.now() / 10_000);
    const row = rows.get(what);
    const times = row?.bucket === bucket ? row.times + 1 : 1;
    rows.set(what, { bucket, times });
    if (times === most) violate('P16', `${times} ${what} within 10 s`);
  };
}

/** Names of the fields that differ, for the reader of a trace. */
function difference(before: object | undefined, after: object): string {
  const old = new Map(Object.entries(before ?? {}));
  const fields = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(old.get(name)) !== JSON.stringify(value),
  );
  return fields
    .map(([name, value]) => `${name}=${JSON.stringify(value)} (was ${JSON.stringify(old.get(name))})`)
    .join(', ');
}

const lives = new WeakMap<object, { life: Life; cluster: Cluster }>();
/** Every act has a signal of its own, which it passes to its calls: so a call tells whose it is. */
const actors = new WeakMap<AbortSignal, string>();

function enlist(ports: Ports, who: { life: Life; cluster: Cluster }): void {
  lives.set(ports, who);
}

function actorOf(args: readonly unknown[]): string | undefined {
  const options = args.at(-1) as { signal?: AbortSignal } | undefined;
  return options?.signal ? actors.get(options.signal) : undefined;
}

/** The kinds as they are, but for acts that tell when they start. */
export function watchedRegistry(kinds: readonly AnyKind<Ports>[]): Registry<Ports> {
  return createRegistry(kinds.map(watchedKind));
}

function watchedKind(kind: AnyKind<Ports>): AnyKind<Ports> {
  if (!kind.acts) return kind;
  const acts = Object.entries(kind.acts).map(([verb, act]) => {
    const run: typeof act.run = (call) => {
      const who = lives.get(call.ports);
      const { uid } = call.object.metadata;
      actors.set(call.signal, uid);
      if (who) for (const check of AT_EVERY_ACT) check(who.cluster, { life: who.life, uid, verb });
      return act.run(call);
    };
    return [verb, { ...act, run }] as const;
  });
  return { ...kind, acts: Object.fromEntries(acts) };
}
