import type { CallOptions, Result, VolumeAddress, VolumePort } from '../port.ts';
import { capabilitiesOf } from './capabilities.ts';
import { attempt, PortFailure, portErrorOf, untilAborted } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { poolOf, readPool, refreshPool } from './pools.ts';
import { createEmpty, deleteVolume, isExisting, requireShape, resize, storageTimeoutMs } from './volume-acts.ts';
import { markerOf, noPool, poolError, readComplete, readVolume, volumeRef } from './volume-reads.ts';
import { storageVolumeFlags } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { StreamPiece } from './wire/streams.ts';
import { buildVolume } from './xml/storage.ts';
import { writeXml } from './xml/write.ts';

type Clone = Parameters<VolumePort['clone']>[0];
type Upload = Parameters<VolumePort['upload']>[0];
type Download = Parameters<VolumePort['download']>[0];

export async function clone(host: HostConnection, request: Clone): Promise<void> {
  const { from, to, bytes, format } = request;
  if (from.poolUid !== to.poolUid) throw new PortFailure('Unsupported', 'A copy stays in the pool of its source.');
  if ((await readPool(host, to.poolUid)) === null) throw noPool(to.poolUid);
  const done = await readComplete(host, to);
  if (done !== null) return requireShape(done, request);
  const source = await readComplete(host, from);
  if (source === null) throw new PortFailure('NotFound', `There is no volume ${from.name} in pool ${from.poolUid}.`);
  if (bytes < source.capacityBytes) {
    const size = `needs ${source.capacityBytes} bytes, not ${bytes}`;
    throw new PortFailure('Invalid', `A copy of ${from.name} ${size}.`);
  }
  await behindMarker(host, to, async () => {
    const xml = writeXml(buildVolume({ name: to.name, bytes, format }));
    const args = { pool: poolOf(to.poolUid), xml, source: volumeRef(from.poolUid, from.name), flags: 0 };
    await host.lanes.transfers.call(procedures.storageVolumeCreateXmlFrom, args, { timeoutMs: copyTimeoutMs });
    const copy = await readVolume(host, to);
    if (copy !== null && copy.capacityBytes < bytes) await resize(host, to, bytes);
  });
}

/** Answers only when all is tidied up, an abort included: nothing of an upload that failed is left. */
export async function upload(
  host: HostConnection,
  request: Upload,
  options: CallOptions | undefined,
): Promise<Result<void>> {
  return await attempt(undefined, async () => {
    const { volume, bytes } = request;
    if (options?.signal?.aborted) throw new PortFailure('Aborted', 'The upload was given up before it began.');
    if (!capabilitiesOf(host.driver).transferVolume) {
      throw new PortFailure('Unsupported', 'This host lacks transferVolume.');
    }
    if ((await readPool(host, volume.poolUid)) === null) throw noPool(volume.poolUid);
    const done = await readComplete(host, volume);
    if (done !== null) {
      if (request.format === 'raw') requireShape(done, request);
      return;
    }
    await behindMarker(host, volume, async () => {
      // A raw file of the content's size first: a qcow2 header, if the content has one, is found by the refresh afterwards.
      await createEmpty(host, { volume, bytes, format: 'raw' });
      await send(host, request, options?.signal);
      await recogniseFormat(host, request);
    });
  });
}

/** The first bytes are waited for, so that what is not there is refused and not thrown from the midst of a loop. */
export async function download(
  host: HostConnection,
  { volume, onProgress }: Download,
  options: CallOptions | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  if (!capabilitiesOf(host.driver).transferVolume) {
    throw new PortFailure('Unsupported', 'This host lacks transferVolume.');
  }
  if ((await readComplete(host, volume)) === null) {
    throw new PortFailure('NotFound', `There is no volume ${volume.name} in pool ${volume.poolUid}.`);
  }
  const session = await host.lanes.transfers.ready();
  const args = { volume: volumeRef(volume.poolUid, volume.name), offset: 0, length: 0, flags: 0 };
  const content = session.download(procedures.storageVolumeDownload, args, onProgress ? { onProgress } : {});
  return readUntilAborted(content, options?.signal);
}

const zeros = Buffer.alloc(65_536);
const leastHoleBytes = 4096;
const formatLooks = 20;
const formatLookEveryMs = 250;
export const copyTimeoutMs = 6 * 3_600_000;

/**
 * Fills a volume behind its marker. Of an earlier try that was cut short everything is thrown away first; libvirt refuses that
 * while the earlier one is still at it, which makes this one wait (Busy). A failure leaves nothing; a crash leaves the marker.
 */
export async function behindMarker(
  host: HostConnection,
  volume: VolumeAddress,
  fill: () => Promise<void>,
): Promise<void> {
  const marker = { ...volume, name: markerOf(volume.name) };
  await createEmpty(host, { volume: marker, bytes: 0, format: 'raw' }).catch((error: unknown) => {
    if (!isExisting(error)) throw error;
  });
  await deleteVolume(host, volume);
  try {
    await fill();
  } catch (error) {
    if (isOutcomeKnown(error)) {
      await deleteVolume(host, volume);
      await deleteVolume(host, marker);
    }
    throw poolError(error, volume.poolUid);
  }
  await deleteVolume(host, marker);
}

/** After a time-out, a lost connection or a guest's silence something may still be writing: the next try tidies up. */
function isOutcomeKnown(error: unknown): boolean {
  const code = portErrorOf(error)?.code;
  return code !== 'TimedOut' && code !== 'Unreachable' && code !== 'Unresponsive';
}

/** libvirt finds out what was uploaded when it looks at the pool again, which it does not while another transfer runs in it. */
async function recogniseFormat(host: HostConnection, { volume, format }: Upload): Promise<void> {
  for (let look = 0; look < formatLooks; look++) {
    await refreshPool(host, poolOf(volume.poolUid));
    if ((await readVolume(host, volume))?.format === format) return;
    await new Promise<void>((resolve) => host.timers.setTimeout(resolve, formatLookEveryMs));
  }
  throw new PortFailure('Failed', `The content uploaded to ${volume.name} is not ${format}.`);
}

async function send(host: HostConnection, request: Upload, signal: AbortSignal | undefined): Promise<void> {
  const { volume, bytes, onProgress } = request;
  const session = await host.lanes.transfers.ready();
  const args = {
    volume: volumeRef(volume.poolUid, volume.name),
    offset: 0,
    length: bytes,
    flags: storageVolumeFlags.uploadSparse,
  };
  const content = measured(request.content, { bytes, signal });
  const options = { finishTimeoutMs: storageTimeoutMs, ...(onProgress ? { onProgress } : {}) };
  await session.upload(procedures.storageVolumeUpload, args, content, options);
}

/** The content with its zeros as holes, as long as it is as long as announced. What the source throws is the content's failure, not a bug of ours. */
async function* measured(
  content: AsyncIterable<Uint8Array>,
  { bytes, signal }: { bytes: number; signal: AbortSignal | undefined },
): AsyncGenerator<StreamPiece> {
  let sent = 0;
  const pieces = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await nextPiece(pieces, signal);
      if (piece.done) break;
      sent += piece.value.byteLength;
      if (sent > bytes) throw new PortFailure('Failed', `The content is longer than the ${bytes} bytes announced.`);
      yield isZero(piece.value) ? { holeBytes: piece.value.byteLength } : piece.value;
    }
  } finally {
    // Not awaited: a source that is stuck would hold up the answer.
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
  if (sent < bytes) throw new PortFailure('Failed', `The content ended after ${sent} of ${bytes} bytes.`);
}

/** Zeros are not sent and not written: the new file reads as zeros wherever nothing was put. */
function isZero(piece: Uint8Array): boolean {
  if (piece.byteLength < leastHoleBytes || piece[0] !== 0) return false;
  for (let at = 0; at < piece.byteLength; at += zeros.length) {
    const part = piece.subarray(at, at + zeros.length);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}

async function nextPiece(
  pieces: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array>> {
  const next = pieces.next().catch((error: unknown) => {
    throw new PortFailure('Failed', error instanceof Error ? error.message : String(error));
  });
  const piece = await (signal ? untilAborted(next, signal) : next);
  if (signal?.aborted) throw new PortFailure('Aborted', 'The upload was given up.');
  return piece;
}

async function* readUntilAborted(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    if (signal?.aborted) throw new PortFailure('Aborted', 'The download was given up.');
    yield piece;
  }
}
