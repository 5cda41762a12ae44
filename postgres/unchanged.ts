import type { StoredObject } from '../reconciler/object.ts';
import type { Loaded } from '../reconciler/store.ts';
import type { Database } from './database.ts';
import { VERSIONS } from './statements/versions.ts';

interface VersionRow {
  uid: string;
  version: number;
  owner: string | null;
}

/** Of what is known, that which is at its version still, with the same children at theirs. */
export async function unchangedOf(
  database: Database,
  known: ReadonlyMap<string, Loaded>,
): Promise<ReadonlyMap<string, Loaded>> {
  if (known.size === 0) return known;
  const families = new Map<string, VersionRow[]>();
  for (const row of await database.run<VersionRow>(VERSIONS, [[...known.keys()]])) {
    const family = families.get(row.owner ?? row.uid);
    if (family) family.push(row);
    else families.set(row.owner ?? row.uid, [row]);
  }
  return new Map([...known].filter(([uid, loaded]) => isAsKnown(loaded, families.get(uid) ?? [])));
}

function isAsKnown({ object, children }: Loaded, rows: readonly VersionRow[]): boolean {
  if (rows.length !== 1 + children.length) return false;
  return rows.every(({ uid, version, owner }) => {
    const before = owner === null ? object : children.find((child) => child.metadata.uid === uid);
    return before !== undefined && isAt(before, version);
  });
}

function isAt({ metadata }: StoredObject, version: number): boolean {
  return metadata.resourceVersion === String(version);
}
