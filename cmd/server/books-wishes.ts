import type { AccountWishes, WishesPort } from '../../billing/loop/account-loop.ts';
import {
  billedAccount,
  catalogWishes,
  OWN_KINDS,
  ownWishes,
  type ResourceName,
  recipientsOf,
  SHARED_KINDS,
  type SharedWishes,
  type WishObject,
} from '../../billing/wish/account-wishes.ts';
import { readAdjustment } from '../../billing/wish/adjustment.ts';
import { type Fault, Reader } from '../../billing/wish/reader.ts';
import { usualFor, withBudgetMarks } from '../../billing/wish/usual.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { briefly } from './brief-cache.ts';
import type { LiveSettings } from './live-settings.ts';

/** What is sold changes rarely, and every account asks. */
const CATALOG_KEPT = { forMs: 2_000, max: 1_000 };
const CATALOGS_MAX = 200;
const PAGE = 500;
const OBJECTS_MAX = 20_000;

type Reads = Pick<ObjectStore, 'getByKey' | 'list'>;

/** Objects as the books understand them: who is billed how, what is sold, and what the account takes of it. */
export function bookWishes(
  store: Reads,
  now: () => number,
  settings?: DecidedSettings,
): WishesPort & { forget(): void } {
  const shared = briefly({ ...CATALOG_KEPT, now }, () => readShared(store, settings));
  const catalogOnce = readOnce();
  return {
    /** What is sold has changed: the next account reads it anew. */
    forget: shared.forget,
    of: async (name, at, { catalogZone, past } = {}) => {
      const [account] = await store.getByKey([{ kind: 'Account', project: null, name }]);
      if (account === undefined) return undefined;
      const { value: billed, unread } = billedAccount(account, await shared(''));
      const { zone, currency } = billed;
      const channel = typeof account.spec.channel === 'string' ? account.spec.channel : null;
      const standing = await ownObjects(store, account);
      const objects = past === undefined ? standing : asOfThen(past.subscriptions, standing);
      const uids = await uidsOf(store, objects);
      const uidOf = (resource: ResourceName) => uids.get(textOf(resource));
      const own = ownWishes(objects, { zone, currency, at: past?.at ?? at, uidOf });
      const catalog = catalogOnce({ channel, zone: catalogZone ?? zone, currency, at }, await shared(''));
      return {
        account: billed,
        catalog: catalog.value,
        own: withBudgetMarks(own.value, usualFor(await shared(''), account.spec).budgetMarks),
        adjustments: await adjustmentsOf(store, account, { currency }),
        recipients: recipientsOf(account),
        unread: [...unread, ...own.unread].map(({ kind, name: of, fault }) => `${kind}/${of} ${fault.pointer}`),
      } satisfies AccountWishes;
    },
  };
}

/** A catalog is the same for all of a channel, zone and currency, as long as what is sold was not read anew. */
function readOnce(): typeof catalogWishes {
  const known = new WeakMap<SharedWishes, Map<string, ReturnType<typeof catalogWishes>>>();
  return (context, shared) => {
    const catalogs = known.get(shared) ?? new Map<string, ReturnType<typeof catalogWishes>>();
    known.set(shared, catalogs);
    const key = JSON.stringify([context.channel, context.zone, context.currency]);
    const found = catalogs.get(key) ?? catalogWishes(context, shared);
    if (catalogs.size < CATALOGS_MAX) catalogs.set(key, found);
    return found;
  };
}

/** What was decided for accounts in general. */
export type DecidedSettings = Pick<LiveSettings, 'inForce'>;

export async function readShared(store: Reads, settings?: DecidedSettings): Promise<SharedWishes> {
  const lists = await Promise.all(SHARED_KINDS.map((kind) => all(store, kind)));
  const shared = SHARED_KINDS.map(
    (kind, index) => [kind, new Map((lists[index] ?? []).map((object) => [object.metadata.name, object]))] as const,
  );
  return new Map<string, ReadonlyMap<string, WishObject>>([...shared, ['Setting', await decidedWishes(settings)]]);
}

async function decidedWishes(settings: DecidedSettings | undefined): Promise<ReadonlyMap<string, WishObject>> {
  const found = (await settings?.inForce()) ?? [];
  return new Map(
    found.map(({ place, uid, name, value }) => {
      const metadata = { uid, name, project: null, deletedAt: null };
      return [place, { kind: 'Setting', metadata, spec: { value } }] as const;
    }),
  );
}

async function ownObjects(store: Reads, account: StoredObject): Promise<StoredObject[]> {
  const projects = await projectsOf(store, account);
  const found = await Promise.all(
    projects.flatMap(({ metadata: { name } }) => OWN_KINDS.map((kind) => all(store, kind, { project: name }))),
  );
  return found.flat();
}

/** A project may have moved to another account since: what lives on there is wished there. */
function asOfThen(subscriptions: readonly WishObject[], standing: readonly StoredObject[]): WishObject[] {
  const own = new Set(standing.map(({ metadata }) => metadata.uid));
  return subscriptions.filter(({ metadata: { uid, deletedAt } }) => deletedAt !== null || own.has(uid));
}

/** Corrections in the order in which they were asked for. */
async function adjustmentsOf(store: Reads, account: StoredObject, context: { currency: string }) {
  const projects = await projectsOf(store, account);
  const lists = await Promise.all(
    projects.map(({ metadata: { name } }) => all(store, 'Adjustment', { project: name })),
  );
  return lists
    .flat()
    .toSorted((a, b) => (a.metadata.uid < b.metadata.uid ? -1 : 1))
    .flatMap(({ metadata: { uid }, spec }) => {
      const faults: Fault[] = [];
      const wish = readAdjustment(new Reader(spec, 'spec', faults), context);
      return faults.length === 0 ? [{ ...wish, uid }] : [];
    });
}

export function projectsOf(store: Pick<ObjectStore, 'list'>, account: StoredObject): Promise<StoredObject[]> {
  return all(store, 'Project', { refersTo: account.metadata.uid });
}

/** What the journal calls the resources that subscriptions name. */
async function uidsOf(store: Reads, objects: readonly WishObject[]): Promise<ReadonlyMap<string, string>> {
  const names = objects.flatMap(({ kind, metadata: { project }, spec }) =>
    kind === 'Subscription' ? resourcesOf(spec).flatMap((text) => resourceNamed(String(text), project ?? '')) : [],
  );
  const found = await store.getByKey(names);
  return new Map(names.flatMap((name, index) => (found[index] ? [[textOf(name), found[index].metadata.uid]] : [])));
}

function resourcesOf(spec: unknown): unknown[] {
  const { resources } = spec as { resources?: unknown };
  return Array.isArray(resources) ? resources : [];
}

function resourceNamed(text: string, project: string): ResourceName[] {
  const [kind = '', name = '', ...rest] = text.split('/');
  return /^[A-Z]/.test(kind) && name !== '' && rest.length === 0 ? [{ kind, project, name }] : [];
}

const textOf = ({ kind, project, name }: ResourceName): string => `${kind}/${project}/${name}`;

/** All objects of a kind, up to a bound. */
export async function all(
  store: Pick<ObjectStore, 'list'>,
  kind: string,
  filter: { project?: string; refersTo?: string } = {},
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (let after: string | undefined; ; ) {
    const next = after === undefined ? {} : { after };
    const page = await store.list({ kind, ...filter, orderBy: 'name', limit: PAGE, ...next });
    found.push(...page.items.map(({ object }) => object));
    after = page.items.at(-1)?.cursor;
    if (!page.hasMore || found.length >= OBJECTS_MAX) return found;
  }
}
