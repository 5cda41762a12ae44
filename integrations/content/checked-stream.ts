import { createHash, type Hash } from 'node:crypto';
import { reason } from '../../reconciler/json.ts';
import { ContentError } from '../../resources/ports.ts';
import { refusalOf } from './qcow2.ts';

const HEADER_BYTES = 512;

/**
 * Passes pieces on while it counts and digests them, and ends with a ContentError when they are not what was promised: before the last
 * piece is known to be the last, nothing that reads it can take the content for whole.
 */
export async function* checkedStream(
  source: AsyncIterable<Uint8Array>,
  promised: { bytes: number; checksum: string | null },
): AsyncGenerator<Uint8Array> {
  const digest = digestFor(promised.checksum);
  let head: Uint8Array | null = new Uint8Array(0);
  let bytes = 0;
  for await (const piece of whole(source, { promised: promised.bytes, soFar: () => bytes })) {
    bytes += piece.byteLength;
    if (bytes > promised.bytes) throw cut(promised.bytes, bytes);
    digest?.hash.update(piece);
    if (head) head = checkHead(Buffer.concat([head, piece]), bytes === promised.bytes);
    yield piece;
  }
  if (bytes !== promised.bytes) throw cut(promised.bytes, bytes);
  if (!digest) return;
  const found = `${digest.algorithm}:${digest.hash.digest('hex')}`;
  if (found !== promised.checksum) {
    throw new ContentError(reason('ChecksumMismatch', { expected: promised.checksum ?? '', found }));
  }
}

/** The head that is still to be looked at, or null once it has passed. */
function checkHead(head: Uint8Array, last: boolean): Uint8Array | null {
  if (head.byteLength < HEADER_BYTES && !last) return head;
  const message = refusalOf(head);
  if (message !== null) throw new ContentError(reason('SourceRefused', { message }));
  return null;
}

async function* whole(
  source: AsyncIterable<Uint8Array>,
  { promised, soFar }: { promised: number; soFar: () => number },
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    if (soFar() >= promised) throw error;
    throw cut(promised, soFar());
  }
}

function digestFor(checksum: string | null): { algorithm: string; hash: Hash } | null {
  if (checksum === null) return null;
  const algorithm = checksum.slice(0, checksum.indexOf(':'));
  return { algorithm, hash: createHash(algorithm) };
}

function cut(expected: number, found: number): ContentError {
  return new ContentError(reason('ContentCut', { expected, found }));
}
