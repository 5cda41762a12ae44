import { type Access, allows, type Target, targetOf } from '../reconciler/access/access.ts';
import { visibleFacts } from '../reconciler/access/facts.ts';
import { type Filter, fits, visible } from '../reconciler/access/filter.ts';
import { withAccess } from '../reconciler/admission/permissions.ts';
import { keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import { accessOf, type Principal } from '../reconciler/principal.ts';
import type { Changes, ListQuery, ObjectStore, RecordPage, RecordQuery } from '../reconciler/store.ts';
import type { Api } from './api.ts';
import { heldByOthers } from './held-by-others.ts';

const NONE = { items: [], hasMore: false };
/** Objects that one subscription remembers to have shown, so that it can tell of their removal. */
const SEEN_MAX = 20_000;

/**
 * The API as one caller sees it: whatever a resolver reads through it, it gets what the caller may see and nothing else, so that no
 * resolver can forget to ask. What may not be seen does not exist. For the administrator it is the API itself, and costs nothing.
 */
export function scopedApi(api: Api, principal: Principal): Api {
  const { rights } = api.admission;
  if (!principal.authentication && !principal.access) return api;
  const access = async (): Promise<Access> => (rights ? rights.of(principal) : accessOf(principal));
  const store = scopedStore(api, principal, access);
  return {
    ...api,
    store,
    forecast: async (request) => {
      const acting = await withAccess(api.admission, request.apply.principal);
      const look = await visibleKeys(store, request.look);
      const outcome = await api.forecast({ ...request, look, apply: { ...request.apply, principal: acting } });
      if (!outcome.ok) return outcome;
      const { objects, steps } = outcome.forecast;
      const asked = new Set(objects.flatMap(({ key, change }) => (change === 'affected' ? [] : [keyText(key)])));
      const shows = (key: ObjectKey) => asked.has(keyText(key)) || mayBeNamed(accessOf(acting), key);
      return {
        ok: true,
        forecast: {
          ...outcome.forecast,
          objects: objects.filter(({ key }) => shows(key)),
          steps: steps.filter(({ key }) => shows(key)),
        },
      };
    },
    openConsole: async (object, type) => {
      if (!(await mayOpenConsole(api, principal, object)))
        return { ok: false, message: `${principal.actor} may not open consoles of ${keyText(keyOfObject(object))}.` };
      return api.openConsole(object, type, principal);
    },
  };
}

/** By the rights of now. */
export async function mayOpenConsole(
  { admission }: Pick<Api, 'admission'>,
  principal: Principal,
  object: StoredObject,
): Promise<boolean> {
  return allows(accessOf(await withAccess(admission, principal)), 'console', targetOf(object));
}

type Accessing = () => Promise<Access>;

/** Of things in a project the key says enough; other things a forecast names only to those who see all of their kind. */
function mayBeNamed(access: Access, key: ObjectKey): boolean {
  return allows(access, 'get', { ...key, account: key.kind === 'Account' ? key.name : null });
}

async function visibleKeys(store: Pick<ObjectStore, 'getByKey'>, keys: readonly ObjectKey[]): Promise<ObjectKey[]> {
  const found = await store.getByKey(keys);
  return keys.filter((_, index) => found[index] !== undefined);
}

function keyOfObject({ kind, metadata }: StoredObject): ObjectKey {
  return { kind, project: metadata.project, name: metadata.name };
}

function scopedStore(api: Api, principal: Principal, access: Accessing): ObjectStore {
  const { store } = api;
  const shown = async (objects: readonly (StoredObject | undefined)[]) => {
    const now = await access();
    return objects.map((object) =>
      object && allows(now, 'get', targetOf(object)) ? heldByOthers(now, object) : undefined,
    );
  };
  return {
    ...store,
    getByKey: async (keys) => shown(await store.getByKey(keys)),
    getByUid: async (uids) => shown(await store.getByUid(uids)),
    list: async (query) => listed(api, await access(), query),
    uniqueHolders: () => Promise.reject(new Error('Who has a unique key is asked by admission alone.')),
    changes: scopedChanges(api, access),
    ...scopedRecords(api, access),
    operation: async (uid) => {
      const state = await store.operation(uid);
      if (!state) return undefined;
      const [object] = await store.getByUid([uid]);
      const target: Target = object ? targetOf(object) : { ...state.key, account: null };
      return allows(await access(), 'get', target) ? state : undefined;
    },
    bindings: async (uid) => ((await shown(await store.getByUid([uid])))[0] ? store.bindings(uid) : []),
    claims: async (uid) => ((await shown(await store.getByUid([uid])))[0] ? store.claims(uid) : null),
    capacity: async () => (allows(await access(), 'get', { kind: 'Capacity', project: null }) ? store.capacity() : []),
    savePlan: (plan) => store.savePlan(plan),
    loadPlan: async (id) => {
      const plan = await store.loadPlan(id);
      return plan?.createdBy === principal.actor ? plan : undefined;
    },
    write: () => Promise.reject(new Error('Callers change objects through admission, which judges every change.')),
    getValue: async () => undefined,
    setValue: () => Promise.reject(new Error('Values of the installation are not written for callers.')),
    queueStats: async () => ({ depth: 0, due: 0, oldestDueMs: 0 }),
    countByKind: async () => ({}),
  };
}

async function listed({ registry, store }: Api, access: Access, query: ListQuery) {
  const kind = registry.kind(query.kind);
  const filter: Filter | null = kind ? visible(access, kind) : [];
  if (filter !== null && filter.length === 0) return NONE;
  const page = await store.list(filter === null ? query : { ...query, within: filter });
  const changed = page.items.some(({ object }) => heldByOthers(access, object) !== object);
  if (!changed) return page;
  return { ...page, items: page.items.map(({ object, cursor }) => ({ object: heldByOthers(access, object), cursor })) };
}

/** The feed is read on until a page is full or the feed is at its end: what is left out must not look like the end. */
function scopedChanges({ registry, store }: Api, access: Accessing): ObjectStore['changes'] {
  const seen = new Set<string>();
  return async (query) => {
    const now = await access();
    const kinds = registry.kinds.filter((kind) => query.kinds === undefined || query.kinds.includes(kind.kind));
    const filters = new Map(kinds.map((kind) => [kind.kind, visible(now, kind)]));
    const wanted = [...filters].filter(([, filter]) => filter === null || filter.length > 0).map(([kind]) => kind);
    const projects = projectsOf([...filters.values()]);
    let since = query.since;
    const items: Extract<Changes, { tooOld: false }>['items'] = [];
    for (;;) {
      const page = await store.changes({ ...query, since, kinds: wanted, ...(projects && { projects }) });
      if (page.tooOld) return page;
      for (const item of page.items) {
        const filter = filters.get(item.kind) ?? null;
        if (!shows(filter, item, seen)) continue;
        if (item.object && seen.size < SEEN_MAX) seen.add(item.uid);
        items.push(item.object ? { ...item, object: heldByOthers(now, item.object) } : item);
      }
      if (page.position === since || page.items.length < query.limit || items.length >= query.limit)
        return { tooOld: false, position: page.position, items };
      since = page.position;
    }
  };
}

type Item = Extract<Changes, { tooOld: false }>['items'][number];

/** Of what was removed only the key is left: it is told where that says enough, or where the object was shown before. */
function shows(filter: Filter | null, item: Item, seen: ReadonlySet<string>): boolean {
  if (filter === null) return true;
  if (item.object) return fits(filter, item.object);
  const { project, name } = item.key;
  return (
    seen.has(item.uid) ||
    filter.some(
      ({ projects, names, createdBy, labels }) =>
        createdBy === undefined &&
        labels === undefined &&
        ((project !== null && projects?.includes(project)) || (project === null && names?.includes(name))),
    )
  );
}

/** The projects that all of the filters stay in; undefined: one of them does not. */
function projectsOf(filters: readonly (Filter | null)[]): string[] | undefined {
  const projects = new Set<string>();
  for (const filter of filters) {
    if (filter === null) return undefined;
    for (const clause of filter) {
      if (clause.public === true) return undefined;
      for (const project of clause.projects ?? []) projects.add(project);
    }
  }
  return [...projects];
}

function scopedRecords({ registry, store }: Api, access: Accessing) {
  const read =
    <Row>(record: string, reader: (query: RecordQuery) => Promise<RecordPage<Row>>) =>
    async (query: RecordQuery): Promise<RecordPage<Row>> => {
      const now = await access();
      const within = await visibleFacts(registry, store, now, { record, uid: query.uid });
      if (within === null) return reader(query);
      return within.length === 0 ? NONE : reader({ ...query, within });
    };
  return {
    events: read('Event', store.events),
    steps: read('Step', store.steps),
    audit: read('AuditEntry', store.audit),
    journal: read('JournalEntry', store.journal),
  };
}
