import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { post, serveHouse, TOKEN } from '../test/fixtures/api.ts';
import { ANNA } from '../test/fixtures/house.ts';
import { BODY_LIMITS } from './body.ts';

/** What graphql-cop and GraphQL Armor look for, asked of the real server. See docs/security.md. */
let api: Awaited<ReturnType<typeof serveHouse>>;
beforeAll(async () => {
  api = await serveHouse({ explorer: false });
});
afterAll(() => api.close());

const send = (body: string, headers: Record<string, string> = {}, method = 'POST', path = '') =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: TOKEN, 'content-type': 'application/json', ...headers },
    ...(method === 'POST' ? { body } : {}),
    signal: AbortSignal.timeout(10_000),
  });

describe('what calls itself', () => {
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const maps = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const APPLY =
    'mutation ($m: [JSON!]!, $k: String) { apply(manifests: $m, idempotencyKey: $k) { ... on AdmissionFailure { issues { message } } } }';

  it.each([110, 5_000, 100_000])(
    'is refused before anything walks it: %d levels of a value or a document',
    async (depth) => {
      for (const [key, value] of [
        ['null', lists(depth)],
        ['"of-my-own-1"', lists(depth)],
        ['"of-my-own-2"', `{"kind":"Lamp","metadata":{"name":"deep"},"spec":${maps(depth)}}`],
      ]) {
        const answer = await send(`{"query":${JSON.stringify(APPLY)},"variables":{"m":[${value}],"k":${key}}}`);
        expect(await answer.text()).toContain('nested deeper than 100 levels');
      }
      const document = await send(
        JSON.stringify({ query: `mutation { apply(manifests: [${lists(depth + 200)}]) { __typename } }` }),
      );
      expect(await document.text()).toContain('nested deeper than 200 brackets');
      expect(api.errors).toEqual([]);
    },
  );
});

describe('what graphql-cop looks for', () => {
  it('no batch of queries is taken', async () => {
    const answer = await send(JSON.stringify([{ query: '{ about { version } }' }, { query: '{ about { version } }' }]));
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('"version"');
  });

  it('aliases, directives and repeated fields are bounded', async () => {
    const documents = [
      `{ ${Array.from({ length: 101 }, (_, i) => `alias${i}: __typename`).join(' ')} }`,
      `{ __typename ${'@aa'.repeat(10)} }`,
      `{ __typename ${'@skip(if: false) '.repeat(51)} }`,
      `{ ${'__typename '.repeat(2_100)} }`,
    ];
    for (const query of documents) {
      const answer = await api.query(query);
      expect(answer.errors.length).toBeGreaterThan(0);
      expect(answer.data ?? null).toBeNull();
    }
  });

  it('introspection is closed, in a circle too, and so is every page', async () => {
    const circle = '{ __schema { types { fields { type { fields { type { name } } } } } } }';
    for (const query of ['{ __schema { queryType { name } } }', '{ __type(name: "Query") { name } }', circle]) {
      expect((await api.query(query)).errors[0]?.message).toMatch(/introspection/i);
    }
    for (const path of ['', '/graphiql', '/playground', '/altair']) {
      const page = await fetch(`${api.url}${path}`, { headers: { accept: 'text/html' } });
      expect(await page.text()).not.toMatch(/graphiql|playground|altair/i);
    }
  });

  it('nothing is asked or changed by GET, by a form or as plain text', async () => {
    expect((await send('', {}, 'GET', '?query=%7B__typename%7D')).status).toBe(405);
    expect((await send('', {}, 'GET', '?query=mutation%7B__typename%7D')).status).toBe(405);
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])
      expect((await send('query=%7B__typename%7D', { 'content-type': type })).status).toBe(415);
  });

  it('no field is suggested, over HTTP or a WebSocket, where the schema is closed', async () => {
    const { errors } = await api.query('{ lamp(name: "x") { nam } }');
    expect(errors[0]?.message).toBe('Cannot query field "nam" on type "Lamp".');
    const mistyped = await api.query('{ lampp(name: "x") { name } }');
    expect(mistyped.errors[0]?.message).not.toMatch(/did you mean/i);
  });

  it('no trace and no stack is told', async () => {
    const answers = await Promise.all([
      api.query('{ about { version } }'),
      post(api.url, { query: '{ about { version } }' }, { authorization: TOKEN, 'apollo-tracing': '1' }),
      api.query('query ($id: ID!) { node(id: $id) { id } }', { id: { evil: true } }),
      post(api.url, { query: 'not a query' }),
    ]);
    for (const answer of answers) expect(JSON.stringify(answer)).not.toMatch(/tracing|stacktrace|node_modules|\.ts:/);
  });
});

describe('bodies', () => {
  const raw = (headers: Record<string, string | number>): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = httpRequest(api.url, {
        method: 'POST',
        headers: { authorization: TOKEN, 'content-type': 'application/json', ...headers },
      });
      call.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        call.destroy();
      });
      call.on('error', reject);
      call.flushHeaders();
    });

  it('that are too large, or of unknown length, are refused before they are read', async () => {
    expect(await raw({ 'content-length': BODY_LIMITS.bytes + 1 })).toBe(413);
    expect(await raw({ 'transfer-encoding': 'chunked' })).toBe(411);
  });

  it('of strangers are small, and refused unread when they are not', async () => {
    const stranger = { authorization: 'Bearer of-nobody' };
    expect(await raw({ ...stranger, 'content-length': BODY_LIMITS.strangerBytes + 1 })).toBe(401);
    const padded = JSON.stringify({ query: '{ __typename }' }).padEnd(BODY_LIMITS.strangerBytes + 1);
    expect((await send(padded, stranger)).status).toBe(401);
    expect((await send(padded)).status).toBe(200);
  });

  it.each([
    ['values', { list: Array(BODY_LIMITS.values).fill(0) }],
    [
      'members',
      { object: Object.fromEntries(Array.from({ length: BODY_LIMITS.members + 1 }, (_, i) => [`k${i}`, 0])) },
    ],
  ])('with too many %s are refused before they are parsed, from anybody', async (what, variables) => {
    const answer = await send(JSON.stringify({ query: '{ __typename }', variables }));
    expect([answer.status, await answer.text()]).toEqual([413, expect.stringContaining(what)]);
  });

  it.each(['[]', '{}', '7', '{"query":'])('that are large and say %s are an error of the sender', async (text) => {
    expect((await send(text.padEnd(BODY_LIMITS.strangerBytes + 1))).status).toBe(400);
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '{"query": 7}',
    '{"query": "{ __typename }", "variables": []}',
    '{"__proto__": {"query": "{ __typename }"}}',
  ])('that are %s are an error of the sender', async (body) => {
    const { status } = await send(body);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

describe('too many requests', () => {
  const person = {
    ...ANNA,
    authentication: { user: 'anna', scopes: null, session: 's', provedAt: 0, secondFactorAt: null },
  };
  it('are also few large ones: a body counts as many requests, by what it weighs', async () => {
    const limited = await serveHouse({
      rates: { caller: { perSecond: 0.001, burst: 20 }, stranger: { perSecond: 0.001, burst: 2 } },
      authenticate: async () => person,
    });
    const status = async (bytes: number) =>
      (
        await fetch(limited.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: '{ about { version } }' }).padEnd(bytes),
        })
      ).status;
    const [light, heavy] = [100, 600_000];
    expect([await status(heavy), await status(light), await status(heavy), await status(light)]).toEqual([
      200, 200, 429, 200,
    ]);
    await limited.close();
  });

  it('are refused by person and by address, and the administrator is never locked out', async () => {
    const rates = { caller: { perSecond: 0.001, burst: 4 }, stranger: { perSecond: 0.001, burst: 2 } };
    const limited = await serveHouse({
      rates,
      authenticate: async ({ authorization }) => {
        if (authorization === TOKEN) return ANNA;
        return authorization === 'Bearer person'
          ? person
          : authorization === 'Bearer other'
            ? { ...person, actor: 'user:ben' }
            : null;
      },
    });
    const statuses = async (count: number, headers: Record<string, string>) => {
      const found: number[] = [];
      for (let index = 0; index < count; index++)
        found.push((await post(limited.url, { query: '{ about { version } }' }, headers)).status);
      return found;
    };
    expect(await statuses(6, { authorization: 'Bearer person' })).toEqual([200, 200, 200, 200, 429, 429]);
    expect(await statuses(1, { authorization: 'Bearer other' })).toEqual([200]);
    expect(await statuses(4, {})).toEqual([401, 401, 429, 429]);
    expect(await statuses(8, { authorization: TOKEN })).toEqual(Array(8).fill(200));
    await limited.close();
    expect(limited.errors).toEqual([]);
  });
});
