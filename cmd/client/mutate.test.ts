import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from './graphql.ts';

const APPLY = 'mutation ($key: String) { apply(manifests: [], idempotencyKey: $key) { __typename } }';
const NEVER = new AbortController().signal;
let server: Server | null = null;
afterEach(() => new Promise((resolve) => server?.close(resolve)));

/** A server that does what it is asked, and loses the first answers on their way. */
async function losing(answers: ('lost' | 502 | 'given')[]) {
  const keys: unknown[] = [];
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    keys.push(JSON.parse(Buffer.concat(chunks).toString()).variables.key);
    const answer = answers.shift();
    if (answer === 'lost') res.destroy();
    else if (answer === 502) res.writeHead(502).end('<html>');
    else res.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"apply":"done"}}');
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { keys, client: createClient({ url, token: null, project: 'default' } as never, NEVER) };
}

describe('a change that the command asks for', () => {
  it('is sent again under the same key when its answer is lost', async () => {
    const { keys, client } = await losing(['lost', 502, 'given']);
    expect(await client.mutate(APPLY, {})).toEqual({ apply: 'done' });
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has another key each time it is meant anew, and is given up after three tries', async () => {
    const { keys, client } = await losing(['given', 'lost', 'lost', 'lost', 'given']);
    await client.mutate(APPLY, {});
    await expect(client.mutate(APPLY, {})).rejects.toThrow('No server answers');
    expect(keys).toHaveLength(4);
    expect(keys[1]).not.toBe(keys[0]);
  });
});
