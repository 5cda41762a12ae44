import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Clause, fits } from '../../reconciler/access/filter.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { RecordClause } from '../../reconciler/store.ts';
import type { StoreUnderTest } from './store.ts';
import { ANNA, create, uidOf, wish } from './store-fixture.ts';

/** What a reader may see is one condition of the store's own reads. */
export function describeAccess(under: () => StoreUnderTest): void {
  describe('reading for somebody', () => {
    let objects: StoredObject[];
    beforeEach(async () => {
      const machine = (name: string, metadata: Partial<StoredObject['metadata']>) => wish({ name, metadata });
      const host = (name: string, spec: StoredObject['spec'], createdBy = 'user:anna') =>
        wish({ kind: 'Host', name, spec, metadata: { createdBy } });
      objects = await create(
        under(),
        machine('a', { project: 'shop', labels: { team: 'web' } }),
        machine('b', { project: 'shop', createdBy: 'user:bert' }),
        machine('c', { project: 'lab', sharing: 'public' }),
        machine('d', { project: 'lab', labels: { team: 'db' } }),
        host('e', { account: 'acme' }),
        host('f', { account: 'bolt', user: 'anna' }, 'user:bert'),
        host('g', {}),
      );
    });

    const clauses: readonly (readonly Clause[])[] = [
      [],
      [{}],
      [{ projects: [] }],
      [{ projects: ['shop'] }],
      [{ projects: ['shop', 'lab'], createdBy: 'user:anna' }],
      [{ projects: ['shop'], labels: { team: 'web' } }, { public: true }],
      [{ accounts: ['acme'] }],
      [{ accounts: ['acme', 'bolt'], createdBy: 'user:bert' }, { names: ['g'] }],
      [{ users: ['anna'] }],
      [{ users: ["o'neil"] }, { names: ['e', 'f'] }, { labels: { team: 'db' } }],
    ];
    it.each(clauses.map((filter) => [JSON.stringify(filter), filter] as const))(
      'lists what fits %s',
      async (_text, within) => {
        for (const kind of ['Machine', 'Host']) {
          const page = await under().store.list({ kind, within, orderBy: 'name', limit: 100 });
          const expected = objects.filter((object) => object.kind === kind && fits(within, object));
          expect(page.items.map(({ object }) => object.metadata.name)).toEqual(
            expected.map(({ metadata }) => metadata.name),
          );
        }
      },
    );

    it('pages within what fits', async () => {
      const query = { kind: 'Machine', within: [{ projects: ['shop'] }], orderBy: 'name', limit: 1 } as const;
      const first = await under().store.list(query);
      expect(first.hasMore).toBe(true);
      const after = first.items[0]?.cursor as string;
      const second = await under().store.list({ ...query, after });
      expect(second.items.map(({ object }) => object.metadata.name)).toEqual(['b']);
      expect(second.hasMore).toBe(false);
    });

    it('tells changes of some projects, and of what lives in none', async () => {
      const { store } = under();
      const since = await store.position();
      const bystander = (name: string, project: string | null) =>
        wish({ kind: project === null ? 'Host' : 'Machine', name, metadata: { project } });
      await create(under(), bystander('x', 'shop'), bystander('y', 'lab'), bystander('z', null));
      const changes = await store.changes({ since, limit: 100, projects: ['lab'] });
      if (changes.tooOld) throw new Error('too old');
      expect(changes.items.map(({ key }) => key.name).sort()).toEqual(['y', 'z']);
    });

    it('reads facts about some kinds in some projects, or about some objects', async () => {
      const { store } = under();
      const read = async (within: readonly RecordClause[]) => {
        const page = await store.audit({ limit: 100, within });
        return page.items.map(({ row }) => row.name).sort();
      };
      expect(await read([])).toEqual([]);
      expect(await read([{ kinds: ['Machine'], projects: ['shop'] }])).toEqual(['a', 'b']);
      expect(await read([{ kinds: ['Host'], projects: null }])).toEqual(['e', 'f', 'g']);
      expect(await read([{ kinds: ['Host'], projects: ['shop'] }])).toEqual([]);
      expect(
        await read([{ uids: [uidOf(objects[6] as StoredObject)] }, { kinds: ['Machine'], projects: ['lab'] }]),
      ).toEqual(['c', 'd', 'g']);
    });

    it('finds audit rows by who, for whom, what, when and by request', async () => {
      const { store } = under();
      const count = async (query: Parameters<typeof store.audit>[0]) => (await store.audit(query)).items.length;
      const limit = 100;
      const [newest] = (await store.audit({ limit: 1 })).items;
      const at = newest?.row.at as number;
      expect(await count({ limit, actor: ANNA.actor })).toBe(7);
      expect(await count({ limit, actor: ANNA.onBehalfOf as string })).toBe(7);
      expect(await count({ limit, actor: 'user:eve' })).toBe(0);
      expect(await count({ limit, op: 'create', requestId: ANNA.requestId })).toBe(7);
      expect(await count({ limit, op: 'delete' })).toBe(0);
      expect(await count({ limit, requestId: 'other' })).toBe(0);
      expect(await count({ limit, since: at, until: at + 1 })).toBe(7);
      expect(await count({ limit, until: at })).toBe(0);
      expect(await count({ limit, since: at + 1 })).toBe(0);
    });
  });

  describe('writing under a quota', () => {
    const thing = (name: string, amounts: Record<string, number>, more: Partial<StoredObject['metadata']> = {}) =>
      wish({ name, metadata: { amounts, ...more } });
    const quota = (spec: StoredObject['spec']) =>
      wish({ kind: 'Quota', name: 'q', spec, metadata: { project: null, account: null } });
    const write = (...made: StoredObject[]) =>
      under().store.write(
        made.map((object) => ({ op: 'create', object, uniqueKeys: [] })),
        ANNA,
      );

    it('admits what has room, refuses the rest by name, and counts what controllers make', async () => {
      await write(quota({ account: 'acme', limits: { cpus: 4 } }));
      expect((await write(thing('a', { cpus: 3 }))).ok).toBe(true);
      expect(await write(thing('b', { volumes: 9 }), thing('c', { cpus: 2 }))).toEqual({
        ok: false,
        index: 1,
        failure: 'quota',
        detail: 'The quota of 4 cpus of account acme has no room for this.',
      });
      expect((await write(thing('d', { cpus: 2 }, { account: 'bolt' }))).ok).toBe(true);
      expect((await write(thing('child', { cpus: 7 }, { ownerUid: 'somebody' }))).ok).toBe(true);
      expect((await write(thing('e', { cpus: 1 }))).ok).toBe(false);
      expect((await write(thing('f', { volumes: 1 }))).ok).toBe(true);
    });
  });
}
