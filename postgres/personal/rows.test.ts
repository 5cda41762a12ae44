import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createVault } from '../../integrations/seal/seal.ts';
import { newMetadata, type StoredObject } from '../../reconciler/object.ts';
import { hasPersonal } from '../../reconciler/refs.ts';
import type { SavedPlan } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { ANNA } from '../../test/contracts/store-fixture.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createStore } from '../store.ts';

jest.setTimeout(120_000);

const KEY = { kind: 'Account', project: null, name: 'acme' };
const SPEC = {
  displayName: 'Quintessa Feldberg',
  ownerEmail: 'quintessa@feldberg.example',
  currency: 'EUR',
  billingAddress: { lines: ['Rabenweg 77'], city: 'Ulm' },
  billingContact: { phone: '+49 731 5550199' },
};
const PERSONAL = ['Quintessa', 'feldberg', 'Rabenweg', 'Ulm', '5550199'];

describe('personal fields in PostgreSQL', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  const store = (vault = TEST_VAULT) => createStore(createDatabase(pool), REGISTRY, vault.personal);
  const rows = async (sql: string) => (await pool.query(sql)).rows;
  const read = async (vault = TEST_VAULT) => (await store(vault).getByKey([KEY]))[0] as StoredObject;

  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const write = (uid: string, name: string) =>
      store().write([{ op: 'create', object: account(uid, name), uniqueKeys: [] }], ANNA);
    await write('account-1', 'acme');
    await write('account-2', 'other');
  });
  afterAll(async () => {
    await pool.end();
    await fresh.drop();
  });

  it('are sealed in the row, and everywhere else in clear', async () => {
    const text = JSON.stringify(await rows('select * from objects'));
    for (const value of PERSONAL) expect(text).not.toContain(value);
    expect(text).toContain('"currency":"EUR"');
    expect((await read()).spec).toEqual(SPEC);
    const [first] = (await store().list({ kind: 'Account', orderBy: 'name', limit: 10 })).items;
    expect(first?.object.spec).toEqual(SPEC);
    expect((await store().load(['account-1'])).get('account-1')?.object.spec).toEqual(SPEC);
  });

  it('are sealed in the audit, address of the caller included, and read there by who may', async () => {
    const text = JSON.stringify(await rows('select * from audit'));
    for (const value of [...PERSONAL, ANNA.from]) expect(text).not.toContain(value);
    const [entry] = (await store().audit({ uid: 'account-1', limit: 1 })).items;
    expect(entry?.row).toMatchObject({ from: ANNA.from, changes: expect.arrayContaining([created('displayName')]) });
    expect(entry?.row.changes).toContainEqual(created('billingAddress'));
  });

  it('are sealed in saved plans', async () => {
    const plan = { ...PLAN, manifests: [{ kind: 'Account', metadata: { name: 'acme' }, spec: SPEC }] };
    await store().savePlan(plan);
    const text = JSON.stringify(await rows('select * from saved_plans'));
    for (const value of PERSONAL) expect(text).not.toContain(value);
    expect(await store().loadPlan('p1')).toEqual(plan);
    expect(await store(OTHER_VAULT).loadPlan('p1')).toBeUndefined();
  });

  it('do not open in the row of another', async () => {
    await pool.query(
      `update objects o set spec = jsonb_set(o.spec, '{ownerEmail}', x.spec->'ownerEmail') from objects x
       where o.uid = 'account-2' and x.uid = 'account-1'`,
    );
    const [other] = await store().getByKey([{ ...KEY, name: 'other' }]);
    expect(other?.spec).toMatchObject({
      displayName: SPEC.displayName,
      ownerEmail: expect.stringMatching(/^personal:/),
    });
  });

  it('survive a change by who has not the key, and open again with it', async () => {
    const { metadata, ...rest } = await read(OTHER_VAULT);
    expect(rest.spec.displayName).toMatch(/^personal:v1:/);
    const object = { ...rest, metadata, spec: { ...rest.spec, purchaseOrder: 'PO-7' } };
    await store(OTHER_VAULT).write([{ op: 'update', object, expect: metadata.resourceVersion, uniqueKeys: [] }], ANNA);
    expect((await read()).spec).toEqual({ ...SPEC, purchaseOrder: 'PO-7' });
  });

  it('are none that the database filters by or resolves', () => {
    const fields = REGISTRY.kinds.filter(hasPersonal).flatMap(({ kind, spec }) => personalOf(kind, spec.shape));
    expect(fields).toContain('User/email');
    expect(fields.filter((field) => /\/(account|user|domain|parent|limits|project)$/.test(field))).toEqual([]);
  });
});

function account(uid: string, name: string): StoredObject {
  return {
    apiVersion: 'steward/v1',
    kind: 'Account',
    metadata: newMetadata({ uid, name, project: null, createdAt: '2026-01-01T00:00:00.000Z', createdBy: ANNA.actor }),
    spec: SPEC,
    status: { observedGeneration: 0, conditions: [], requests: {}, refs: {}, allocated: {} },
  };
}

function created(name: keyof typeof SPEC) {
  return { path: `/${name}`, from: null, to: SPEC[name] };
}

function personalOf(kind: string, shape: Record<string, { meta(): { sensitivity?: string } | undefined }>): string[] {
  return Object.entries(shape).flatMap(([name, field]) =>
    field.meta()?.sensitivity === 'personal' ? [`${kind}/${name}`] : [],
  );
}

const OTHER_VAULT = createVault({
  current: 'k1',
  keys: { k1: new Uint8Array(32).fill(7) },
  fingerprintKey: new Uint8Array(32).fill(8),
});

const PLAN: SavedPlan = {
  id: 'p1',
  createdAt: 0,
  createdBy: 'user:anna',
  manifests: [],
  deletes: [],
  generations: {},
  source: 'api',
  allowedRisk: 'none',
  shown: {},
};
