import { fits } from '../access/filter.ts';
import { CursorError } from '../cursor-error.ts';
import type { StoredObject } from '../object.ts';
import type { LabelRequirement, ListPage, ListQuery } from '../store.ts';
import type { Objects } from './objects.ts';

/** One page of a kind's objects. Cursors hold the sort key, so that a page stays right while objects come and go. */
export function listObjects(objects: Objects, query: ListQuery): ListPage {
  const candidates = candidatesOf(objects, query).filter((object) => matches(object, query));
  const direction = query.descending ? -1 : 1;
  const rows = candidates.map((object) => ({ object, rank: rankOf(object, query.orderBy) }));
  rows.sort((a, b) => direction * compareRanks(a.rank, b.rank));
  const after = query.after === undefined ? null : parseCursor(query.after);
  const rest = after ? rows.filter((row) => direction * compareRanks(row.rank, after) > 0) : rows;
  return {
    items: rest.slice(0, query.limit).map(({ object, rank }) => ({ object, cursor: cursorOf(rank) })),
    hasMore: rest.length > query.limit,
  };
}

type Rank = readonly [string, string];

function candidatesOf(objects: Objects, query: ListQuery): StoredObject[] {
  const owned = query.ownerUid === undefined ? objects.ofKind(query.kind) : objects.childrenOf(query.ownerUid);
  const ofKind = owned.filter((object) => object.kind === query.kind);
  if (query.refersTo === undefined) return ofKind;
  const target = objects.get(query.refersTo);
  const referrers = new Set(target ? objects.referrersOf(target) : []);
  return ofKind.filter((object) => referrers.has(object));
}

function matches(object: StoredObject, query: ListQuery): boolean {
  const { metadata, status } = object;
  if (query.project !== undefined && metadata.project !== query.project) return false;
  if (query.namePrefix !== undefined && !metadata.name.startsWith(query.namePrefix)) return false;
  if (query.names && !query.names.includes(metadata.name)) return false;
  if (query.source !== undefined && metadata.managed[query.source] === undefined) return false;
  if (!(query.labels ?? []).every((requirement) => fulfils(metadata.labels, requirement))) return false;
  if (query.within !== undefined && !fits(query.within, object)) return false;
  const wanted = query.condition;
  if (!wanted) return true;
  return status.conditions.some((condition) => condition.type === wanted.type && condition.status === wanted.status);
}

function fulfils(labels: Record<string, string>, { key, op, values }: LabelRequirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (op) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notIn':
      return value === undefined || !values.includes(value);
  }
}

function rankOf(object: StoredObject, orderBy: ListQuery['orderBy']): Rank {
  const { name, createdAt, uid } = object.metadata;
  return [orderBy === 'name' ? name : createdAt, uid];
}

function compareRanks(a: Rank, b: Rank): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}

function cursorOf(rank: Rank): string {
  return Buffer.from(JSON.stringify(rank)).toString('base64url');
}

function parseCursor(cursor: string): Rank {
  try {
    const rank: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(rank) && typeof rank[0] === 'string' && typeof rank[1] === 'string') return [rank[0], rank[1]];
  } catch {
    // The error below says it better than the parser would.
  }
  throw new CursorError(cursor);
}
