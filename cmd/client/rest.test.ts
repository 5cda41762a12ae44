import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createRest, type RestOptions } from '../../graphql/rest/rest.ts';
import { NOTHING } from '../../reconciler/access/access.ts';
import { authenticator } from '../server/tokens.ts';
import { createRestClient, type RestClient } from './rest.ts';

const temporary = mkdtempSync(join(tmpdir(), 'steward-rest-'));
const folder = join(temporary, 'images');
const MAX_BYTES = 3 * 1024 * 1024;
const TOKEN = 'stw_right';
/** Of somebody who is known and may do nothing. */
const GUEST = 'stw_guest';
/** What was answered: `PUT /files/{name} 413`. */
const answered = new Set<string>();
const health = {
  stopping: false,
  paused: [] as string[],
  database: async (_signal: AbortSignal): Promise<unknown> => undefined,
};
let server: Server;
let url: string;
let client: RestClient;

beforeAll(async () => {
  ({ server, url } = await serve());
  client = createRestClient({ url, token: TOKEN });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  Object.assign(health, { stopping: false, paused: [], database: async () => undefined });
});
afterAll(async () => {
  await close(server);
  rmSync(temporary, { recursive: true });
});

describe('health', () => {
  it('is alive as long as it answers, whatever the database does', async () => {
    health.database = () => Promise.reject(new Error('gone'));
    expect(await (await fetch(`${url}/livez`)).json()).toEqual({ alive: true });
  });

  it('is ready while the database answers', async () => {
    expect(await client.readyz()).toEqual({ ready: true, checks: { database: 'ok' } });
  });

  it('is ready while jobs are paused, and names them', async () => {
    health.paused = ['billing'];
    expect(await client.readyz()).toEqual({ ready: true, checks: { database: 'ok' }, paused: ['billing'] });
  });

  it('is not ready without it, and tells strangers no more than that', async () => {
    health.database = () => Promise.reject(new Error('password of anna is wrong'));
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('{"ready":false,"checks":{"database":"failed"}}');
  });

  it('is not ready when the database hangs, and lets go of the question', async () => {
    let aborted = false;
    health.database = (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
      });
    expect(await client.readyz()).toEqual({ ready: false, checks: { database: 'failed' } });
    expect(aborted).toBe(true);
  });

  it('is not ready from the first moment of a shutdown, while it still answers', async () => {
    health.stopping = true;
    expect(await client.readyz()).toEqual({ ready: false, checks: { shutdown: 'stopping' } });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });
});

describe('what anybody may read', () => {
  it('is the description, which names every path that is answered', async () => {
    const { paths, openapi } = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: object;
      openapi: string;
    };
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths).sort()).toEqual(
      [
        '/livez',
        '/readyz',
        '/metrics',
        '/files/{name}',
        '/documents/{account}/{number}',
        '/reports/{name}',
        '/openapi.json',
        '/schemas/{name}',
      ].sort(),
    );
  });

  it('are the schemas for editors', async () => {
    expect(await (await fetch(`${url}/schemas/volume.json`)).json()).toEqual({ title: 'Volume' });
    expect(await (await fetch(`${url}/schemas/nothing.json`)).text()).toBe('not ours');
  });

  it('is nothing else', async () => {
    const stranger = createRestClient({ url, token: 'stw_wrong' });
    expect(await stranger.metrics()).toMatchObject({ ok: false, status: 401 });
    expect(await createRestClient({ url, token: null }).download('a.img')).toMatchObject({ ok: false, status: 401 });
    expect(await stranger.upload(made(10), { name: 'a.img' })).toMatchObject({ ok: false, status: 401 });
    expect(existsSync(folder)).toBe(false);
  });

  it('is no more for those whose roles allow nothing', async () => {
    const guest = createRestClient({ url, token: GUEST });
    const refused = { ok: false, status: 403, error: 'Your roles do not allow this.' };
    expect(await guest.metrics()).toEqual(refused);
    expect(await guest.download('a.img')).toEqual(refused);
    expect(await guest.upload(made(10), { name: 'a.img' })).toEqual(refused);
  });
});

it('metrics are read with the token', async () => {
  expect(await client.metrics()).toEqual({ ok: true, value: 'steward_queue_depth 7\n' });
});

describe('files', () => {
  it('go up and come down, byte for byte, with their checksum', async () => {
    const file = made(1_500_000);
    const checksum = `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    const stored = await client.upload(file, { name: 'debian-12.qcow2' });
    expect(stored).toEqual({ ok: true, value: { name: 'debian-12.qcow2', bytes: 1_500_000, checksum } });
    expect(await downloaded('debian-12.qcow2')).toEqual(readFileSync(file));
  });

  it('may be empty', async () => {
    expect(await client.upload(made(0), { name: 'empty' })).toMatchObject({ ok: true, value: { bytes: 0 } });
    expect(await downloaded('empty')).toHaveLength(0);
  });

  it('replace one of the same name, whole', async () => {
    await client.upload(made(900_000), { name: 'a.img' });
    const smaller = made(10);
    expect((await put('a.img', readFileSync(smaller))).status).toBe(200);
    expect(await downloaded('a.img')).toEqual(readFileSync(smaller));
    expect(readdirSync(folder)).toEqual(['a.img']);
  });

  it.each(['sha256', 'sha512'])('are kept only with the promised %s', async (algorithm) => {
    const file = made(1000);
    const right = `${algorithm}:${createHash(algorithm).update(readFileSync(file)).digest('hex')}`;
    const wrong = right.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect(await client.upload(file, { name: 'a.img', checksum: right })).toMatchObject({ ok: true });
    await client.upload(made(10), { name: 'b.img' });
    const refused = await client.upload(file, { name: 'b.img', checksum: wrong });
    expect(refused).toEqual({ ok: false, status: 422, error: `The checksum is ${right}; nothing was kept.` });
    expect(await downloaded('b.img')).toHaveLength(10);
    expect(readdirSync(folder).sort()).toEqual(['a.img', 'b.img']);
  });

  it('have a name that stays in the folder', async () => {
    for (const name of ['..%2Fa', '.hidden', 'a%2Fb', 'a%00b', '%zz', '', 'x'.repeat(129), '-f']) {
      const answer = await put(name, Buffer.from('x'));
      expect([name, answer.status]).toEqual([name, 400]);
    }
    expect(readdirSync(temporary)).not.toContain('a');
    expect((await put('a.img?checksum=md5:1', Buffer.from('x'))).status).toBe(400);
  });

  it('are not put together from parts: half of one would stand in the place of the whole', async () => {
    await client.upload(made(10), { name: 'a.img' });
    const answer = await put('a.img', Buffer.from('tail'), { 'content-range': 'bytes 6-9/10' });
    expect(answer).toMatchObject({ status: 400, error: expect.stringContaining('send it whole') });
    expect(await downloaded('a.img')).toHaveLength(10);
  });

  it('are refused before they are read when they say that they are too large', async () => {
    const answer = await put('a.img', Buffer.alloc(0), { 'content-length': String(MAX_BYTES + 1) });
    expect(answer).toMatchObject({ status: 413, error: expect.stringContaining(String(MAX_BYTES)) });
  });

  it('are given up once they prove too large, and leave nothing', async () => {
    const answer = await put('a.img', Buffer.alloc(MAX_BYTES + 1), { 'transfer-encoding': 'chunked' });
    expect(answer.status).toBe(413);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['ends in the middle', true],
    ['goes silent in the middle', false],
  ])('an upload that %s leaves nothing, not even of the file that it would have replaced', async (_name, ends) => {
    await client.upload(made(10), { name: 'a.img' });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      `PUT /files/a.img HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 1000\r\n\r\nhalf`,
    );
    await until(() => readdirSync(folder).length === 2);
    if (ends) socket.destroy();
    await until(() => readdirSync(folder).length === 1);
    socket.destroy();
    expect(await downloaded('a.img')).toHaveLength(10);
  });

  it('that a crash cut off are cleared by the next server', async () => {
    await client.upload(made(10), { name: 'a.img' });
    writeFileSync(join(folder, '.upload-1-1'), 'half');
    const next = await serve();
    await createRestClient({ url: next.url, token: TOKEN }).upload(made(10), { name: 'b.img' });
    await close(next.server);
    expect(readdirSync(folder).sort()).toEqual(['a.img', 'b.img']);
  });

  it('are not there when they are not there, and links are none', async () => {
    expect(await client.download('none.img')).toEqual({
      ok: false,
      status: 404,
      error: 'There is no file "none.img".',
    });
    await client.upload(made(10), { name: 'a.img' });
    symlinkSync('/etc/passwd', join(folder, 'link.img'));
    expect(await client.download('link.img')).toMatchObject({ ok: false, status: 404 });
  });

  it('are only put and got', async () => {
    const answer = await fetch(`${url}/files/a.img`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT']);
  });

  it('tell their size without their bytes', async () => {
    await client.upload(made(10), { name: 'a.img' });
    const answer = await fetch(`${url}/files/a.img`, { method: 'HEAD', headers: { authorization: `Bearer ${TOKEN}` } });
    expect([answer.headers.get('content-length'), await answer.text()]).toEqual(['10', '']);
    expect(statSync(join(folder, 'a.img')).mode & 0o007).toBe(0);
  });
});

it('every answer of these tests is in the description', () => {
  const { paths } = JSON.parse(readFileSync(new URL('../../graphql/rest/openapi.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses = {} }]) =>
      Object.keys(responses).map((status) => `${method.toUpperCase()} ${path} ${status}`),
    ),
  );
  expect([...answered].filter((one) => !described.includes(one))).toEqual([]);
  expect([...answered].sort()).toEqual(
    expect.arrayContaining([
      'GET /metrics 403',
      'PUT /files/{name} 403',
      'PUT /files/{name} 413',
      'PUT /files/{name} 422',
    ]),
  );
});

/** Methods that a path does not have (405) are in no description, and HEAD is GET. */
function note({ method = '', url: target = '' }: IncomingMessage, status: number): void {
  const path = target.split('?')[0]?.replace(/^\/(files|schemas)\/.*/, '/$1/{name}');
  if (status !== 405) answered.add(`${method.replace('HEAD', 'GET')} ${path} ${status}`);
}

async function serve(): Promise<{ server: Server; url: string }> {
  const options: RestOptions = {
    authenticate: async (credentials) => {
      const guest = await authenticator(GUEST)(credentials);
      return guest ? { ...guest, actor: 'user:guest', access: NOTHING } : authenticator(TOKEN)(credentials);
    },
    health: {
      stopping: () => health.stopping,
      checks: [{ name: 'database', run: (signal) => health.database(signal) }],
      paused: () => health.paused,
      deadlineMs: 1_000,
    },
    metrics: async () => ({ type: 'text/plain; version=0.0.4', text: 'steward_queue_depth 7\n' }),
    // Longer than a busy machine holds its breath: an upload that goes on is never taken for one that went silent.
    files: { folder, maxBytes: MAX_BYTES, idleMs: 3_000 },
    schemas: [{ name: 'volume.json', text: '{"title":"Volume"}' }],
  };
  const rest = createRest(options);
  const made = createServer((request, response) => {
    response.once('finish', () => note(request, response.statusCode));
    void rest(request, response).then((answered) => {
      if (!answered) response.writeHead(404).end('not ours');
    });
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return { server: made, url: `http://127.0.0.1:${(made.address() as AddressInfo).port}` };
}

async function close(running: Server): Promise<void> {
  running.closeAllConnections();
  await new Promise((resolve) => running.close(resolve));
}

function made(bytes: number): string {
  const file = join(temporary, `made-${bytes}`);
  writeFileSync(file, randomBytes(bytes));
  return file;
}

async function downloaded(name: string): Promise<Buffer> {
  const answer = await client.download(name);
  if (!answer.ok) throw new Error(answer.error);
  return Buffer.from(await new Response(answer.value).arrayBuffer());
}

/** A bare PUT, for what a well-behaved client would not send. */
function put(name: string, body: Buffer, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; error?: string }>((resolve, reject) => {
    const sent = httpRequest(
      `${url}/files/${name}`,
      { method: 'PUT', headers: { authorization: `Bearer ${TOKEN}`, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          sent.destroy();
          resolve({ status: answer.statusCode ?? 0, ...JSON.parse(Buffer.concat(chunks).toString()) });
        });
      },
    );
    sent.on('error', reject);
    if (headers['content-length'] === undefined) sent.end(body);
    else sent.flushHeaders();
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to that');
}
