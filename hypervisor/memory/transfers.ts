import type { CallOptions, NewVolume, Result, VolumeAddress, VolumePort } from '../port.ts';
import { type Connection, call } from './call.ts';
import { capabilitiesOf } from './capabilities.ts';
import { findMachine, settle } from './machine-power.ts';
import { DONE, failure, success } from './results.ts';
import type { HostState, VolumeContent, VolumeState } from './state.ts';
import {
  allocatedBytes,
  availableBytes,
  createContentReader,
  findVolume,
  folderOf,
  qcow2Size,
} from './volume-state.ts';
import { attachmentOf, nameOf, noPool, noSpace, noVolume, sameShape } from './volumes.ts';
import { changed } from './world.ts';

const MIB = 1_048_576;
const CHUNK_BYTES = 262_144;

type Upload = Parameters<VolumePort['upload']>[0];
type Snapshot = Parameters<VolumePort['snapshot']>[0];
type Clone = Parameters<VolumePort['clone']>[0];

/** Content goes into `<name>.part`, which takes the final name only once it is complete. */
export function upload(connection: Connection, request: Upload, options?: CallOptions): Promise<Result<void>> {
  const { world } = connection;
  const uid = nameOf(request.volume);
  return call(connection, { verb: 'volumes.upload', uid, changes: true, options }, async () => {
    if (!capabilitiesOf(world).transferVolume) return failure('Unsupported', 'This host lacks transferVolume.');
    const part = openPart(connection, request, request.bytes);
    if (!part.ok || part.value === null) return part as Result<void>;
    const content = await receive(connection, request, options);
    if (!content.ok) {
      if (content.error.code !== 'Unreachable') dropPart(connection, request.volume, part.value);
      return content;
    }
    part.value.content = content.value;
    part.value.capacityBytes = qcow2Size(content.value) ?? request.bytes;
    return closePart(connection, request.volume, part.value);
  });
}

export function clone(connection: Connection, request: Clone, options?: CallOptions): Promise<Result<void>> {
  const { host } = connection;
  const uid = nameOf(request.to);
  return call(connection, { verb: 'volumes.clone', uid, changes: true, options }, async () => {
    if (!folderOf(host, request.from.poolUid)) return noPool(request.from.poolUid);
    const done = findVolume(host, request.to);
    if (done) return sameShape(done, request);
    const source = findVolume(host, request.from);
    if (!source) return noVolume(request.from);
    if (request.bytes < source.capacityBytes) {
      return failure('Invalid', `A copy of ${source.name} needs ${source.capacityBytes} bytes, not ${request.bytes}.`);
    }
    const { to: volume, bytes, format } = request;
    const first = source.content;
    return copy(connection, { volume, bytes, format, neededBytes: allocatedBytes(source), options }, () =>
      success(source.content === first ? first : torn(first, source.content)),
    );
  });
}

/** A running machine's hypervisor keeps what a guest overwrites until it was copied; of a file at rest nothing may have changed on the way. */
export function snapshot(connection: Connection, request: Snapshot, options?: CallOptions): Promise<Result<void>> {
  const { world, host } = connection;
  const { from, to: volume } = request;
  return call(connection, { verb: 'volumes.snapshot', uid: nameOf(volume), changes: true, options }, async () => {
    settle(world, host);
    if (!folderOf(host, volume.poolUid)) return noPool(volume.poolUid);
    if (findVolume(host, volume)) return DONE;
    const source = findVolume(host, from);
    if (!source) return noVolume(from);
    const user = runningUser(host, from);
    if (user && !capabilitiesOf(world).snapshotRunning)
      return failure('Unsupported', 'This host lacks snapshotRunning.');
    const { content, capacityBytes: bytes } = source;
    const neededBytes = allocatedBytes({ ...source, format: 'qcow2' });
    return copy(connection, { volume, bytes, format: 'qcow2', neededBytes, options }, () => {
      settle(world, host);
      if (user)
        return runningUser(host, from) === user ? success(content) : failure('Failed', `${user} has let go of it.`);
      const same = source.content === content && source.capacityBytes === bytes;
      return same ? success(content) : failure('Busy', `Volume ${from.name} was written to while it was copied.`);
    });
  });
}

/** Which run of which machine has a volume. */
function runningUser(host: HostState, volume: VolumeAddress): string | null {
  const user = attachmentOf(host, volume);
  const machine = user?.running ? findMachine(host, user.machineUid) : undefined;
  return machine ? `${user?.machineUid} (run ${machine.runId})` : null;
}

/** What is copied while somebody writes to it is neither what it was nor what it became. */
function torn(first: VolumeContent | null, last: VolumeContent | null): VolumeContent {
  const bytes = Math.max(first?.bytes ?? 0, last?.bytes ?? 0);
  return { bytes, sha256: `torn ${first?.sha256} ${last?.sha256}`, base64: null };
}

/** Fills a part as long as that takes; `contentOf` says in the end what came of it. */
async function copy(
  connection: Connection,
  { neededBytes, options, ...shape }: NewVolume & { neededBytes: number; options: CallOptions | undefined },
  contentOf: () => Result<VolumeContent | null>,
): Promise<Result<void>> {
  const part = openPart(connection, shape, neededBytes);
  if (!part.ok || part.value === null) return part as Result<void>;
  const stopped = await travel(connection, neededBytes, options);
  const content = stopped ?? contentOf();
  if (!content.ok) {
    if (content.error.code !== 'Unreachable') dropPart(connection, shape.volume, part.value);
    return content;
  }
  part.value.content = content.value;
  return closePart(connection, shape.volume, part.value);
}

/** Streams what was uploaded, or zeros for what was never written. */
export function download(
  connection: Connection,
  request: Parameters<VolumePort['download']>[0],
  options?: CallOptions,
): Promise<Result<AsyncIterable<Uint8Array>>> {
  const uid = nameOf(request.volume);
  return call(connection, { verb: 'volumes.download', uid, changes: false, options }, () => {
    const { world, host } = connection;
    if (!capabilitiesOf(world).transferVolume) return failure('Unsupported', 'This host lacks transferVolume.');
    if (!folderOf(host, request.volume.poolUid)) return noPool(request.volume.poolUid);
    const volume = findVolume(host, request.volume);
    if (!volume) return noVolume(request.volume);
    if (volume.content && volume.content.base64 === null) {
      return failure('Unsupported', `The content of ${volume.name} is larger than what an in-memory host keeps.`);
    }
    return success(send(connection, volume, { onProgress: request.onProgress, options }));
  });
}

async function* send(
  connection: Connection,
  volume: VolumeState,
  { onProgress, options }: { onProgress: ((bytes: number) => void) | undefined; options: CallOptions | undefined },
): AsyncGenerator<Uint8Array> {
  const kept = volume.content && Buffer.from(volume.content.base64 ?? '', 'base64');
  const bytes = kept?.length ?? volume.capacityBytes;
  for (let sent = 0; sent < bytes; sent += CHUNK_BYTES) {
    const size = Math.min(CHUNK_BYTES, bytes - sent);
    const stopped = await travel(connection, size, options);
    if (stopped) throw new Error(stopped.error.message);
    yield kept ? kept.subarray(sent, sent + size) : new Uint8Array(size);
    onProgress?.(sent + size);
  }
}

/** Null: it is there already. A part that somebody left behind is replaced. */
function openPart(
  { world, host }: Connection,
  shape: Pick<Upload, 'volume' | 'bytes' | 'format'>,
  neededBytes: number,
): Result<VolumeState | null> {
  const { volume, bytes, format } = shape;
  const folder = folderOf(host, volume.poolUid);
  const pool = host.pools[volume.poolUid];
  if (!folder || !pool) return noPool(volume.poolUid);
  const done = folder[volume.name];
  if (done) {
    const same = format === 'qcow2' ? done.format === format : sameShape(done, shape).ok;
    return same ? success(null) : failure('Exists', `Volume ${volume.name} exists with another shape.`);
  }
  if (neededBytes > availableBytes(host, pool.path)) return noSpace(volume, neededBytes);
  const part: VolumeState = { name: partName(volume), capacityBytes: bytes, format, content: null };
  folder[part.name] = part;
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
  return success(part);
}

function closePart(connection: Connection, volume: VolumeAddress, part: VolumeState): Result<void> {
  const { world, host } = connection;
  world.faults.beforeEffect({
    host: host.name,
    verb: 'volumes.rename',
    uid: nameOf(volume),
    at: world.clock.now(),
    changes: true,
  });
  const folder = folderOf(host, volume.poolUid);
  if (folder?.[part.name] !== part || folder[volume.name]) {
    dropPart(connection, volume, part);
    return failure('Failed', `${volume.name} was written by somebody else at the same time.`);
  }
  delete folder[part.name];
  part.name = volume.name;
  folder[volume.name] = part;
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
  return success(undefined);
}

function dropPart({ world, host }: Connection, volume: VolumeAddress, part: VolumeState): void {
  const folder = folderOf(host, volume.poolUid);
  if (folder?.[part.name] !== part) return;
  delete folder[part.name];
  changed(world, host, { noun: 'pool', uid: volume.poolUid });
}

function partName(volume: VolumeAddress): string {
  return `${volume.name}.part`;
}

async function receive(connection: Connection, request: Upload, options?: CallOptions): Promise<Result<VolumeContent>> {
  const reader = createContentReader();
  try {
    for await (const piece of request.content) {
      const stopped = await travel(connection, piece.byteLength, options);
      if (stopped) return stopped;
      reader.take(piece);
      if (reader.bytes > request.bytes) break;
      request.onProgress?.(reader.bytes);
    }
  } catch (error) {
    return failure('Failed', `The content of ${request.volume.name} ended early: ${messageOf(error)}`);
  }
  if (reader.bytes === request.bytes) return success(reader.finish());
  return failure('Failed', `${request.volume.name} should have ${request.bytes} bytes and got ${reader.bytes}.`);
}

/** Lets the time go by that these bytes take; says what stopped them. */
async function travel({ world, host, closed }: Connection, bytes: number, options: CallOptions | undefined) {
  const ms = (bytes / MIB / world.settings.transferMiBPerSecond) * 1_000;
  if (ms > 0) await world.clock.sleep(ms, options?.signal);
  if (options?.signal?.aborted) return failure('Aborted', 'The transfer was aborted.');
  if (closed.aborted || world.unreachable.has(host.name))
    return failure('Unreachable', `${host.name} does not answer.`);
  return null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
