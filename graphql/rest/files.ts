import { createHash, type Hash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { allows, type Refusal, refuse, sendJson } from './answer.ts';

export interface FilesOptions {
  /** Folder that uploads go to; made when missing. It is one of the image folders, so that images may name its files. */
  folder: string;
  /** Largest file that is taken. */
  maxBytes: number;
  /** An upload that brings nothing for this long is given up. */
  idleMs: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const CHECKSUM = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const UNFINISHED = '.upload-';
const UPLOADS_MAX = 4;

export type Files = ReturnType<typeof createFiles>;

/** Upload and download of image files, streamed: a file is there whole, with the bytes that were promised, or not at all. */
export function createFiles(options: FilesOptions) {
  let uploads = 0;
  let count = 0;
  let cleared: Promise<void> | undefined;
  const put = async (request: IncomingMessage, response: ServerResponse, file: FileRequest): Promise<void> => {
    if (uploads >= UPLOADS_MAX)
      return refuse(request, response, {
        status: 503,
        error: `${UPLOADS_MAX} uploads are under way; try again later.`,
      });
    uploads += 1;
    count += 1;
    try {
      cleared ??= removeUnfinished(options.folder);
      await cleared;
      await upload(request, response, {
        ...file,
        temporary: join(options.folder, `${UNFINISHED}${process.pid}-${count}`),
      });
    } finally {
      uploads -= 1;
    }
  };
  return {
    handle: async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
      if (!allows(request, response, ['GET', 'HEAD', 'PUT'])) return;
      const file = fileRequest(url, options);
      if ('error' in file) return refuse(request, response, file);
      if (request.method === 'PUT') await put(request, response, file);
      else await download(request, response, file);
    },
  };
}

/** Clears what uploads left that a crash cut off. The folder belongs to one server. */
async function removeUnfinished(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const names = await readdir(folder);
  await Promise.all(names.filter((name) => name.startsWith(UNFINISHED)).map((name) => rm(join(folder, name))));
}

interface FileRequest {
  options: FilesOptions;
  name: string;
  path: string;
  /** As asked for: `sha256:…`. */
  checksum: string | null;
}

function fileRequest(url: URL, options: FilesOptions): FileRequest | Refusal {
  const name = decoded(url.pathname.slice('/files/'.length));
  const checksum = url.searchParams.get('checksum');
  if (name === undefined || !NAME.test(name))
    return {
      status: 400,
      error: 'The name of a file has 1 to 128 letters, digits, ".", "_" and "-", and starts with a letter or digit.',
    };
  if (checksum !== null && !CHECKSUM.test(checksum))
    return { status: 400, error: 'checksum is "sha256:" or "sha512:" and the digest in lower-case hex.' };
  return { options, name, path: join(options.folder, name), checksum };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

type Uploading = FileRequest & { temporary: string };

interface Stored {
  /** It is new; otherwise it replaced an older one. */
  created: boolean;
  bytes: number;
  checksum: string;
}

async function upload(request: IncomingMessage, response: ServerResponse, file: Uploading): Promise<void> {
  const result = await receive(request, file).finally(() => rm(file.temporary, { force: true }));
  if ('error' in result) return refuse(request, response, result);
  const { created, ...stored } = result;
  sendJson(response, created ? 201 : 200, { name: file.name, ...stored });
}

async function receive(request: IncomingMessage, file: Uploading): Promise<Stored | Refusal> {
  const { folder, maxBytes, idleMs } = file.options;
  // A part would stand in the place of the whole.
  if (request.headers['content-range'] !== undefined)
    return { status: 400, error: 'Parts of a file are not taken (content-range): send it whole, from its first byte.' };
  const tooBig = { status: 413, error: `The file is larger than the ${maxBytes} bytes that are taken.` };
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooBig;
  const meter = createMeter(file.checksum, maxBytes);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    // A socket that is silent for so long is closed by the HTTP server itself.
    request.socket.setTimeout(idleMs);
    // Through an iterator, since a pipeline would close the socket with the request, and the answer could not be sent.
    const body = request.iterator({ destroyOnReturn: false });
    await pipeline(body, meter.stream, createWriteStream(file.temporary, { flags: 'wx', mode: 0o640, flush: true }));
    const { sha256, asked } = meter.digest();
    if (file.checksum !== null && asked !== file.checksum)
      return { status: 422, error: `The checksum is ${asked}; nothing was kept.` };
    const created = !(await exists(file.path));
    await rename(file.temporary, file.path);
    return { created, bytes: meter.bytes(), checksum: sha256 };
  } catch (error) {
    const refusal = meter.overflowed() ? tooBig : refusalOf(error);
    if (refusal === undefined) throw error;
    return refusal;
  } finally {
    request.socket.setTimeout(0);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What people can mend, in words. Undefined: our own mistake. */
function refusalOf(error: unknown): Refusal | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { status: 507, error: 'The disk of the image folder is full.' };
  if (code === 'EACCES' || code === 'EROFS')
    return { status: 500, error: 'The server may not write into its image folder.' };
  // The other side went away: nobody reads the answer.
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR')
    return { status: 400, error: 'The upload ended early; nothing was kept.' };
  return undefined;
}

/** Counts and digests what passes, and ends the stream where it grows too long. */
function createMeter(checksum: string | null, maxBytes: number) {
  const sha256 = createHash('sha256');
  const sha512: Hash | undefined = checksum?.startsWith('sha512:') ? createHash('sha512') : undefined;
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) return done(new Error('too many bytes'));
      sha256.update(chunk);
      sha512?.update(chunk);
      done(null, chunk);
    },
  });
  return {
    stream,
    bytes: () => bytes,
    overflowed: () => bytes > maxBytes,
    digest: () => {
      const short = `sha256:${sha256.digest('hex')}`;
      return { sha256: short, asked: sha512 ? `sha512:${sha512.digest('hex')}` : short };
    },
  };
}

async function download(request: IncomingMessage, response: ServerResponse, file: FileRequest): Promise<void> {
  const handle = await open(file.path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  const found = await handle?.stat();
  if (handle === undefined || !found?.isFile()) {
    await handle?.close();
    return refuse(request, response, { status: 404, error: `There is no file "${file.name}".` });
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': found.size,
    'content-disposition': `attachment; filename="${file.name}"`,
    'cache-control': 'no-store',
  });
  if (request.method === 'HEAD') {
    await handle.close();
    response.end();
    return;
  }
  // A reader who goes away in the middle is no error of ours.
  await pipeline(handle.createReadStream({ end: Math.max(0, found.size - 1) }), response).catch(() => undefined);
}
