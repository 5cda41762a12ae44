import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { TOKEN } from '../../cmd/fixtures/running.ts';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';

jest.setTimeout(180_000);

const texts = fc.constantFrom(
  '',
  'watch',
  '__proto__',
  '\0',
  '\ud800',
  'VirtualMachine',
  'x'.repeat(10_000),
  '-1',
  'eyJhIjoxfQ',
  '99999999999999999999',
);
const values = fc.oneof(texts, fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(null, 1e308, -1, [], {}));
const documents = fc.oneof(
  fc.constantFrom(
    'subscription ($k: [String!], $p: String, $s: String) { watch(kinds: $k, project: $p, since: $s) { type position } }',
    'subscription { watch { nothing } }',
    'subscription { a: watch { type } b: watch { type } }',
    'subscription { ...a } fragment a on SubscriptionRoot { ...a }',
    'query { about { version } }',
    '{ __schema { types { name } } }',
    '{',
  ),
  texts,
);
const messages = fc.oneof(
  fc.record({
    id: fc.oneof(fc.constantFrom('1', '2'), values),
    type: fc.constant('subscribe'),
    payload: fc.oneof(
      fc.record({
        query: documents,
        variables: fc.record({ k: fc.oneof(values, fc.array(texts)), p: values, s: values }),
      }),
      values,
    ),
  }),
  fc.record({
    type: fc.oneof(fc.constantFrom('ping', 'pong', 'complete', 'connection_init', 'next', 'error'), texts),
    id: values,
    payload: values,
  }),
  values,
);

/** Whatever is sent, the server answers or closes, and goes on. */
describe('arbitrary messages', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
  });
  afterAll(() => server.close());

  const isFine = async (heard: string) => {
    expect(heard).not.toMatch(/INTERNAL_SERVER_ERROR|Unexpected error|Internal server error/);
    expect((await server.asAdmin('{ about { version } }')).status).toBe(200);
    expect(server.errors.map(String)).toEqual([]);
  };

  /** All that comes back until the socket is closed, or has answered a last ping. */
  const told = (sent: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      let heard = '';
      const timer = setTimeout(
        () => reject(new Error(`Nothing was heard: ${JSON.stringify(sent).slice(0, 500)}`)),
        20_000,
      );
      const end = (how: string) => {
        clearTimeout(timer);
        socket.terminate();
        resolve(`${heard}${how}`);
      };
      socket.on('open', () => {
        socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${TOKEN}` } }));
      });
      socket.on('message', (data) => {
        heard += String(data);
        if (String(data).includes('connection_ack'))
          for (const message of [...sent, '{"type":"ping","payload":{"last":"of all"}}']) socket.send(message);
        if (String(data).includes('of all')) end('');
      });
      socket.on('close', (code, reason) => end(` closed ${code} ${reason}`));
      socket.on('error', () => end(' error'));
    });

  it('over a WebSocket are answered or refused, without a fault of the server', async () => {
    const sent = fc.array(
      fc.oneof(
        messages.map((message) => JSON.stringify(message) ?? ''),
        fc.string({ unit: 'binary' }),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(sent, async (each) => {
        const heard = await told(each);
        expect(heard).not.toMatch(/ closed (1011|4500)/);
        await isFine(heard);
      }),
      { numRuns: 150 },
    );
  });

  it('over server-sent events are answered or refused, without a fault of the server', async () => {
    const bodies = fc.record({
      query: documents,
      variables: fc.record({ k: fc.oneof(values, fc.array(texts)), p: values, s: values }),
    });
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const response = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'text/event-stream',
            authorization: `Bearer ${TOKEN}`,
          },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(20_000),
        });
        expect(response.status).toBeLessThan(500);
        const reader = response.body?.getReader();
        const first = await reader?.read();
        await reader?.cancel();
        await isFine(Buffer.from(first?.value ?? []).toString('utf8'));
      }),
      { numRuns: 120 },
    );
  });
});
