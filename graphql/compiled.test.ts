import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveHouse } from '../test/fixtures/api.ts';

let api: Awaited<ReturnType<typeof serveHouse>>;
beforeAll(async () => {
  api = await serveHouse();
  await api.house.apply([
    { kind: 'Project', metadata: { name: 'default' }, spec: {} },
    { kind: 'Socket', metadata: { name: 'wall' }, spec: {} },
    ...['a', 'b', 'c'].map((name) => ({ kind: 'Lamp', metadata: { name }, spec: { socket: 'wall', shades: ['x'] } })),
  ]);
  await api.house.settle();
});
afterAll(() => api.close());

const DOCUMENTS: [string, string, Record<string, unknown>][] = [
  [
    'a list with edges',
    '{ lamps { nodes { id name isReady spec { colour shades socketObject { name } } ready { status message params } } pageInfo { endCursor } } }',
    {},
  ],
  [
    'variables and a filter',
    'query ($n: Int, $p: String) { lamps(first: $n, namePrefix: $p) { edges { cursor node { metadata { createdAt labels } } } } }',
    { n: 2, p: 'b' },
  ],
  [
    'fragments, aliases and directives',
    'query ($yes: Boolean!) { one: lamp(name: "a") { ...l } two: lamp(name: "none") { ...l } } fragment l on Lamp { name @include(if: $yes) kind @skip(if: $yes) }',
    { yes: true },
  ],
  ['reverse edges', '{ socket(name: "wall") { lamps { nodes { name } } } }', {}],
  [
    'interfaces, which are interpreted',
    '{ objects(kind: "lamp") { nodes { name ... on Lamp { spec { colour } } } } }',
    {},
  ],
  ['an error of the caller', 'query ($n: Int) { lamps(first: $n) { nodes { id } } }', { n: 9_999 }],
  [
    'an error below a nullable field',
    'query ($n: Int) { lamp(name: "a") { name events(first: $n) { nodes { reason } } } }',
    { n: -1 },
  ],
];

/** The compiler does not keep positions in the document; the path in the answer says where. */
async function ask(query: string, variables: Record<string, unknown>) {
  const { data, errors } = await api.query(query, variables);
  return { data, errors: errors.map(({ locations: _, ...error }) => error) };
}

describe('compiled execution', () => {
  it.each(DOCUMENTS)('answers %s as the interpreter does, and never worse', async (_name, query, variables) => {
    const interpreted = await ask(query, variables);
    for (let round = 0; round < 3; round++) expect(await ask(query, variables)).toEqual(interpreted);
    expect(api.errors).toEqual([]);
  });
});
