import { describe, expect, it } from '@jest/globals';
import type { RecordQuery, SavedPlan } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import { claimOf, completion, createOne, uidOf } from './store-fixture.ts';

export function describeRecords(under: () => StoreUnderTest): void {
  describe('records', () => {
    describeRecordPages(under);
    describeCoverage(under);
    describeValues(under);
  });
}

function describeRecordPages(under: () => StoreUnderTest): void {
  async function happen(
    object: { kind: string; name: string; project: string | null },
    codes: string[],
  ): Promise<string> {
    const { kind, name, project } = object;
    const uid = uidOf(await createOne(under(), { kind, name, metadata: { project } }));
    for (const code of codes) {
      await under().store.wake([uid]);
      const events = [{ type: 'normal' as const, reason: { code, params: {} } }];
      await under().store.complete([completion(await claimOf(under(), uid), { events })]);
      await under().advance(1_000);
    }
    return uid;
  }

  const codes = async (query: Partial<RecordQuery>) => {
    const { items } = await under().store.events({ limit: 100, ...query });
    return items.map(({ row }) => row.reason.code);
  };

  it('are shown newest first, filtered by object, kind and project', async () => {
    const web = await happen({ kind: 'Machine', name: 'web', project: 'shop' }, ['A', 'B']);
    await happen({ kind: 'Machine', name: 'web', project: 'other' }, ['C']);
    await happen({ kind: 'Host', name: 'one', project: null }, ['D']);
    expect(await codes({})).toEqual(['D', 'C', 'B', 'A']);
    expect(await codes({ uid: web })).toEqual(['B', 'A']);
    expect(await codes({ kind: 'Machine' })).toEqual(['C', 'B', 'A']);
    expect(await codes({ project: 'other' })).toEqual(['C']);
    expect(await codes({ project: null })).toEqual(['D']);
    expect(await codes({ uid: web, project: 'other' })).toEqual([]);
  });

  it('are walked page by page without loss, also those of one instant', async () => {
    const uid = uidOf(await createOne(under(), { name: 'web' }));
    const claim = await claimOf(under(), uid);
    const events = ['A', 'B', 'C', 'D', 'E'].map((code) => ({ type: 'normal' as const, reason: { code, params: {} } }));
    await under().store.complete([completion(claim, { events })]);
    const seen: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 5; page++) {
      const { items, hasMore } = await under().store.events({
        uid,
        limit: 2,
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...items.map(({ row }) => row.reason.code));
      after = items.at(-1)?.cursor;
      expect(hasMore).toBe(seen.length < 5);
      if (!hasMore) break;
    }
    expect(seen).toEqual(['E', 'D', 'C', 'B', 'A']);
    await expect(under().store.events({ limit: 1, after: 'nonsense' })).rejects.toThrow('nonsense');
  });

  it('outlive their object', async () => {
    const uid = await happen({ kind: 'Machine', name: 'web', project: 'shop' }, ['A']);
    await under().store.wake([uid]);
    await under().store.complete([completion(await claimOf(under(), uid), { remove: true })]);
    expect(await codes({ uid })).toEqual(['A']);
    expect((await under().store.audit({ uid, limit: 10 })).items).toHaveLength(1);
  });
}

function describeCoverage(under: () => StoreUnderTest): void {
  it('joins intervals that touch within the bridge, and keeps gaps that do not', async () => {
    const row = { place: 'host-1', bridgeMs: 100 };
    await under().store.cover([
      { ...row, from: 1_000, to: 2_000 },
      { ...row, place: 'host-2', from: 1_500, to: 1_600 },
    ]);
    await under().store.cover([{ ...row, from: 2_100, to: 3_000 }]);
    await under().store.cover([{ ...row, from: 2_500, to: 2_900 }]);
    await under().store.cover([{ ...row, from: 3_101, to: 4_000 }]);
    expect(await under().coverage('host-1')).toEqual([
      { from: 1_000, to: 3_000 },
      { from: 3_101, to: 4_000 },
    ]);
    expect(await under().coverage('host-2')).toEqual([{ from: 1_500, to: 1_600 }]);
    await under().store.cover([]);
  });
}

function describeValues(under: () => StoreUnderTest): void {
  it('keeps small values by name', async () => {
    const { store } = under();
    expect(await store.getValue('installation')).toBeUndefined();
    await store.setValue('installation', { id: 'i-1' });
    await store.setValue('installation', { id: 'i-2', incarnation: 3 });
    expect(await store.getValue('installation')).toEqual({ id: 'i-2', incarnation: 3 });
  });

  it('keeps saved plans whole', async () => {
    const plan: SavedPlan = {
      id: 'plan-1',
      createdAt: await under().store.now(),
      createdBy: 'user:anna',
      manifests: [{ kind: 'Machine', metadata: { name: 'web' } }],
      deletes: [{ kind: 'Volume', project: 'shop', name: 'old' }],
      generations: { 'Machine/shop/web': 0 },
      source: 'cli',
      allowedRisk: 'restart',
      shown: { steps: [] },
    };
    await under().store.savePlan(plan);
    expect(await under().store.loadPlan('plan-1')).toEqual(plan);
    expect(await under().store.loadPlan('plan-2')).toBeUndefined();
  });
}
