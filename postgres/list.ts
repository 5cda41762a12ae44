import { createHash } from 'node:crypto';
import type { Clause, Filter } from '../reconciler/access/filter.ts';
import type { StoredObject } from '../reconciler/object.ts';
import { createRecent } from '../reconciler/recent.ts';
import type { LabelRequirement, ListPage, ListQuery } from '../reconciler/store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { createObjectCache } from './object-cache.ts';
import type { SealedRows } from './personal/rows.ts';
import { type ObjectRow, projectColumn } from './rows.ts';
import { json, type Statement } from './statement.ts';
import { GET_BY_UID } from './statements/get-by-uid.ts';
import { createStillness } from './stillness.ts';

/** Objects kept between lists; a few KiB each. */
const CACHED_OBJECTS = 10_000;
/** Rows of pages kept between lists, with the objects that they show: mostly the same as those above. */
const CACHED_ROWS = 10_000;

interface PageRow {
  uid: string;
  resource_version: number;
  rank: string;
}

/**
 * Pages of a kind's objects by keyset. The statement holds only the filters that are asked for, so that each combination has its own
 * plan; there are few combinations, and each is prepared under the hash of its text. A page that was read before is read again only if
 * something of its kind was changed since; otherwise it is the very same page, which readers may know it by.
 */
export function createList(database: Database, sealed: SealedRows): (query: ListQuery) => Promise<ListPage> {
  const stillness = createStillness(database, Date.now);
  const readPage = createPages(database, sealed);
  const pages = createRecent<{ stamp: string; page: ListPage }>({
    max: CACHED_ROWS,
    weigh: ({ page }) => page.items.length + 1,
  });
  return async (query) => {
    const { text, values } = listStatement(query);
    const name = `${text} ${JSON.stringify(values)}`;
    const known = pages.get(name);
    if (known || stillness.stampOf(query.kind) === null) await stillness.look();
    const stamp = stillness.stampOf(query.kind);
    if (known && known.stamp === stamp) return known.page;
    const page = await readPage({ statement: { name: nameOf(text), text }, values, limit: query.limit });
    // What refers to an object also changes with that object, which may be of any kind.
    if (stamp !== null && query.refersTo === undefined) pages.put(name, { stamp, page });
    return page;
  };
}

/** The statement answers versions, not objects: those that were read before at the same version need not travel, or be parsed, again. */
function createPages(database: Database, sealed: SealedRows) {
  const cache = createObjectCache(CACHED_OBJECTS);
  return async (asked: { statement: Statement; values: unknown[]; limit: number }): Promise<ListPage> => {
    const rows = await database.run<PageRow>(asked.statement, asked.values);
    const page = rows.length > asked.limit ? rows.slice(0, asked.limit) : rows;
    const objects = page.map(({ uid, resource_version }) => cache.get(uid, String(resource_version)));
    const missing = page.filter((_, index) => objects[index] === undefined).map(({ uid }) => uid);
    const fetched = missing.length > 0 ? await fetchObjects(database, missing, sealed) : null;
    for (const object of fetched?.values() ?? []) cache.put(object);
    const items: ListPage['items'] = [];
    for (const [index, { uid, rank }] of page.entries()) {
      const object = objects[index] ?? fetched?.get(uid);
      // What was removed between the two statements is left out, as if the list had been a moment later.
      if (object) items.push(new Item(object, rank));
    }
    return { items, hasMore: rows.length > asked.limit };
  };
}

async function fetchObjects(
  database: Database,
  uids: readonly string[],
  sealed: SealedRows,
): Promise<Map<string, StoredObject>> {
  const rows = await database.run<ObjectRow>(GET_BY_UID, [uids]);
  const objects = rows.map(sealed.objectOf);
  return new Map(objects.map((object) => [object.metadata.uid, object]));
}

/** Cursors are made only when somebody asks: most readers of a page want one of a hundred. */
class Item {
  readonly object: StoredObject;
  readonly #rank: string;

  constructor(object: StoredObject, rank: string) {
    this.object = object;
    this.#rank = rank;
  }

  get cursor(): string {
    return encodeCursor([this.#rank, this.object.metadata.uid]);
  }
}

/** Pure: the query as SQL. Every value is a parameter. */
function listStatement(query: ListQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const value = (item: unknown): string => `$${values.push(item)}`;
  const column = query.orderBy === 'name' ? 'o.name' : 'o.created_at';
  const direction = query.descending ? 'desc' : 'asc';
  const filters = [`o.kind = ${value(query.kind)}`, ...filtersOf(query, value)];
  if (query.after !== undefined) {
    const [rank, uid] = decodeCursor(query.after, ['string', 'string']);
    filters.push(`(${column}, o.uid) ${query.descending ? '<' : '>'} (${value(rank)}, ${value(uid)})`);
  }
  const text = `select o.uid, o.resource_version, ${column} as rank from objects o where ${filters.join(' and ')}
    order by ${column} ${direction}, o.uid ${direction} limit ${value(query.limit + 1)}`;
  return { text, values };
}

function nameOf(text: string): string {
  return `list_${createHash('sha1').update(text).digest('hex').slice(0, 16)}`;
}

type Value = (item: unknown) => string;

function filtersOf(query: ListQuery, value: Value): string[] {
  const filters: string[] = [];
  if (query.project !== undefined) filters.push(`o.project = ${value(projectColumn(query.project))}`);
  if (query.namePrefix) {
    // In bytewise order a prefix is a range; no index can use `like` with a parameter.
    filters.push(`o.name >= ${value(query.namePrefix)} and o.name < ${value(`${query.namePrefix}\u{10ffff}`)}`);
  }
  if (query.names) filters.push(`o.name = any(${value(query.names)}::text[])`);
  for (const requirement of query.labels ?? []) filters.push(labelFilter(requirement, value));
  if (query.condition) filters.push(`o.status->'conditions' @> ${value(json([query.condition]))}::jsonb`);
  if (query.refersTo !== undefined) filters.push(refersTo(value(query.refersTo)));
  if (query.ownerUid !== undefined) filters.push(`o.owner_uid = ${value(query.ownerUid)}`);
  if (query.within !== undefined) filters.push(withinFilter(query.within, value));
  if (query.source !== undefined) filters.push(`o.sources <> '{}' and o.sources @> array[${value(query.source)}]`);
  return filters;
}

/** What the reader may see, as one condition. Of a list of names the shape of the statement does not depend on the length. */
function withinFilter(filter: Filter, value: Value): string {
  if (filter.length === 0) return 'false';
  return `(${filter.map((clause) => clauseFilter(clause, value)).join(' or ')})`;
}

function clauseFilter(clause: Clause, value: Value): string {
  const any = (column: string, list: readonly string[] | undefined) =>
    list === undefined ? [] : [`${column} = any(${value(list)}::text[])`];
  const parts = [
    ...any('o.project', clause.projects),
    ...any("o.spec->>'account'", clause.accounts),
    ...any('o.name', clause.names),
    ...any("o.spec->>'user'", clause.users),
    ...(clause.createdBy === undefined ? [] : [`o.metadata->>'createdBy' = ${value(clause.createdBy)}`]),
    ...(clause.labels === undefined ? [] : [`o.labels @> ${value(json(clause.labels))}::jsonb`]),
    ...(clause.public === true ? ["o.metadata->>'sharing' = 'public'"] : []),
  ];
  return parts.length === 0 ? 'true' : `(${parts.join(' and ')})`;
}

function labelFilter({ key, op, values }: LabelRequirement, value: Value): string {
  switch (op) {
    case 'exists':
      return `o.labels ? ${value(key)}`;
    case 'absent':
      return `not o.labels ? ${value(key)}`;
    case 'in':
      // Containment is what the index of labels answers.
      return values.length === 1
        ? `o.labels @> ${value(json({ [key]: values[0] }))}::jsonb`
        : `o.labels->>${value(key)} = any(${value(values)}::text[])`;
    case 'notIn':
      return `coalesce(o.labels->>${value(key)} <> all(${value(values)}::text[]), true)`;
  }
}

function refersTo(uid: string): string {
  return `o.uid in (
    select r.from_uid from refs r where r.to_uid = ${uid}
    union select r.from_uid from refs r join objects t on t.uid = ${uid}
      and r.to_kind = t.kind and r.to_name = t.name and r.to_project = t.project
  ) and o.uid <> ${uid}`;
}
