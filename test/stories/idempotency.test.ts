import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openPostgresStorage } from '../../cmd/server/postgres-storage.ts';
import type { Storage } from '../../cmd/server/storage.ts';
import { createVault } from '../../integrations/seal/seal.ts';
import { createPool } from '../../postgres/pool.ts';
import type { AnyAnswer } from '../fixtures/answer.ts';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';
import { type FreshDatabase, freshDatabase } from '../postgres.ts';

jest.setTimeout(120_000);

const APPLY = `mutation ($manifests: [JSON!]!, $key: String) {
  apply(manifests: $manifests, idempotencyKey: $key) {
    ... on ApplySuccess { results { change operation { uid generation } object { name } } }
    ... on AdmissionFailure { issues { code } }
  }
}`;
const CREATE = `mutation ($name: String!, $key: String) {
  createProject(metadata: { name: $name }, spec: {}, idempotencyKey: $key) {
    ... on ApplySuccess { results { change operation { uid generation } } }
    ... on AdmissionFailure { issues { code } }
  }
}`;
const ISSUE = 'mutation ($key: String) { issueKey(key: "deploy", idempotencyKey: $key) { id bearer } }';
const project = (name: string, labels = {}) => ({ kind: 'Project', metadata: { name, labels }, spec: {} });

/** Two servers on one database. The second one dies, as far as anybody can see, where it is told to. */
describe('a mutation under a caller’s own key', () => {
  let fresh: FreshDatabase;
  let pool: ReturnType<typeof createPool>;
  let servers: IdentityServer[];
  let dies: 'beforeKeeping' | 'beforeWriting' | null = null;
  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const vault = createVault({ current: 'k1', keys: { k1: randomBytes(32) }, fingerprintKey: randomBytes(32) });
    const start = async (holder: string) => {
      const where = { url: fresh.url };
      const options = {
        where,
        holder,
        leaseMs: 30_000,
        connections: 4,
        personal: vault.personal,
        onError: () => undefined,
      };
      const storage = await openPostgresStorage(options);
      return startIdentityServer({}, { storage: holder === 'two' ? mortal(storage) : storage, vault, holder });
    };
    servers = [await start('one'), await start('two')];
    await one().apply(
      { kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } },
      { kind: 'ApiKey', metadata: { name: 'deploy' }, spec: { user: 'anna', scopes: ['*:*'] } },
    );
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await pool.end();
    await fresh.drop();
  });

  const one = () => servers[0] as IdentityServer;
  const two = () => servers[1] as IdentityServer;
  const ask = async (server: IdentityServer, query: string, variables: object): Promise<AnyAnswer> =>
    (await server.asAdmin(query, { ...variables })).body;
  const fallen = () => Promise.reject(new Error('The server died.'));
  const mortal = (storage: Storage): Storage => ({
    ...storage,
    keys: {
      ...storage.keys,
      keep: (...args) => (dies === 'beforeKeeping' ? fallen() : storage.keys.keep(...args)),
      release: (...args) => (dies === 'beforeWriting' ? fallen() : storage.keys.release(...args)),
    },
    store: {
      ...storage.store,
      write: (...args) => (dies === 'beforeWriting' ? fallen() : storage.store.write(...args)),
    },
  });
  /** A server dies while it works; what it held is free when its lease is over. */
  const dying = async (where: typeof dies, query: string, variables: object) => {
    dies = where;
    const { errors } = await ask(two(), query, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
    dies = null;
    await pool.query('update idempotency_keys set lease_until = 0 where response is null');
  };

  it('is answered the same way again, at any server, and done once', async () => {
    const variables = { manifests: [project('shop')], key: 'apply-shop-1' };
    const first = await ask(one(), APPLY, variables);
    expect(first.data.apply.results).toMatchObject([{ change: 'created', operation: { generation: 1 } }]);
    expect(await ask(two(), APPLY, variables)).toEqual(first);
    const created = await ask(one(), CREATE, { name: 'depot', key: 'create-depot-1' });
    expect(await ask(two(), CREATE, { name: 'depot', key: 'create-depot-1' })).toEqual(created);
    expect((await ask(one(), CREATE, { name: 'depot' })).data.createProject.issues).toMatchObject([
      { code: 'Conflict' },
    ]);
  });

  it('is a conflict with another request, and free again after one that was refused', async () => {
    await ask(one(), CREATE, { name: 'north', key: 'create-north' });
    for (const [query, variables] of [
      [CREATE, { name: 'south', key: 'create-north' }],
      [APPLY, { manifests: [project('north')], key: 'create-north' }],
    ] as const)
      expect((await ask(two(), query, variables)).errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect((await ask(one(), '{ project(name: "south") { id } }', {})).data.project).toBeNull();
    const refused = await ask(one(), CREATE, { name: 'NORTH', key: 'create-again' });
    expect(refused.data.createProject.issues).toMatchObject([{ code: 'Invalid' }]);
    expect((await ask(one(), CREATE, { name: 'west', key: 'create-again' })).data.createProject.results).toHaveLength(
      1,
    );
  });

  it('belongs to whoever made it: another’s key of the same letters is another key', async () => {
    const { issueKey } = (await ask(one(), ISSUE, { key: 'issue-for-anna' })).data;
    const headers = { authorization: `Bearer ${issueKey.bearer}` };
    const me = '{ me { actor } }';
    expect((await one().browser().post('/graphql', { query: me }, headers)).body.data.me.actor).toBe('key:deploy');
    const query = 'mutation { revokeOtherSessions(idempotencyKey: "issue-for-anna") }';
    const { body } = await one().browser().post('/graphql', { query }, headers);
    expect(body.errors[0].message).toContain('Only a session of a person has this');
  });

  it('is done by one of eight that come at once, and all are answered alike', async () => {
    const asked = Array.from({ length: 8 }, (_, index) =>
      ask(index % 2 === 0 ? one() : two(), ISSUE, { key: 'issue-at-once' }),
    );
    const answers = await Promise.all(asked);
    expect(answers[0]?.data.issueKey.bearer).toMatch(/^stk_/);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const kept = (await ask(one(), '{ keySecrets(key: "deploy") { id } }', {})).data.keySecrets;
    expect(kept.filter(({ id }: { id: string }) => id === answers[0]?.data.issueKey.id)).toHaveLength(1);
    const { rows } = await pool.query('select response::text as text from idempotency_keys where key = $1', [
      'issue-at-once',
    ]);
    expect(rows[0].text).toMatch(/^"personal:v1:/);
    expect(rows[0].text).not.toContain(answers[0]?.data.issueKey.bearer);
  });

  it('is not done twice where a server wrote and died before it could answer', async () => {
    const variables = { name: 'lost', key: 'create-lost-1' };
    await dying('beforeKeeping', CREATE, variables);
    const again = await ask(one(), CREATE, variables);
    expect(again.data.createProject.results).toMatchObject([{ change: 'created', operation: { generation: 1 } }]);
    expect(await ask(one(), CREATE, variables)).toEqual(again);
  });

  it('is done where a server died before it wrote anything', async () => {
    const variables = { name: 'early', key: 'create-early-1' };
    await dying('beforeWriting', CREATE, variables);
    expect((await ask(one(), CREATE, variables)).data.createProject.results).toMatchObject([{ change: 'created' }]);
  });

  it('is not done again, and said so, where nobody can know whether it was done', async () => {
    await dying('beforeKeeping', ISSUE, { key: 'issue-in-doubt' });
    const { errors } = await ask(one(), ISSUE, { key: 'issue-in-doubt' });
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
    expect(errors[0].message).toContain('nobody knows how that ended');
  });

  it('writes nothing when another try has taken its key meanwhile', async () => {
    const { keys, store } = one().storage;
    const claim = { principal: 'token:admin', key: 'overtaken-1', token: 'slow' };
    expect(await keys.claim({ ...claim, requestHash: 'h' }, 0)).toEqual({ state: 'taken' });
    expect(await keys.claim({ ...claim, token: 'fast', requestHash: 'h' }, 60_000)).toEqual({
      state: 'resumed',
      receipt: null,
    });
    const [object] = await store.getByKey([{ kind: 'Project', project: null, name: 'shop' }]);
    if (!object) throw new Error('The project is gone.');
    const write = { op: 'update', object, expect: object.metadata.resourceVersion, uniqueKeys: [] } as const;
    const principal = { actor: 'token:admin', onBehalfOf: null, from: 'test', requestId: 'r' };
    expect(await store.write([write], principal, claim)).toMatchObject({ ok: false, failure: 'conflict' });
    expect(await store.write([write], principal, { ...claim, token: 'fast' })).toMatchObject({ ok: true });
  });

  it('is forgotten after 30 days', async () => {
    const { keys } = one().storage;
    await pool.query(
      `update idempotency_keys set created_at = created_at - 30 * 86400000::bigint - 60000 where key = 'create-north'`,
    );
    await keys.forget();
    expect((await ask(one(), CREATE, { name: 'south', key: 'create-north' })).data.createProject.results).toHaveLength(
      1,
    );
    expect(
      (await ask(one(), CREATE, { name: 'early', key: 'create-early-1' })).data.createProject.results,
    ).toHaveLength(1);
  });
});
