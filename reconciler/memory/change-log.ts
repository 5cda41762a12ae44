import type { ObjectKey, StoredObject } from '../object.ts';
import type { Changes } from '../store.ts';

interface Entry {
  uid: string;
  kind: string;
  key: ObjectKey;
  type: 'changed' | 'removed';
  position: number;
}

/** What changed, the last change of each uid only, oldest first. Its positions are the resourceVersions. */
export class ChangeLog {
  /** In order of position: an entry is taken out and put at the end when its uid changes again. */
  readonly #entries = new Map<string, Entry>();
  readonly #removed = new Set<string>();
  readonly #keptRemovals: number;
  #position = 0;
  #horizon = 0;

  constructor(keptRemovals: number) {
    this.#keptRemovals = keptRemovals;
  }

  get position(): string {
    return String(this.#position);
  }

  changed(uid: string, kind: string, key: ObjectKey): string {
    return this.#append({ uid, kind, key, type: 'changed' });
  }

  removed(uid: string, kind: string, key: ObjectKey): string {
    const position = this.#append({ uid, kind, key, type: 'removed' });
    this.#removed.add(uid);
    if (this.#removed.size > this.#keptRemovals) this.#forgetOldestRemoval();
    return position;
  }

  /** Numbers go on above this one, so that versions of a seeded store never repeat those of its origin. */
  startAbove(position: number): void {
    this.#position = Math.max(this.#position, position);
    this.#horizon = Math.max(this.#horizon, position);
  }

  /** Lets retention pass by everything so far. */
  forget(): void {
    this.#entries.clear();
    this.#removed.clear();
    this.#position++;
    this.#horizon = this.#position;
  }

  since(
    query: {
      since: string;
      limit: number;
      kinds?: readonly string[];
      project?: string | null;
      projects?: readonly string[];
    },
    objectOf: (uid: string) => StoredObject | undefined,
  ): Changes {
    const since = /^\d+$/.test(query.since) ? Number(query.since) : -1;
    if (since < this.#horizon || since > this.#position) return { tooOld: true };
    const after = [...this.#entries.values()].filter((entry) => entry.position > since);
    const wanted = after.filter((entry) => isWanted(entry, query));
    const page = wanted.slice(0, query.limit);
    const last = page.at(-1);
    return {
      tooOld: false,
      position: last && wanted.length > page.length ? String(last.position) : this.position,
      items: page.map((entry) => ({
        ...entry,
        position: String(entry.position),
        object: entry.type === 'changed' ? (objectOf(entry.uid) ?? null) : null,
      })),
    };
  }

  #append(entry: Omit<Entry, 'position'>): string {
    this.#position++;
    this.#entries.delete(entry.uid);
    this.#entries.set(entry.uid, { ...entry, position: this.#position });
    return this.position;
  }

  #forgetOldestRemoval(): void {
    const [uid] = this.#removed;
    if (uid === undefined) return;
    this.#removed.delete(uid);
    this.#horizon = this.#entries.get(uid)?.position ?? this.#horizon;
    this.#entries.delete(uid);
  }
}

function isWanted(
  entry: Entry,
  query: { kinds?: readonly string[]; project?: string | null; projects?: readonly string[] },
): boolean {
  const { project } = entry.key;
  if (query.projects && project !== null && !query.projects.includes(project)) return false;
  if (query.kinds && !query.kinds.includes(entry.kind)) return false;
  return query.project === undefined || query.project === entry.key.project;
}
