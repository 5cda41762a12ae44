import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { serveHouse, TOKEN } from '../../test/fixtures/api.ts';
import { ANNA } from '../../test/fixtures/house.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { documentRules } from '../server.ts';
import { readPersistedDocuments } from './read-documents.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const LAMPS = 'query Lamps($n: Int) { lamps(first: $n) { nodes { name spec { colour } } } }';
const ABOUT = '{ about { version } }';
const documents = new Map([
  [sha256(LAMPS), LAMPS],
  ['about', ABOUT],
  [sha256(ABOUT), ABOUT],
]);
const PERSON = 'Bearer person';
const person = {
  ...ANNA,
  authentication: { user: 'anna', scopes: null, session: 's', provedAt: 0, secondFactorAt: null },
};
const authenticate = async ({ authorization }: { authorization: string | null }) =>
  authorization === TOKEN ? ANNA : authorization === PERSON ? person : null;

type House = Awaited<ReturnType<typeof serveHouse>>;
let open: House;
let only: House;
beforeAll(async () => {
  open = await serveHouse({ persisted: { documents, only: false }, authenticate });
  only = await serveHouse({ persisted: { documents, only: true }, authenticate });
  for (const { house } of [open, only])
    await house.apply([
      { kind: 'Project', metadata: { name: 'default' }, spec: {} },
      { kind: 'Lamp', metadata: { name: 'a' }, spec: {} },
    ]);
});
afterAll(async () => {
  await open.close();
  await only.close();
  expect([...open.errors, ...only.errors]).toEqual([]);
});

async function ask({ url }: House, body: object, authorization: string | null = TOKEN, type = 'application/json') {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': type, ...(authorization === null ? {} : { authorization }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, text: await response.text() };
}

const byHash = (text: string, more: object = {}) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
  ...more,
});
/** A parameter of the content type leaves a question open, so the request takes the usual way. */
const USUAL = 'application/json; charset=utf-8';

describe('documents that are known by name', () => {
  it.each([
    ['by SHA-256', byHash(LAMPS, { variables: { n: 1 } }), { query: LAMPS, variables: { n: 1 } }],
    ['by id', { id: 'about' }, { query: ABOUT }],
    ['by SHA-256 as an id', { id: sha256(LAMPS).toUpperCase(), operationName: 'Lamps' }, { query: LAMPS }],
    ['by SHA-256 with an empty query', byHash(ABOUT, { query: '' }), { query: ABOUT }],
  ])('are answered %s on both ways like the document itself', async (_name, named, whole) => {
    for (let round = 0; round < 3; round++) {
      const expected = await ask(open, whole);
      expect(expected.status).toBe(200);
      expect(await ask(open, named, TOKEN, USUAL)).toEqual(expected);
      expect(await ask(open, named)).toEqual(expected);
    }
    if (!('query' in named)) expect(open.ways.at(-1)).toBe('plain');
  });

  it('are not what callers make them: nothing is remembered under a name that came with a document', async () => {
    const own = '{ lamps { nodes { id } } }';
    for (const body of [
      byHash(own, { query: own }),
      { query: own, extensions: { persistedQuery: { version: 1, sha256Hash: sha256(LAMPS) } } },
    ])
      expect((await ask(open, body)).text).toContain('"nodes":[{"id":');
    expect(await ask(open, byHash(own))).toMatchObject({ status: 404 });
    expect((await ask(open, byHash(own))).text).toContain('PERSISTED_QUERY_NOT_FOUND');
    expect((await ask(open, byHash(LAMPS))).text).toContain('"colour"');
    for (const id of ['__proto__', 'constructor', 'toString', '']) {
      const { status } = await ask(open, { id });
      expect([400, 404]).toContain(status);
    }
  });

  it('are asked for by POST, and by nobody unknown, who does not learn which there are', async () => {
    const address = `${open.url}?id=about&extensions=${encodeURIComponent(JSON.stringify(byHash(ABOUT).extensions))}`;
    const got = await fetch(address, { headers: { authorization: TOKEN }, signal: AbortSignal.timeout(10_000) });
    expect([got.status, await got.text()]).toEqual([405, '{"errors":[{"message":"Send a POST with JSON."}]}']);
    const [known, unknown] = [await ask(open, { id: 'about' }, null), await ask(open, { id: 'other' }, null)];
    expect(known).toEqual(unknown);
    expect(known.status).toBe(401);
  });

  it('are all that is taken from anybody but the administrator, where only they are', async () => {
    for (const type of ['application/json', USUAL])
      for (let round = 0; round < 3; round++) {
        const refused = await ask(only, { query: ABOUT }, PERSON, type);
        expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('PERSISTED_QUERY_ONLY')]);
        expect((await ask(only, byHash(ABOUT, { query: '{ lamps { nodes { id } } }' }), PERSON, type)).status).toBe(
          403,
        );
        expect((await ask(only, { query: ABOUT }, null, type)).status).toBe(401);
        expect((await ask(only, { query: ABOUT }, TOKEN, type)).text).toBe('{"data":{"about":{"version":"0"}}}');
        expect((await ask(only, { id: 'about' }, PERSON, type)).text).toBe('{"data":{"about":{"version":"0"}}}');
      }
  });

  it('and so over a WebSocket, where documents are as small as elsewhere', async () => {
    const client = createClient({
      url: only.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: PERSON },
      retryAttempts: 0,
    });
    const first = (payload: { query: string; extensions?: Record<string, unknown> }) =>
      new Promise((resolve, reject) => {
        client.subscribe(payload, { next: resolve, error: reject, complete: () => undefined });
      });
    await expect(first({ query: ABOUT })).rejects.toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_ONLY' } }]);
    expect(await first({ query: '', ...byHash(ABOUT) })).toEqual({ data: { about: { version: '0' } } });
    await client.dispose();
    const admin = createClient({
      url: only.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: TOKEN },
      retryAttempts: 0,
    });
    const deep = new Promise((resolve, reject) => {
      admin.subscribe({ query: '{a'.repeat(100_000) }, { next: resolve, error: reject, complete: () => undefined });
    });
    await expect(deep).rejects.toMatchObject([{ message: expect.stringContaining('200 brackets') }]);
    await admin.dispose();
  });
});

describe('the files of documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'persisted-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string | object) => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, typeof text === 'string' ? text : JSON.stringify(text));
    return path;
  };
  const read = (path: string) =>
    readPersistedDocuments(path, {
      schema: open.schema,
      rules: documentRules(DEFAULT_LIMITS, { explorer: false }),
      tokensMax: DEFAULT_LIMITS.tokens,
    });

  it('are maps, manifests, single documents, or a folder of them', () => {
    const manifest = {
      format: 'apollo-persisted-query-manifest',
      version: 1,
      operations: [{ id: sha256(ABOUT), body: ABOUT, name: 'A', type: 'query' }],
    };
    expect(read(file('relay.json', { [sha256(LAMPS)]: LAMPS, about: ABOUT }))).toEqual({ ok: true, documents });
    expect(read(file('apollo.json', manifest))).toEqual({ ok: true, documents: new Map([[sha256(ABOUT), ABOUT]]) });
    file('all/relay.json', { about: ABOUT });
    file('all/lamps.graphql', LAMPS);
    file('all/notes.txt', 'nothing');
    expect(read(join(folder, 'all'))).toEqual({ ok: true, documents });
  });

  it('tell all that is wrong at once, each with its file, its id and what is wrong', () => {
    file('wrong/a.json', {
      [sha256('other')]: ABOUT,
      unknown: '{ nothing }',
      broken: '{ lamps {',
      many: `{ ${'__typename '.repeat(2_100)} }`,
      schema: '{ __schema { queryType { name } } }',
      'an id': ABOUT,
      twice: ABOUT,
    });
    file('wrong/b.json', { twice: LAMPS });
    file('wrong/c.json', '{');
    file('wrong/d.json', { format: 1, operations: [{ id: 'x' }] });
    const found = read(join(folder, 'wrong'));
    const errors = found.ok ? [] : found.errors.map((error) => error.slice(folder.length));
    expect(errors).toEqual(
      expect.arrayContaining([
        `/wrong/a.json: "${sha256('other')}": the document is not the one of this SHA-256, its own is ${sha256(ABOUT)}`,
        '/wrong/a.json: "unknown": Cannot query field "nothing" on type "Query".',
        expect.stringMatching(/^\/wrong\/a\.json: "broken": Syntax Error: /),
        expect.stringMatching(/^\/wrong\/a\.json: "many": .*tokens/),
        expect.stringMatching(/^\/wrong\/a\.json: "schema": .*introspection/i),
        '/wrong/a.json: "an id": the id is not of letters, digits and . : _ - (128 at most)',
        '/wrong/b.json: "twice": the id stands for another document already',
        expect.stringMatching(/^\/wrong\/c\.json: cannot be read: /),
        '/wrong/d.json: cannot be read: expected a map of id → document, or "operations" that have an "id" and a "body"',
      ]),
    );
    expect(read(join(folder, 'none'))).toMatchObject({ ok: false });
    expect(read(file('empty.json', {}))).toEqual({ ok: false, errors: [`${folder}/empty.json: holds no documents`] });
  });
});
