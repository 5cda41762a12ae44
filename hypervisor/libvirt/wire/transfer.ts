/** Whole volumes through a stream: one chunk in memory at a time, whatever their size. */
import { StreamAborted } from './errors.ts';
import type { StreamPiece, WireStream } from './streams.ts';
import type { Timers } from './timers.ts';

export interface UploadOptions {
  /** Deadline of the call that opens the stream. */
  readonly timeoutMs?: number;
  /** How long nothing may move before the transfer is aborted. Default 60 s. */
  readonly stallTimeoutMs?: number;
  /** How long libvirt may take to write everything out at the end. Default 10 min. */
  readonly finishTimeoutMs?: number;
  /** Called with the bytes moved so far, holes included, after each chunk. */
  readonly onProgress?: (bytes: number) => void;
}

export type DownloadOptions = UploadOptions;

/** libvirt's own chunk size; every version takes it. */
const chunkBytes = 262_120;

/** Sends all of `source` and waits for the confirmation. On any failure the stream is aborted and the source told to stop. */
export async function sendAll(options: {
  stream: WireStream;
  source: AsyncIterable<StreamPiece>;
  stallTimeoutMs: number;
  timers: Timers;
  onProgress: ((bytes: number) => void) | undefined;
}): Promise<{ bytes: number }> {
  const { stream, onProgress } = options;
  const iterator = options.source[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (let next = await nextPiece(iterator, options); !next.done; next = await nextPiece(iterator, options)) {
      for (const piece of chunksOf(next.value)) {
        await stream.write(piece);
        bytes += sizeOf(piece);
        onProgress?.(bytes);
      }
    }
    await stream.finish();
    return { bytes };
  } catch (error) {
    await stream.abort('the transfer failed');
    // Not awaited: a source that is stuck in its read would hold up the error.
    void Promise.resolve(iterator.return?.()).catch(() => undefined);
    throw error;
  }
}

/** Yields all that comes and confirms the end. When the reader leaves early, or anything fails, the stream is aborted. */
export async function* receiveAll(
  stream: WireStream,
  onProgress?: (bytes: number) => void,
): AsyncGenerator<StreamPiece> {
  let bytes = 0;
  let whole = false;
  try {
    for await (const piece of stream) {
      bytes += sizeOf(piece);
      onProgress?.(bytes);
      yield piece;
    }
    await stream.finish();
    whole = true;
  } finally {
    if (!whole) await stream.abort('the transfer was left early');
  }
}

/** The bytes of a sparse stream, with its holes written out as zeros. */
export async function* filled(pieces: AsyncIterable<StreamPiece>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else
      for (let left = piece.holeBytes; left > 0; left -= chunkBytes) yield new Uint8Array(Math.min(left, chunkBytes));
  }
}

async function nextPiece(
  iterator: AsyncIterator<StreamPiece>,
  { stallTimeoutMs, timers }: { stallTimeoutMs: number; timers: Timers },
): Promise<IteratorResult<StreamPiece>> {
  let timer: unknown = null;
  const late = new Promise<never>((_, reject) => {
    timer = timers.setTimeout(
      () => reject(new StreamAborted(`the source of the upload gave nothing for ${stallTimeoutMs} ms`)),
      stallTimeoutMs,
    );
  });
  try {
    return await Promise.race([iterator.next(), late]);
  } finally {
    timers.clearTimeout(timer);
  }
}

function* chunksOf(piece: StreamPiece): Generator<StreamPiece> {
  if (!(piece instanceof Uint8Array)) return yield piece;
  for (let start = 0; start < piece.length; start += chunkBytes) yield piece.subarray(start, start + chunkBytes);
}

function sizeOf(piece: StreamPiece): number {
  return piece instanceof Uint8Array ? piece.length : piece.holeBytes;
}
