import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveHouse, TOKEN } from '../../test/fixtures/api.ts';

let api: Awaited<ReturnType<typeof serveHouse>>;
beforeAll(async () => {
  api = await serveHouse();
  await api.house.apply([
    { kind: 'Project', metadata: { name: 'default' }, spec: {} },
    { kind: 'Socket', metadata: { name: 'wall' }, spec: {} },
    ...['a', 'b', 'c'].map((name) => ({
      kind: 'Lamp',
      metadata: { name, labels: { row: 'e' }, annotations: { note: 'é"\\ snow ☃\n' } },
      spec: { socket: 'wall', shades: ['x'] },
    })),
  ]);
  await api.house.settle();
});
afterAll(() => api.close());

const PLAIN = 'application/json';
/** A parameter of the content type leaves a question open, so the request takes the usual way. */
const USUAL = 'application/json; charset=utf-8';

/** Everything of an answer that a client can see. */
async function ask(body: string, type: string, headers: Record<string, string> = { authorization: TOKEN }) {
  const response = await fetch(api.url, {
    method: 'POST',
    headers: { 'content-type': type, ...headers },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  const { date: _, ...shown } = Object.fromEntries(response.headers);
  return { status: response.status, headers: shown, text: await response.text() };
}

/** The same request on both ways, the plain one often enough to be known. */
async function bothWays(body: string, headers?: Record<string, string>) {
  // From the second time on the usual way compiles too, and an error then has no position in the document.
  for (let round = 0; round < 2; round++) await ask(body, USUAL, headers);
  const usual = await ask(body, USUAL, headers);
  for (let round = 0; round < 3; round++) expect(await ask(body, PLAIN, headers)).toEqual(usual);
  return { usual, way: api.ways.at(-1) };
}

const FIELDS = `id __typename name project apiVersion kind isReady observedGeneration cells manifest json
  metadata { uid labels annotations createdAt generation managed overrides } conditions { type status reason params message }
  ready { status message lastTransitionAt } spec { colour shades socket } status { allocated }`;

const ANSWERED_PLAINLY: [string, { query: string; variables?: unknown; operationName?: string }][] = [
  ['a list of all that an object has', { query: `{ lamps { nodes { ${FIELDS} } } }` }],
  [
    'a page by cursor',
    {
      query: `query ($n: Int, $p: String) { lamps(first: $n, namePrefix: $p) { __typename edges { cursor __typename node { name } } pageInfo { hasNextPage endCursor } } }`,
      variables: { n: 2, p: null },
    },
  ],
  [
    'lists under other names, with fragments',
    {
      query:
        'query Two { one: lamps { nodes { ...l } } two: sockets { all: nodes { name } } } fragment l on Lamp { ...m kind } fragment m on Lamp { name ready { ...c } } fragment c on Condition { status }',
      operationName: 'Two',
    },
  ],
  ['an empty list', { query: '{ lamps(namePrefix: "zzz") { nodes { name } pageInfo { startCursor } } }' }],
  [
    'one of several operations',
    { query: 'query A { about { version } } query B { lamps { nodes { name } } }', operationName: 'B' },
  ],
  ['edges, which are looked up each time', { query: '{ lamps { nodes { name spec { socketObject { name } } } } }' }],
  [
    'directives with variables',
    {
      query: 'query ($yes: Boolean!) { lamps { nodes { name @include(if: $yes) kind @skip(if: $yes) } } }',
      variables: { yes: true },
    },
  ],
  ['no list at all', { query: '{ about { version } lamp(name: "a") { name } }', variables: null as unknown }],
];

const ANSWERED_USUALLY: [string, string][] = [
  ['interfaces', JSON.stringify({ query: '{ objects(kind: "lamp") { nodes { name } } }' })],
  [
    'an error of the caller',
    JSON.stringify({ query: 'query ($n: Int) { lamps(first: $n) { nodes { id } } }', variables: { n: 9_999 } }),
  ],
  [
    'a variable of the wrong type',
    JSON.stringify({ query: 'query ($n: Int) { lamps(first: $n) { nodes { id } } }', variables: { n: 'x' } }),
  ],
  ['an unknown field', JSON.stringify({ query: '{ lamps { nodes { nme } } }' })],
  ['a syntax error', JSON.stringify({ query: '{ lamps {' })],
  ['an unknown operation', JSON.stringify({ query: 'query A { about { version } }', operationName: 'B' })],
  [
    'a document over the limits',
    JSON.stringify({ query: '{ lamps(first: 500) { nodes { events(first: 500) { nodes { reason } } } } }' }),
  ],
  [
    'a mutation',
    JSON.stringify({ query: 'mutation { delete(objects: [{kind: "lamp", name: "none"}]) { __typename } }' }),
  ],
  ['text that is not JSON', '{"query":'],
  ['a batch', JSON.stringify([{ query: '{ about { version } }' }])],
  ['no query', JSON.stringify({ variables: {} })],
  ['variables that are no object', JSON.stringify({ query: '{ about { version } }', variables: [] })],
  [
    'more than a query',
    JSON.stringify({ query: '{ about { version } }', extensions: { persistedQuery: { version: 1 } } }),
  ],
];

describe('queries that were seen before', () => {
  it.each(ANSWERED_PLAINLY)('are answered plainly with the very bytes of the usual way: %s', async (_name, request) => {
    const { usual, way } = await bothWays(JSON.stringify(request));
    expect(usual.status).toBe(200);
    expect(usual.text).not.toContain('"errors"');
    expect(way).toBe('plain');
  });

  it.each(ANSWERED_USUALLY)('leave the rest to the usual way, whole: %s', async (_name, body) => {
    expect((await bothWays(body)).way).toBe('usual');
  });

  it('are answered to nobody without a token', async () => {
    const body = JSON.stringify({ query: '{ lamps { nodes { name } } }' });
    await bothWays(body);
    const { usual, way } = await bothWays(body, {});
    expect([usual.status, way]).toEqual([401, 'usual']);
  });

  it('are sent in the form that was asked for', async () => {
    const body = JSON.stringify({ query: '{ lamps { nodes { name } } }' });
    const { usual } = await bothWays(body, { authorization: TOKEN, accept: 'application/graphql-response+json' });
    expect(usual.headers['content-type']).toContain('application/graphql-response+json');
    expect((await bothWays(body, { authorization: TOKEN, accept: 'image/png' })).usual.status).toBe(406);
  });

  it('show an object as it is now, however often they were asked before', async () => {
    const body = JSON.stringify({ query: '{ lamps { nodes { name spec { colour } isReady } } }' });
    await bothWays(body);
    await api.house.apply([{ kind: 'Lamp', metadata: { name: 'a' }, spec: { colour: 'blue' } }]);
    const { usual, way } = await bothWays(body);
    expect(way).toBe('plain');
    expect(usual.text).toContain('{"name":"a","spec":{"colour":"blue"},"isReady":false}');
    await api.house.settle();
    expect((await bothWays(body)).usual.text).toContain('{"name":"a","spec":{"colour":"blue"},"isReady":true}');
  });
});
