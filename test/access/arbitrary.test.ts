import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { startInstallation, TOKEN } from '../../cmd/fixtures/running.ts';
import { openPostgresStorage } from '../../cmd/server/postgres-storage.ts';
import { buildSchema } from '../../graphql/schema.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { TEST_VAULT } from '../fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../postgres.ts';
import { arbitraryQuestion } from './arbitrary-questions.ts';

jest.setTimeout(300_000);

const schema = buildSchema(REGISTRY as Registry);
const queries = schema.getQueryType()?.getFields() ?? {};
const mutations = schema.getMutationType()?.getFields() ?? {};
const names = [...Object.keys(queries), ...Object.keys(mutations)];

/** By name, so that what fails is shown in a line. */
function questionOf(name: string, draw: fc.GeneratorValue) {
  const [query, mutation] = [queries[name], mutations[name]];
  if (query !== undefined) return arbitraryQuestion(draw, 'query', query);
  if (mutation !== undefined) return arbitraryQuestion(draw, 'mutation', mutation);
  throw new Error(`The schema has no field ${name}.`);
}

describe('arbitrary requests', () => {
  const errors: unknown[] = [];
  let database: FreshDatabase;
  let cloud: Awaited<ReturnType<typeof startInstallation>>;
  beforeAll(async () => {
    database = await freshDatabase();
    const storage = await openPostgresStorage({
      where: { url: database.url },
      holder: 'arbitrary',
      leaseMs: 60_000,
      connections: 8,
      personal: TEST_VAULT.personal,
      onError: (error) => errors.push(error),
    });
    cloud = await startInstallation({ storage, engine: { reportOnly: true } });
  });
  afterAll(async () => {
    await cloud.close();
    await database.drop();
    expect(errors).toEqual([]);
  });

  async function send(body: string) {
    const response = await fetch(`${cloud.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, text: await response.text() };
  }

  /** What the server logs as its own fault is one, whatever it answers. */
  async function isFine(body: string) {
    const { status, text } = await send(body);
    const own = cloud.errors
      .splice(0)
      .map((error) => (error instanceof Error ? (error.stack ?? error.message) : error));
    const shown = { body: body.slice(0, 2_000), status, text: text.slice(0, 2_000), own };
    if (status >= 500 || /INTERNAL_SERVER_ERROR|Unexpected error/.test(text) || own.length > 0)
      throw new Error(JSON.stringify(shown, null, 1).replaceAll('\\n', '\n'));
  }

  it('of every field of the schema, with arguments of any shape, are answered without a fault of the server', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.gen(), (name, draw) =>
        isFine(JSON.stringify(questionOf(name, draw))),
      ),
      { numRuns: 1_500 },
    );
  });

  it('of any text, also of half a document, are told apart without a fault of the server', async () => {
    const pieces = [
      '{',
      '}',
      '(',
      ')',
      '"',
      '"""',
      '...',
      'on',
      '$a',
      '@skip',
      ':',
      '__typename',
      'query',
      'fragment',
      '[',
      '#',
      '\\u0000',
      '1e999',
      '\uffff',
      'hosts',
      'nodes',
    ];
    const documents = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join(' '));
    const bodies = fc.oneof(
      documents.map((query) => JSON.stringify({ query })),
      fc.json({ maxDepth: 5 }),
      fc
        .record(
          {
            query: fc.jsonValue(),
            variables: fc.jsonValue(),
            operationName: fc.jsonValue(),
            extensions: fc.jsonValue(),
            id: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(fc.asyncProperty(bodies, isFine), { numRuns: 500 });
  });

  it('knows every field of the root', () => {
    expect(names.length).toBeGreaterThan(200);
  });
});
