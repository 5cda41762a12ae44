import type { AnyKind } from './kind.ts';
import type { EngineStore, ObjectStore } from './store.ts';

/** Something of ours in the world that no object stands for. */
export interface Orphan {
  kind: string;
  place: string;
  uid: string;
  externalId: string;
  /** Epoch ms. */
  firstSeenAt: number;
  /** The store knew it and let it go: a leak. Otherwise the store is older than the world (restored), or not its only one. */
  remembered: boolean;
}

export interface SweepOptions {
  /** False: orphans are only reported. Even when true, only what the store remembers is touched. */
  remove: boolean;
  /** Orphans are stopped at once and kept this long before they are removed. */
  quarantineMs: number;
  now: number;
}

export interface SweepResult {
  orphans: Orphan[];
  quarantined: Orphan[];
  removed: Orphan[];
  /** Places that did not answer: nothing about them was decided, and what was known of them stays. */
  silent: string[];
}

/**
 * Lists what is outside first, and only then asks which of it exists: the other order would take for an orphan what was created in
 * between. An orphan must be seen in every sweep of its quarantine before it goes.
 */
export async function sweep<Ports>(
  kinds: readonly AnyKind<Ports>[],
  world: {
    ports: Ports;
    store: Pick<EngineStore, 'existing'> & Pick<ObjectStore, 'operation'>;
    places: readonly string[];
    known: readonly Orphan[];
  },
  options: SweepOptions,
): Promise<SweepResult> {
  const found: Omit<Orphan, 'firstSeenAt' | 'remembered'>[] = [];
  const silent = new Set<string>();
  for (const kind of kinds) {
    for (const place of kind.inventory ? world.places : []) {
      const listed = await kind.inventory?.(world.ports, place);
      if (listed === 'silent') silent.add(place);
      else for (const thing of listed ?? []) found.push({ kind: kind.kind, place, ...thing });
    }
  }
  const living = await world.store.existing([...new Set(found.map(({ uid }) => uid))]);
  const before = new Map(world.known.map((orphan) => [idOf(orphan), orphan]));
  const seen: Orphan[] = [];
  for (const thing of found.filter(({ uid }) => !living.has(uid))) {
    const known = before.get(idOf(thing));
    const remembered = known?.remembered ?? (await world.store.operation(thing.uid)) !== undefined;
    seen.push({ ...thing, firstSeenAt: known?.firstSeenAt ?? options.now, remembered });
  }
  const unseen = world.known.filter(({ place }) => silent.has(place));
  const orphans = [...seen, ...unseen];
  if (!options.remove) return { orphans, quarantined: [], removed: [], silent: [...silent] };
  return { ...(await expelAll(kinds, world.ports, { seen, options })), orphans, silent: [...silent] };
}

async function expelAll<Ports>(
  kinds: readonly AnyKind<Ports>[],
  ports: Ports,
  { seen, options }: { seen: readonly Orphan[]; options: SweepOptions },
): Promise<Pick<SweepResult, 'quarantined' | 'removed'>> {
  const quarantined: Orphan[] = [];
  const removed: Orphan[] = [];
  for (const orphan of seen.filter(({ remembered: leaked }) => leaked)) {
    const kind = kinds.find((candidate) => candidate.kind === orphan.kind);
    const over = options.now - orphan.firstSeenAt >= options.quarantineMs;
    const result = await kind?.expel?.(ports, orphan, over ? 'remove' : 'quarantine');
    if (result?.ok) (over ? removed : quarantined).push(orphan);
  }
  return { quarantined, removed };
}

function idOf({ kind, place, externalId }: Pick<Orphan, 'kind' | 'place' | 'externalId'>): string {
  return `${kind} ${place} ${externalId}`;
}
