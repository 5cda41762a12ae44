import type { IncomingMessage } from 'node:http';
import type { Result } from '../../hypervisor/port.ts';
import type { Content, ContentPort, ContentSource } from '../../resources/ports.ts';
import { allowList } from './address.ts';
import { checkedStream } from './checked-stream.ts';
import { type OpenFile, openImageFile, piecesOf } from './file-source.ts';
import type { Resolve } from './guard.ts';
import { type HttpOptions, httpGet } from './http-source.ts';
import { formatOf, HEAD_BYTES, parseQcow2Header, refusalOf } from './qcow2.ts';
import { resolveAll } from './resolve-all.ts';

export interface ContentOptions {
  /** Absolute paths; files outside them are never opened. */
  imageFolders: readonly string[];
  /** Host names, addresses and networks that may be fetched from although they are not on the public Internet. */
  allowedHosts: readonly string[];
  maxBytes: number;
  headTimeoutMs: number;
  idleTimeoutMs: number;
}

export const DEFAULT_CONTENT_OPTIONS: ContentOptions = {
  imageFolders: [],
  allowedHosts: [],
  maxBytes: 50 * 1024 ** 3,
  headTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
};

type Stat = Awaited<ReturnType<ContentPort['stat']>>;
const CHECKSUM = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Images from the web and from folders of the server. Throws when `allowedHosts` holds something that is none. */
export function createContent(options: ContentOptions, resolve: Resolve = resolveAll): ContentPort {
  const { headTimeoutMs, idleTimeoutMs } = options;
  const http: HttpOptions = { resolve, allowed: allowList(options.allowedHosts), headTimeoutMs, idleTimeoutMs };
  return {
    async open(source, more = {}) {
      if (source.checksum !== null && !CHECKSUM.test(source.checksum))
        return invalid('the checksum is no sha256 or sha512');
      const found = await openSource(source, { options, http, signal: more.signal, seenBytes: more.seenBytes });
      if (!found.ok) return found;
      const { bytes, stream, close } = found.value;
      const checked = checkedStream(stream, { bytes, checksum: source.checksum });
      return { ok: true, value: { bytes, stream: closing(checked, close) } };
    },
    stat: (source) => ('url' in source ? statUrl(source, { options, http }) : statFile(source.file, options)),
  };
}

interface Context {
  options: ContentOptions;
  http: HttpOptions;
  signal?: AbortSignal | undefined;
  seenBytes?: number | undefined;
}

interface Opened extends Content {
  close(): void | Promise<void>;
}

/** A generator that is ended before its first piece never runs, and so would leave its source open. */
function closing(pieces: AsyncGenerator<Uint8Array>, close: Opened['close']): AsyncIterable<Uint8Array> {
  const end = async () => {
    const ended = await pieces.return(undefined);
    await close();
    return ended;
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => pieces.next(), return: end }) };
}

async function openSource(source: ContentSource, context: Context): Promise<Result<Opened>> {
  const { options, http, signal } = context;
  if ('file' in source) {
    const file = await openImageFile(source.file, options.imageFolders);
    return file.ok ? openedFile(file.value, context) : file;
  }
  const answer = await httpGet({ url: source.url, mayLoseTls: source.checksum !== null, signal }, http);
  if (!answer.ok) return answer;
  const bytes = lengthOf(answer.value);
  const why = sizeProblem(bytes, options) ?? changeProblem(bytes, context);
  const close = () => void answer.value.destroy();
  if (why === null && bytes !== null) return { ok: true, value: { bytes, stream: answer.value, close } };
  close();
  return why ?? invalid('the server does not tell its size');
}

async function openedFile(file: OpenFile, context: Context): Promise<Result<Opened>> {
  const { bytes, handle } = file;
  const close = () => handle.close();
  const why = sizeProblem(bytes, context.options) ?? changeProblem(bytes, context);
  if (why === null) return { ok: true, value: { bytes, stream: piecesOf(file, context.signal), close } };
  await close();
  return why;
}

async function statUrl(source: { url: string; checksum: string | null }, { options, http }: Context): Promise<Stat> {
  // A look is short as a whole, or a server that sends a byte now and then would hold a connection for each look.
  const signal = AbortSignal.timeout(options.headTimeoutMs);
  const get = { url: source.url, firstBytes: HEAD_BYTES, mayLoseTls: source.checksum !== null, signal };
  const answer = await httpGet(get, http);
  if (!answer.ok) return answer;
  const bytes = lengthOf(answer.value);
  const { etag, 'last-modified': modified } = answer.value.headers;
  const why = sizeProblem(bytes, options);
  const head = why === null ? await firstOf(answer.value) : null;
  answer.value.destroy();
  if (why !== null) return why;
  if (head === null) return { ok: false, error: { code: 'Failed', message: 'the server broke off' } };
  return described(head, { bytes, revision: etag ?? modified ?? `size-${bytes}` });
}

async function statFile(path: string, options: ContentOptions): Promise<Stat> {
  const file = await openImageFile(path, options.imageFolders);
  if (!file.ok) return file;
  const { handle, bytes, revision } = file.value;
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return sizeProblem(bytes, options) ?? described(buffer.subarray(0, bytesRead), { bytes, revision });
  } finally {
    await handle.close();
  }
}

function described(head: Uint8Array, { bytes, revision }: { bytes: number | null; revision: string }): Stat {
  const refusal = refusalOf(head);
  if (refusal !== null) return invalid(refusal);
  const header = parseQcow2Header(head);
  const virtualBytes = header === null || header === 'cut' ? null : header.virtualBytes;
  return { ok: true, value: { bytes, revision, format: formatOf(head), virtualBytes } };
}

/** Size of the whole file: what follows the slash of a part's range, else the length of the body. */
function lengthOf({ statusCode, headers }: IncomingMessage): number | null {
  const text = statusCode === 206 ? headers['content-range']?.split('/')[1] : headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function sizeProblem(bytes: number | null, { maxBytes }: ContentOptions): Result<never> | null {
  if (bytes === null)
    return { ok: false, error: { code: 'Unsupported', message: 'the server does not tell its size' } };
  if (bytes === 0) return invalid('it is empty');
  return bytes > maxBytes ? invalid(`it has ${bytes} bytes, allowed are ${maxBytes}`) : null;
}

/** Another file in its place would make other copies than those that there are. Nothing is final: the old one may come back. */
function changeProblem(bytes: number | null, { seenBytes }: Context): Result<never> | null {
  if (seenBytes === undefined || bytes === seenBytes) return null;
  const message = `it has ${bytes} bytes now and had ${seenBytes} when the image was made: bring that file back, or make a new image of this one`;
  return { ok: false, error: { code: 'Failed', message } };
}

/** The first bytes of an answer, or null if it broke off before. */
async function firstOf(answer: AsyncIterable<Uint8Array>): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of answer) {
      pieces.push(piece);
      bytes += piece.byteLength;
      if (bytes >= HEAD_BYTES) break;
    }
  } catch {
    return null;
  }
  return Buffer.concat(pieces).subarray(0, HEAD_BYTES);
}

function invalid(message: string): Result<never> {
  return { ok: false, error: { code: 'Invalid', message } };
}
