import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '../../reconciler/store-unavailable.ts';
import { closeServer, createServer, listen } from './http.ts';

describe('every answer over HTTP', () => {
  let server: Server | undefined;
  afterEach(async () => {
    if (server) await closeServer(server, 0);
    server = undefined;
  });

  const serve = async (failure?: Error) => {
    const errors: unknown[] = [];
    const handler = () => {
      if (failure) throw failure;
      return false;
    };
    server = createServer({ tls: null }, [handler], (error) => errors.push(error));
    return { url: await listen(server, { host: '127.0.0.1', port: 0, tls: null }), errors };
  };

  it('forbids guessing types, frames and referrers, and lets no other site read it', async () => {
    const { url } = await serve();
    for (const method of ['GET', 'OPTIONS', 'POST']) {
      const { status, headers } = await fetch(url, { method, headers: { origin: 'https://evil.example' } });
      expect(status).toBe(404);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(
        [...headers.keys()].filter(
          (name) => name.startsWith('access-control') || name === 'server' || name === 'x-powered-by',
        ),
      ).toEqual([]);
    }
  });

  it('is not waited for when a body comes too slowly, which is no error of the server', async () => {
    const errors: unknown[] = [];
    const handler = async (req: IncomingMessage) => {
      for await (const _piece of req);
      return false;
    };
    server = createServer({ tls: null, bodyMs: 50 }, [handler], (error) => errors.push(error));
    const { port } = new URL(await listen(server, { host: '127.0.0.1', port: 0, tls: null }));
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc');
    let heard = '';
    for await (const piece of socket) heard += String(piece);
    expect([heard, errors]).toEqual(['', []]);
  });

  it('says nothing of an error but that there was one', async () => {
    const { url, errors } = await serve(new Error('secret place: /var/lib/x'));
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('{"error":"Unexpected error."}');
    expect(errors).toHaveLength(1);
  });

  it('tells that the database is away from an error of its own, and not where it is', async () => {
    const { url } = await serve(new StoreUnavailable(new Error('connect ECONNREFUSED 10.0.0.9:5432')));
    const answer = await fetch(url);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('{"error":"The database of the server is not available at the moment."}');
  });
});
