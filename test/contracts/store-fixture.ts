import { z } from 'zod';
import { type Claims, NO_CLAIMS } from '../../reconciler/claims.ts';
import { quietCompletion } from '../../reconciler/completion.ts';
import { cidrv4, ref } from '../../reconciler/field-meta.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { type AnyKind, defineKind } from '../../reconciler/kind.ts';
import {
  API_VERSION,
  type BaseStatus,
  emptyStatus,
  type Metadata,
  newMetadata,
  type StoredObject,
} from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';
import { createRegistry } from '../../reconciler/registry.ts';
import { type Claim, type Completion, SHARDS } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';

const shape = {
  conditions: [],
  columns: [],
  group: 'compute',
  shortNames: [],
  description: 'For tests.',
  example: {},
} as const;

/** The smallest world that has every sort of reference: to a kind in projects, to a global kind, in a list. */
export const storeKinds = createRegistry([
  defineKind({
    ...shape,
    kind: 'Network',
    plural: 'networks',
    scope: 'project',
    spec: z.object({ cidr: cidrv4() }),
    status: z.object({}),
    uniqueKeys: ({ spec }) => [`cidr/${spec.cidr}`],
  }),
  defineKind({
    ...shape,
    kind: 'Volume',
    plural: 'volumes',
    scope: 'project',
    spec: z.object({}),
    status: z.object({}),
  }),
  defineKind({ ...shape, kind: 'Host', plural: 'hosts', scope: 'global', spec: z.object({}), status: z.object({}) }),
  defineKind({
    ...shape,
    kind: 'Machine',
    plural: 'machines',
    scope: 'project',
    spec: z.object({
      network: ref('Network').optional(),
      host: ref('Host').optional(),
      disks: z.array(z.object({ volume: ref('Volume') })).optional(),
      copyOf: ref('Volume').optional().meta({ holds: 'untilReady' }),
      memoryMiB: z.int().optional(),
    }),
    status: z.object({}),
  }),
] as AnyKind[]);

export const ANNA: Principal = {
  actor: 'user:anna',
  onBehalfOf: 'user:bert',
  from: '127.0.0.1',
  requestId: 'request-1',
};

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

let made = 0;

/** A fresh uid in the form of a UUIDv7; later ones sort later. */
export function newUid(): string {
  made++;
  return `01940000-0000-7000-8000-${made.toString(16).padStart(12, '0')}`;
}

export interface Wish {
  kind?: string;
  name: string;
  spec?: JsonObject;
  metadata?: Partial<Metadata>;
  status?: Partial<BaseStatus>;
}

/** A new object, as admission would hand it to the store. */
export function wish({ kind = 'Machine', name, spec = {}, metadata, status }: Wish): StoredObject {
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: newMetadata({
      uid: newUid(),
      name,
      project: kind === 'Host' ? null : 'shop',
      account: 'acme',
      createdAt: '2026-01-02T03:04:05.678Z',
      createdBy: 'user:anna',
      ...metadata,
    }),
    spec,
    status: { ...emptyStatus(), ...status },
  };
}

/** Writes new objects and answers them as stored. */
export async function create({ store }: StoreUnderTest, ...objects: StoredObject[]): Promise<StoredObject[]> {
  const outcome = await store.write(
    objects.map((object) => ({ op: 'create', object, uniqueKeys: uniqueKeys(object) })),
    ANNA,
  );
  if (!outcome.ok) throw new Error(`Creating failed: ${outcome.failure} ${outcome.detail}`);
  return outcome.objects;
}

export function uniqueKeys(object: StoredObject): string[] {
  return storeKinds.kind(object.kind)?.uniqueKeys?.({ spec: object.spec, metadata: object.metadata }) ?? [];
}

export async function createOne(under: StoreUnderTest, object: Wish): Promise<StoredObject> {
  const [stored] = await create(under, wish(object));
  return present(stored);
}

export function uidOf(object: StoredObject): string {
  return object.metadata.uid;
}

export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('Expected a value here.');
  return value;
}

export const LEASE_MS = 30_000;

/** Claims everything due, as one instance that holds all shards. */
export function claimAll({ store }: StoreUnderTest, holder = 'one'): Promise<Claim[]> {
  return store.claim({ shards: ALL_SHARDS, limit: 100, leaseMs: LEASE_MS, holder });
}

/** Claims everything due and answers the claim of one object among it. */
export async function claimOf(under: StoreUnderTest, uid: string): Promise<Claim> {
  return present((await claimAll(under)).find((claim) => claim.uid === uid));
}

/** A completion that changes nothing and comes due in an hour, but for `more`. */
export function completion(claim: Claim, more: Partial<Completion> = {}): Completion {
  return { ...quietCompletion(claim, { dueAt: claim.claimedAt + 3_600_000, attempts: 0 }), ...more };
}

/** Completes everything that is due now, so that only what a test does afterwards comes due. */
export async function settleAll(under: StoreUnderTest): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const claims = await claimAll(under);
    if (claims.length === 0) return;
    await under.store.complete(claims.map((claim) => completion(claim)));
  }
  throw new Error('The queue did not come to rest.');
}

/** Writes it with another label, as somebody does. */
export async function changeOne({ store }: StoreUnderTest, object: StoredObject): Promise<StoredObject> {
  const metadata = { ...object.metadata, labels: { changed: object.metadata.resourceVersion } };
  const expect = object.metadata.resourceVersion;
  const write = { op: 'update' as const, object: { ...object, metadata }, expect, uniqueKeys: uniqueKeys(object) };
  const outcome = await store.write([write], ANNA);
  return present(outcome.ok ? outcome.objects[0] : undefined);
}

/** Ends it, as its last reconcile does. */
export async function removeOne(under: StoreUnderTest, object: StoredObject): Promise<void> {
  await under.store.wake([uidOf(object)]);
  const claim = present((await claimAll(under)).find(({ uid }) => uid === uidOf(object)));
  await under.store.complete([completion(claim, { remove: true })]);
}

export function dueUids(claims: readonly Claim[]): string[] {
  return claims.map((claim) => claim.uid).sort();
}

export function claimsOn(more: Partial<Claims>): Claims {
  return { ...NO_CLAIMS, ...more };
}

/** A status that says Ready at this generation. */
export function ready(generation: number, more: Partial<BaseStatus> = {}): BaseStatus {
  const at = '2026-01-02T03:04:06.000Z';
  return {
    ...emptyStatus(),
    observedGeneration: generation,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Ready',
        params: {},
        observedGeneration: generation,
        lastTransitionAt: at,
      },
    ],
    ...more,
  };
}
