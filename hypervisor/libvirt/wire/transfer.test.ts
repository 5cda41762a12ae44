import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { until } from '../../../test/lab/command.ts';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { LibvirtError, StreamAborted } from './errors.ts';
import { storagePoolFlags, storageVolumeFlags } from './flags.ts';
import { procedures } from './procedures.ts';
import type { StoragePoolRef, StorageVolumeRef } from './refs.ts';
import { openSession } from './session.ts';
import type { Session } from './session-types.ts';
import type { StreamPiece } from './streams.ts';

const MiB = 1_048_576;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal('volumes through a stream', labParts, () => {
  let folder: string;
  let host: LabHost;
  let session: Session;
  let pool: StoragePoolRef;
  let serial = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'steward-wire-'));
    host = await startLabHost({ name: 'store' });
    session = openSession({ uri: host.uri });
    await session.connected(20_000);
    const xml = `<pool type='dir'><name>wire</name><target><path>/var/lib/libvirt/images</path></target></pool>`;
    ({ pool } = await session.call(procedures.storagePoolDefineXml, { xml, flags: 0 }));
    await session.call(procedures.storagePoolCreate, { pool, flags: storagePoolFlags.createWithBuild });
  }, 120_000);

  afterAll(async () => {
    await session.close();
    await host.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  async function createVolume(capacity: number): Promise<StorageVolumeRef> {
    const xml = `<volume><name>volume-${++serial}</name><capacity>${capacity}</capacity><allocation>0</allocation></volume>`;
    return (await session.call(procedures.storageVolumeCreateXml, { pool, xml, flags: 0 })).volume;
  }

  const whole = (volume: StorageVolumeRef) => ({ volume, offset: 0, length: 0, flags: 0 });

  it('carries 128 MiB there and back unchanged, in bounded memory, while calls go on beside it', async () => {
    const size = 128 * MiB;
    const sent = await randomFile(join(folder, 'sent'), 128);
    const volume = await createVolume(size);
    const before = heldBytes();
    const held: number[] = [];
    const onProgress = (bytes: number) => {
      if (bytes % (8 * MiB) < 262_144) held.push(heldBytes() - before);
    };
    async function* source(): AsyncGenerator<Uint8Array> {
      for await (const chunk of createReadStream(sent, { highWaterMark: MiB })) {
        // Answered in the middle of the upload, or it would never go on.
        await session.call(procedures.storagePoolGetInfo, { pool });
        yield chunk;
      }
    }
    await expect(
      session.upload(procedures.storageVolumeUpload, whole(volume), source(), { onProgress }),
    ).resolves.toEqual({ bytes: size });

    const received = join(folder, 'received');
    const download = session.download(procedures.storageVolumeDownload, whole(volume), { onProgress });
    await pipeline(download, createWriteStream(received));
    expect(held.length).toBeGreaterThan(10);
    // The runtime frees buffers a while after they became garbage; what must not happen is that they add up.
    expect(Math.max(...held)).toBeLessThan(size / 2);
    expect(await checksum(received)).toBe(await checksum(sent));
  }, 120_000);

  it('carries several volumes at once over one connection', async () => {
    const contents = [1, 2, 3, 4].map((n) => randomFillSync(Buffer.alloc(n * MiB + n)));
    const volumes = await Promise.all(contents.map((content) => createVolume(content.length)));
    await Promise.all(
      volumes.map((volume, index) =>
        session.upload(procedures.storageVolumeUpload, whole(volume), piecesOf([contents[index] ?? Buffer.alloc(0)])),
      ),
    );
    const back = await Promise.all(
      volumes.map(async (volume) =>
        Buffer.concat(await collect(session.download(procedures.storageVolumeDownload, whole(volume)))),
      ),
    );
    expect(back.map((bytes, index) => bytes.equals(contents[index] ?? Buffer.alloc(0)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  }, 60_000);

  it('writes a part of a volume, and reads a part', async () => {
    const volume = await createVolume(3 * MiB);
    const part = { volume, offset: MiB, length: 5, flags: 0 };
    await session.upload(procedures.storageVolumeUpload, part, piecesOf([Buffer.from('h'), Buffer.from('ello')]));
    const read = await collect(session.download(procedures.storageVolumeDownload, part));
    expect(Buffer.concat(read).toString()).toBe('hello');
  });

  it('keeps holes as holes in sparse transfers', async () => {
    const volume = await createVolume(1024 * MiB);
    const args = { ...whole(volume), flags: storageVolumeFlags.uploadSparse };
    const end = Buffer.alloc(4096, 7);
    const pieces: StreamPiece[] = [Buffer.alloc(4096, 5), { holeBytes: 1024 * MiB - 8192 }, end];
    await expect(session.upload(procedures.storageVolumeUpload, args, piecesOf(pieces))).resolves.toEqual({
      bytes: 1024 * MiB,
    });
    expect((await stat(host.outside(volume.key))).blocks * 512).toBeLessThan(MiB);

    const copy = await createVolume(1024 * MiB);
    const source = session.downloadSparse(procedures.storageVolumeDownload, { ...args, volume });
    await session.upload(procedures.storageVolumeUpload, { ...args, volume: copy }, source);
    expect((await stat(host.outside(copy.key))).blocks * 512).toBeLessThan(MiB);
    const file = await openFile(host.outside(copy.key));
    const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 1024 * MiB - 4096);
    await file.close();
    expect(buffer.equals(end)).toBe(true);

    let bytes = 0;
    for await (const chunk of session.download(procedures.storageVolumeDownload, { ...args, volume }))
      bytes += chunk.length;
    expect(bytes).toBe(1024 * MiB);
  }, 60_000);

  it('reports what libvirt could not write, and the connection lives on', async () => {
    const volume = await createVolume(MiB);
    const tooLong = { volume, offset: 0, length: 10 * MiB, flags: 0 };
    const upload = session.upload(procedures.storageVolumeUpload, tooLong, piecesOf([Buffer.alloc(11 * MiB)]));
    await expect(upload).rejects.toThrow(LibvirtError);
    const gone = { ...volume, name: 'gone', key: '/var/lib/libvirt/images/gone' };
    await expect(session.upload(procedures.storageVolumeUpload, whole(gone), piecesOf([]))).rejects.toMatchObject({
      codeName: 'NO_STORAGE_VOL',
    });
    await expect(collect(session.download(procedures.storageVolumeDownload, whole(gone)))).rejects.toMatchObject({
      codeName: 'NO_STORAGE_VOL',
    });
    await expect(session.call(procedures.storagePoolGetInfo, { pool })).resolves.toBeDefined();
  });

  it('aborts when its source fails, tells the source to stop, and frees the volume', async () => {
    const volume = await createVolume(MiB);
    let stopped = false;
    async function* source() {
      try {
        yield Buffer.alloc(65_536);
        throw new Error('the disk behind it died');
      } finally {
        stopped = true;
      }
    }
    await expect(session.upload(procedures.storageVolumeUpload, whole(volume), source())).rejects.toThrow(
      'the disk behind it died',
    );
    expect(stopped).toBe(true);
    await deleteWhenFree(volume);
  });

  it('aborts a download that is left early', async () => {
    const volume = await createVolume(16 * MiB);
    for await (const chunk of session.download(procedures.storageVolumeDownload, whole(volume))) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await deleteWhenFree(volume);
  });

  it('aborts a transfer in which nothing moves', async () => {
    const volume = await createVolume(16 * MiB);
    async function* stuck(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      await new Promise(() => undefined);
    }
    const limits = { stallTimeoutMs: 100 };
    await expect(session.upload(procedures.storageVolumeUpload, whole(volume), stuck(), limits)).rejects.toThrow(
      StreamAborted,
    );

    const slow = session.download(procedures.storageVolumeDownload, whole(volume), limits);
    const reading = slow[Symbol.asyncIterator]();
    await reading.next();
    // The reader stands still; its full buffer holds up the connection, but only until the limit.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(session.call(procedures.storagePoolGetInfo, { pool })).resolves.toBeDefined();
    await expect(readOn(reading)).rejects.toThrow('its reader took nothing for 100 ms');
    await deleteWhenFree(volume);
  });

  it('aborts a transfer into a daemon that hangs', async () => {
    const volume = await createVolume(64 * MiB);
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      await host.pauseLibvirtd();
      for (let sent = 0; sent < 63; sent++) yield Buffer.alloc(MiB);
    }
    const limits = { stallTimeoutMs: 200, finishTimeoutMs: 200 };
    await expect(session.upload(procedures.storageVolumeUpload, whole(volume), hanging(), limits)).rejects.toThrow(
      'waited 200 ms for room to send',
    );
    await host.resumeLibvirtd();
    await deleteWhenFree(volume);
  });

  /** libvirt refuses to delete a volume that a stream still uses. */
  async function deleteWhenFree(volume: StorageVolumeRef): Promise<void> {
    await until('a volume without a stream', () =>
      session.call(procedures.storageVolumeDelete, { volume, flags: 0 }).then(
        () => true,
        () => false,
      ),
    );
  }
});

/** Memory of buffers still in use, once the garbage is gone. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

async function readOn(reading: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await reading.next()).done);
}

async function* piecesOf<T extends StreamPiece>(pieces: readonly T[]): AsyncGenerator<T> {
  yield* pieces;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function randomFile(path: string, sizeMiB: number): Promise<string> {
  const file = await openFile(path, 'w');
  for (let written = 0; written < sizeMiB; written++) await file.write(randomFillSync(Buffer.alloc(MiB)));
  await file.close();
  return path;
}

async function checksum(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
