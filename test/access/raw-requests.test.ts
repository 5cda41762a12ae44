import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOKEN } from '../../cmd/fixtures/running.ts';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';

jest.setTimeout(120_000);

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const JSON_POST = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
const PATHS = [
  '/',
  '//',
  '///',
  '//graphql',
  '/\\',
  '/%',
  '/%2',
  '/%00',
  '/%ff',
  '/%c0%ae%c0%ae/etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/../../etc/passwd',
  'http://a:99999/graphql',
  'http://[::1/graphql',
  'http://',
  '//a:b@c:d/x',
  '/graphql?%',
  '/graphql/%2e%2e',
  '/auth/%',
  '/auth//',
  '/auth/__proto__',
  '/auth/oidc/%2e%2e/start',
  '/auth/saml/corp/acs?%',
  '/files/%',
  '/files/..%2f..%2fetc%2fpasswd',
  '/files/%00',
  '/documents/%/%',
  '/documents/a/..%2f..%2fx?format=pdf',
  '/documents/__proto__/constructor?format=pdf',
  '/reports/%',
  '/console/%',
  '/console/..',
  '/healthz/%',
  '/metrics/%',
  '/webhooks/%',
  '/payments/%/x',
  `/${'a'.repeat(8_000)}`,
  '/*',
  '*',
];

/** Bytes as no client sends them. Each is answered or cut off, and none is the server's fault. */
describe('a request that no client would send', () => {
  let server: IdentityServer;
  beforeAll(async () => {
    server = await startIdentityServer();
  });
  afterAll(() => server.close());

  /** What comes back until the server closes, or nothing more comes. */
  const sent = (bytes: string, { quietMs = 300 } = {}): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(server.url);
      const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
      let heard = '';
      const end = () => {
        clearTimeout(timer);
        socket.destroy();
        resolve(heard);
      };
      let timer = setTimeout(end, 10 * quietMs);
      socket.on('data', (chunk) => {
        heard += chunk.toString('latin1');
        clearTimeout(timer);
        timer = setTimeout(end, quietMs);
      });
      socket.on('close', end);
      socket.on('error', end);
    });
  const alive = async () => {
    expect(server.errors.map(String)).toEqual([]);
    expect((await server.asAdmin('{ about { version } }')).status).toBe(200);
  };

  it.each(['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('%s of any path is refused at most', async (method) => {
    for (const path of PATHS) {
      const heard = await sent(
        `${method} ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      expect({ path, heard }).toEqual({ path, heard: expect.stringMatching(/^(HTTP\/1\.1 [234]\d\d |$)/) });
      expect(heard).not.toMatch(/root:.*:0:0|node_modules|\bat .*\.ts:/);
    }
    await alive();
  });

  it('a WebSocket at any path takes nobody down', async () => {
    for (const path of PATHS) {
      const heard = await sent(`GET ${path} HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`, { quietMs: 50 });
      expect({ path, heard }).toEqual({ path, heard: expect.not.stringMatching(/^HTTP\/1\.1 5/) });
    }
    for (const origin of ['null', '', 'http://', 'http://[', '\xff', 'https://evil.example'])
      expect(
        await sent(`GET /graphql HTTP/1.1\r\nHost: a\r\nOrigin: ${origin}\r\n${UPGRADE}\r\n`, { quietMs: 50 }),
      ).not.toMatch(/^HTTP\/1\.1 5/);
    await alive();
  });

  it.each([
    ['two lengths', `${JSON_POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      'a length and chunks',
      `${JSON_POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /graphql HTTP/1.1\r\n\r\n`,
    ],
    ['chunks by another name', `${JSON_POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${JSON_POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
    ['a length below zero', `${JSON_POST}Content-Length: -1\r\n\r\n`],
    ['a length with a sign', `${JSON_POST}Content-Length: +2\r\n\r\n{}`],
    ['a length in hexadecimal', `${JSON_POST}Content-Length: 0x2\r\n\r\n{}`],
    ['a line that is folded', `${JSON_POST}X-A: b\r\n c: d\r\nContent-Length: 2\r\n\r\n{}`],
    ['a space before the colon', `${JSON_POST}Content-Length : 2\r\n\r\n{}`],
    ['line feeds alone', 'POST /graphql HTTP/1.1\nHost: a\nContent-Length: 2\n\n{}'],
    ['a name with a zero', `${JSON_POST}X-\0: a\r\nContent-Length: 2\r\n\r\n{}`],
    ['no host', 'GET /graphql HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /graphql HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    [
      'headers beyond measure',
      `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 50 }, (_, i) => `X-${i}: ${'a'.repeat(1_000)}\r\n`).join('')}\r\n`,
    ],
    [
      'two hundred headers',
      `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 200 }, (_, i) => `X-${i}: a\r\n`).join('')}Connection: close\r\n\r\n`,
    ],
  ])('of %s is not two requests for anybody', async (_what, bytes) => {
    const heard = await sent(bytes);
    const statuses = [...heard.matchAll(/HTTP\/1\.1 (\d)\d\d/g)].map(([, first]) => first);
    expect({ heard: heard.slice(0, 200), answers: statuses.length <= 1, faults: statuses.includes('5') }).toMatchObject(
      {
        answers: true,
        faults: false,
      },
    );
    await alive();
  });
});
