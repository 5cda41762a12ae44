import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ContentError, type ContentSource } from '../../resources/ports.ts';
import { createContent, DEFAULT_CONTENT_OPTIONS } from './content.ts';

const MIB = 1024 ** 2;
const RAW = Buffer.alloc(3 * MIB, 'steward');
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A qcow2 header by the numbers of its specification. */
function qcow2(more: { virtualBytes?: bigint; backingAt?: bigint; features?: bigint; crypt?: number } = {}): Buffer {
  const head = Buffer.alloc(1024);
  head.write('QFI\xfb', 0, 'latin1');
  head.writeUInt32BE(3, 4);
  head.writeBigUInt64BE(more.backingAt ?? 0n, 8);
  head.writeBigUInt64BE(more.virtualBytes ?? 2n ** 31n, 24);
  head.writeUInt32BE(more.crypt ?? 0, 32);
  head.writeBigUInt64BE(more.features ?? 0n, 72);
  return head;
}

function iso(): Buffer {
  const bytes = Buffer.alloc(40_000);
  bytes.write('CD001', 0x8001, 'latin1');
  return bytes;
}

type Route = (request: IncomingMessage, response: ServerResponse) => void;
const send =
  (bytes: Buffer, headers: Record<string, string> = {}): Route =>
  (_request, response) =>
    response.writeHead(200, { 'content-length': bytes.length, ...headers }).end(bytes);
const redirect =
  (location: string): Route =>
  (_request, response) =>
    response.writeHead(302, { location }).end();

const ROUTES: Record<string, Route> = {
  '/raw': send(RAW, { etag: '"r1"' }),
  '/qcow2': send(qcow2()),
  '/iso': send(iso()),
  '/backing': send(qcow2({ backingAt: 512n })),
  '/data-file': send(qcow2({ features: 4n })),
  '/encrypted': send(qcow2({ crypt: 2 })),
  '/stub': send(Buffer.from('QFI\xfb....', 'latin1')),
  '/empty': send(Buffer.alloc(0)),
  '/gzip': send(RAW, { 'content-encoding': 'gzip' }),
  '/page': send(Buffer.from('<html>Sign in</html>'), { 'content-type': 'text/html; charset=utf-8' }),
  '/error': (_request, response) => response.writeHead(503).end(),
  '/no-length': (_request, response) => response.writeHead(200).end('bytes without an end'),
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': RAW.length });
    response.write(RAW.subarray(0, MIB), () => response.destroy());
  },
  '/range': (request, response) => {
    const last = Number(/bytes=0-(\d+)/.exec(request.headers.range ?? '')?.[1]);
    const part = RAW.subarray(0, last + 1);
    response.writeHead(206, { 'content-range': `bytes 0-${last}/${RAW.length}` }).end(part);
  },
  '/drip': (_request, response) => {
    response.writeHead(200, { 'content-length': RAW.length });
    const drip = setInterval(() => response.write('x'), 5);
    response.on('close', () => clearInterval(drip));
  },
  '/silence': () => {},
  '/once': redirect('/raw'),
  '/loop': redirect('/loop'),
  '/inside': redirect('http://169.254.169.254/latest/meta-data/'),
  '/inside-by-number': redirect('http://2130706433:1/'),
  '/to-file': redirect('file:///etc/passwd'),
  '/nowhere': (_request, response) => response.writeHead(302).end(),
};

let server: Server;
let folder: string;
let base: string;
const content = () =>
  createContent({
    ...DEFAULT_CONTENT_OPTIONS,
    imageFolders: [join(folder, 'images')],
    allowedHosts: ['127.0.0.1'],
    maxBytes: 8 * MIB,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'content-'));
  await mkdir(join(folder, 'images', 'sub'), { recursive: true });
  await mkdir(join(folder, 'images-beside'));
  await writeFile(join(folder, 'images', 'disk.raw'), RAW);
  await writeFile(join(folder, 'images', 'sub', 'cd.iso'), iso());
  await writeFile(join(folder, 'secret'), 'not for guests');
  await writeFile(join(folder, 'images-beside', 'other.raw'), RAW);
  await symlink(join(folder, 'secret'), join(folder, 'images', 'link-out'));
  await symlink(join(folder, 'images', 'disk.raw'), join(folder, 'images', 'link-in'));
  server = createServer((request, response) => (ROUTES[request.url ?? ''] ?? missing)(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

const missing: Route = (_request, response) => response.writeHead(404).end();

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

async function read(source: ContentSource) {
  const opened = await content().open(source);
  if (!opened.ok) return opened.error;
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of opened.value.stream) pieces.push(piece);
  } catch (error) {
    if (error instanceof ContentError) return error.reason;
    throw error;
  }
  return Buffer.concat(pieces);
}

const linkOf = (fd: string) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
};
const digestOf = (read: unknown) => (Buffer.isBuffer(read) ? sha256(read) : JSON.stringify(read));
const at = (path: string, checksum: string | null = null) => ({ url: `${base}${path}`, checksum });
const named = (file: string, checksum: string | null = null) => ({ file, checksum });

describe('content of a URL', () => {
  it('comes whole, with its checksum, also over a redirect', async () => {
    expect(digestOf(await read(at('/raw', sha256(RAW))))).toBe(sha256(RAW));
    expect(digestOf(await read(at('/once', sha256(RAW))))).toBe(sha256(RAW));
  });

  it('ends with both digests when they differ', async () => {
    const expected = sha256(Buffer.from('another file'));
    expect(await read(at('/raw', expected))).toEqual({
      code: 'ChecksumMismatch',
      params: { expected, found: sha256(RAW) },
    });
  });

  it('ends with what came when the server breaks off', async () => {
    const reason = await read(at('/cut'));
    expect(reason).toMatchObject({ code: 'ContentCut', params: { expected: RAW.length } });
  });

  it.each(['/backing', '/data-file', '/encrypted', '/stub'])(
    'is refused before a piece is passed on: %s',
    async (path) => {
      expect(await read(at(path))).toMatchObject({ code: 'SourceRefused' });
      expect(await content().stat(at(path))).toMatchObject({ error: { code: 'Invalid' } });
    },
  );

  it.each([
    ['/inside', 'Invalid', '169.254.169.254'],
    ['/inside-by-number', 'Unreachable', '127.0.0.1'],
    ['/to-file', 'Invalid', 'file:'],
    ['/loop', 'Invalid', '5 redirects'],
    ['/nowhere', 'Failed', 'nowhere'],
    ['/not-there', 'NotFound', '404'],
    ['/error', 'Failed', '503'],
    ['/gzip', 'Unsupported', 'gzip'],
    ['/page', 'Failed', 'web page'],
    ['/no-length', 'Unsupported', 'size'],
    ['/empty', 'Invalid', 'empty'],
  ])('is not read at %s', async (path, code, words) => {
    expect(await content().open(at(path))).toMatchObject({ error: { code, message: expect.stringContaining(words) } });
  });

  it('is not read when it is longer than allowed', async () => {
    const small = createContent({ ...DEFAULT_CONTENT_OPTIONS, allowedHosts: ['127.0.0.1'], maxBytes: MIB });
    expect(await small.open(at('/raw'))).toMatchObject({ error: { code: 'Invalid' } });
    expect(await small.stat(at('/raw'))).toMatchObject({ error: { code: 'Invalid' } });
  });

  it('is not read when another one took its place since it was seen', async () => {
    const bytes = RAW.length;
    expect(await content().open(at('/raw'), { seenBytes: bytes })).toMatchObject({ ok: true });
    for (const source of [at('/raw'), named('disk.raw')]) {
      const message = expect.stringContaining(`has ${bytes} bytes now and had ${bytes + 1}`);
      expect(await content().open(source, { seenBytes: bytes + 1 })).toMatchObject({
        error: { code: 'Failed', message },
      });
    }
  });

  it('is not read from loopback unless an operator allows that', async () => {
    const strict = createContent(DEFAULT_CONTENT_OPTIONS);
    expect(await strict.open(at('/raw'))).toMatchObject({ error: { code: 'Invalid' } });
  });

  it('tells size, format and disk size at a look', async () => {
    const look = async (path: string) => content().stat(at(path));
    const facts = { bytes: RAW.length, format: 'raw', virtualBytes: null };
    expect(await look('/raw')).toEqual({ ok: true, value: { ...facts, revision: '"r1"' } });
    expect(await look('/range')).toMatchObject({ value: facts });
    expect(await look('/qcow2')).toMatchObject({ value: { bytes: 1024, format: 'qcow2', virtualBytes: 2 ** 31 } });
    expect(await look('/iso')).toMatchObject({ value: { format: 'iso' } });
  });

  it.each(['/drip', '/silence'])('is not waited for when the server only keeps one waiting: %s', async (path) => {
    const hasty = createContent({ ...DEFAULT_CONTENT_OPTIONS, allowedHosts: ['127.0.0.1'], headTimeoutMs: 100 });
    expect(await hasty.stat(at(path))).toMatchObject({ ok: false });
  });

  it('stops when the reader has had enough', async () => {
    const opened = await content().open(at('/raw'));
    if (!opened.ok) throw new Error(opened.error.message);
    for await (const piece of opened.value.stream) {
      expect(piece.byteLength).toBeLessThan(RAW.length);
      break;
    }
  });
});

describe('content of a file', () => {
  it('comes from within an image folder, by either way of writing it', async () => {
    expect(digestOf(await read(named('disk.raw', sha256(RAW))))).toBe(sha256(RAW));
    expect(digestOf(await read(named(join(folder, 'images', 'disk.raw'))))).toBe(sha256(RAW));
    expect(digestOf(await read(named('link-in')))).toBe(sha256(RAW));
    expect(await content().stat(named('sub/cd.iso'))).toMatchObject({ value: { bytes: 40_000, format: 'iso' } });
  });

  it.each([
    '../secret',
    'sub/../../secret',
    'link-out',
    '../images-beside/other.raw',
    '/etc/passwd',
    'none',
    'sub',
    '.',
    '',
  ])('is not opened: %s', async (path) => {
    const opened = await content().open(named(path));
    expect(opened.ok).toBe(false);
    expect(opened).toMatchObject({ error: { code: expect.stringMatching(/^(NotFound|Invalid)$/) } });
  });

  it('is none when it is written to while it is read', async () => {
    const path = join(folder, 'images', 'changing.raw');
    await writeFile(path, RAW);
    const reading = async () => {
      const opened = await content().open(named('changing.raw'));
      if (!opened.ok) throw new Error(opened.error.message);
      let read = 0;
      for await (const piece of opened.value.stream) {
        if (read === 0) await utimes(path, 1, 1);
        read += piece.byteLength;
      }
    };
    await expect(reading()).rejects.toThrow('written to while it was read');
  });

  it('is closed when nobody reads it', async () => {
    const opened = await content().open(named('disk.raw'));
    if (!opened.ok) throw new Error(opened.error.message);
    const held = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(fd).endsWith('/images/disk.raw'));
    expect(held()).toHaveLength(1);
    await opened.value.stream[Symbol.asyncIterator]().return?.();
    expect(held()).toEqual([]);
  });

  it('answers alike for what is outside and what is not there', async () => {
    const outside = await content().open(named('../secret'));
    const absent = await content().open(named('../absent'));
    expect(JSON.stringify(outside).replace('secret', 'absent')).toBe(JSON.stringify(absent));
  });

  it('is not opened at all without a configured folder', async () => {
    const none = createContent(DEFAULT_CONTENT_OPTIONS);
    expect(await none.open(named('disk.raw'))).toMatchObject({ error: { code: 'Invalid' } });
  });
});
