import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ListQuery } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import { claimOf, completion, create, createOne, ready, uidOf, wish } from './store-fixture.ts';

export function describeList(under: () => StoreUnderTest): void {
  async function names(query: Partial<ListQuery>): Promise<string[]> {
    const page = await under().store.list({ kind: 'Machine', orderBy: 'name', limit: 100, ...query });
    expect(page.hasMore).toBe(false);
    return page.items.map(({ object }) => object.metadata.name);
  }

  describe('listing', () => {
    beforeEach(async () => {
      const day = (n: number) => `2026-01-0${n}T00:00:00.000Z`;
      await create(
        under(),
        wish({ name: 'web-2', metadata: { createdAt: day(1), labels: { app: 'web', tier: 'front' } } }),
        wish({
          name: 'db',
          metadata: { createdAt: day(2), labels: { app: 'db' }, managed: { 'source:git': ['/memoryMiB'] } },
        }),
        wish({ name: 'web-1', metadata: { createdAt: day(3), labels: { app: 'web' } } }),
        wish({ name: 'alone', metadata: { createdAt: day(4), project: 'other' } }),
        wish({ kind: 'Host', name: 'one' }),
      );
    });
    describeFilters(under, names);
    describePages(under, names);
  });
}

type Names = (query: Partial<ListQuery>) => Promise<string[]>;

function describeFilters(under: () => StoreUnderTest, names: Names): void {
  it('shows one kind, in the order of names or of making, either way', async () => {
    expect(await names({})).toEqual(['alone', 'db', 'web-1', 'web-2']);
    expect(await names({ descending: true })).toEqual(['web-2', 'web-1', 'db', 'alone']);
    expect(await names({ orderBy: 'createdAt' })).toEqual(['web-2', 'db', 'web-1', 'alone']);
    expect(await names({ orderBy: 'createdAt', descending: true })).toEqual(['alone', 'web-1', 'db', 'web-2']);
    expect(await names({ kind: 'Host' })).toEqual(['one']);
    expect(await names({ kind: 'Nothing' })).toEqual([]);
  });

  it('filters by project, name and prefix', async () => {
    expect(await names({ project: 'other' })).toEqual(['alone']);
    expect(await names({ project: null })).toEqual([]);
    expect(await names({ kind: 'Host', project: null })).toEqual(['one']);
    expect(await names({ namePrefix: 'web-' })).toEqual(['web-1', 'web-2']);
    expect(await names({ namePrefix: 'w%' })).toEqual([]);
    expect(await names({ names: ['db', 'web-2', 'gone'] })).toEqual(['db', 'web-2']);
    expect(await names({ names: [] })).toEqual([]);
  });

  it('filters by labels, all requirements together', async () => {
    const labels = (key: string, op: 'in' | 'notIn' | 'exists' | 'absent', ...values: string[]) => ({
      key,
      op,
      values,
    });
    expect(await names({ labels: [labels('app', 'in', 'web', 'db')] })).toEqual(['db', 'web-1', 'web-2']);
    expect(await names({ labels: [labels('app', 'in', 'web'), labels('tier', 'absent')] })).toEqual(['web-1']);
    expect(await names({ labels: [labels('app', 'notIn', 'web')] })).toEqual(['alone', 'db']);
    expect(await names({ labels: [labels('tier', 'exists')] })).toEqual(['web-2']);
    expect(await names({ labels: [labels('app', 'in')] })).toEqual([]);
  });

  it('filters by condition, by source and by owner', async () => {
    const { store } = under();
    const owner = await createOne(under(), { name: 'owner' });
    await createOne(under(), { name: 'child', metadata: { ownerUid: uidOf(owner), ownerKey: 'c' } });
    await store.complete([completion(await claimOf(under(), uidOf(owner)), { status: ready(1) })]);
    expect(await names({ condition: { type: 'Ready', status: 'True' } })).toEqual(['owner']);
    expect(await names({ condition: { type: 'Ready', status: 'False' } })).toEqual([]);
    expect(await names({ source: 'source:git' })).toEqual(['db']);
    expect(await names({ source: 'source:folder' })).toEqual([]);
    expect(await names({ ownerUid: uidOf(owner) })).toEqual(['child']);
  });

  it('filters by what is referred to, by name and by pin', async () => {
    const network = await createOne(under(), { kind: 'Network', name: 'net', spec: { cidr: '10.1.0.0/24' } });
    await createOne(under(), { name: 'namer', spec: { network: 'net' } });
    await createOne(under(), {
      name: 'pinner',
      spec: { network: 'old' },
      status: { refs: { '/network': uidOf(network) } },
    });
    await createOne(under(), { name: 'foreigner', spec: { network: 'net' }, metadata: { project: 'other' } });
    expect(await names({ refersTo: uidOf(network) })).toEqual(['namer', 'pinner']);
    expect(await names({ refersTo: uidOf(network), namePrefix: 'p' })).toEqual(['pinner']);
    expect(await names({ kind: 'Volume', refersTo: uidOf(network) })).toEqual([]);
  });
}

function describePages(under: () => StoreUnderTest, names: Names): void {
  async function walk(query: Partial<ListQuery>): Promise<string[]> {
    const all: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 20; page++) {
      const { items, hasMore } = await under().store.list({
        kind: 'Machine',
        orderBy: 'name',
        limit: 2,
        ...query,
        ...(after === undefined ? {} : { after }),
      });
      all.push(...items.map(({ object }) => object.metadata.name));
      after = items.at(-1)?.cursor;
      if (!hasMore) return all;
      expect(items).toHaveLength(2);
    }
    throw new Error('The list has no end.');
  }

  it('walks every object once, in every order, whatever has the same rank', async () => {
    for (const project of ['a', 'b', 'c']) await createOne(under(), { name: 'same', metadata: { project } });
    for (const orderBy of ['name', 'createdAt'] as const) {
      for (const descending of [false, true]) {
        expect(await walk({ orderBy, descending })).toEqual(await names({ orderBy, descending }));
      }
    }
    expect(await walk({ orderBy: 'name' })).toHaveLength(7);
  });

  it('goes on after a cursor though its object is gone', async () => {
    const first = await under().store.list({ kind: 'Machine', orderBy: 'name', limit: 2 });
    expect(first).toMatchObject({ hasMore: true, items: [{ object: { metadata: { name: 'alone' } } }, {}] });
    const [, last] = first.items;
    if (!last) throw new Error('A page of two has two.');
    const claim = await claimOf(under(), uidOf(last.object));
    await under().store.complete([completion(claim, { remove: true })]);
    const second = await under().store.list({ kind: 'Machine', orderBy: 'name', limit: 2, after: last.cursor });
    expect(second.items.map(({ object }) => object.metadata.name)).toEqual(['web-1', 'web-2']);
    expect(second.hasMore).toBe(false);
  });

  it('refuses a cursor that no page returned', async () => {
    const query: ListQuery = { kind: 'Machine', orderBy: 'name', limit: 2, after: 'nonsense' };
    await expect(under().store.list(query)).rejects.toThrow('nonsense');
  });
}
