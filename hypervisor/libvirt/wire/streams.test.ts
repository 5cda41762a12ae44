import { describe, expect, it } from '@jest/globals';
import { CallTimeout, ConnectionLost, LibvirtError, StreamAborted } from './errors.ts';
import { messageStatus, messageType } from './framing.ts';
import { settled } from './manual-timers.fixture.ts';
import { procedures } from './procedures.ts';
import { connect, errorOf } from './scripted-peer.fixture.ts';
import type { StreamPiece } from './streams.ts';
import { filled, receiveAll, sendAll } from './transfer.ts';

const shot = procedures.domainScreenshot;
const shotArgs = { domain: { name: 'a', uuid: '0123abcd-0000-0000-0000-000000000000', id: 1 }, screen: 0, flags: 0 };
const limits = { stallTimeoutMs: 1000, finishTimeoutMs: 1000 };
type Parts = ReturnType<typeof connect>;

async function openShot(parts: Parts) {
  const opening = parts.connection.openStream(shot, shotArgs, limits);
  await settled();
  parts.peer.reply(0, { codec: shot.result, value: { mime: 'image/png' } });
  return await opening;
}

function chunk(parts: Parts, text: string): void {
  parts.peer.reply(0, { type: messageType.stream, status: messageStatus.continue, raw: Buffer.from(text) });
}

describe('streams on a connection', () => {
  it('keep data that comes ahead of the reply', async () => {
    const parts = connect();
    const opening = parts.connection.openStream(shot, shotArgs, limits);
    await settled();
    chunk(parts, 'early');
    chunk(parts, '');
    parts.peer.reply(0, { codec: shot.result, value: { mime: null } });
    const { stream } = await opening;
    const read: string[] = [];
    for await (const piece of stream) read.push(String(piece));
    expect(read).toEqual(['early']);
  });

  it('hand over what came before an error, then the error', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    chunk(parts, 'part');
    parts.peer.reply(0, { type: messageType.stream, status: messageStatus.error, ...errorOf(38, 'disk gone') });
    await settled();
    const reading = stream[Symbol.asyncIterator]();
    expect(String((await reading.next()).value)).toBe('part');
    await expect(reading.next()).rejects.toThrow(LibvirtError);
    await expect(stream.write(Buffer.from('x'))).rejects.toThrow('disk gone');
    await expect(stream.finish()).rejects.toThrow('disk gone');
  });

  it('take an error that comes as a reply, which is how a refused hole is told', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    parts.peer.reply(0, { status: messageStatus.error, ...errorOf(39, 'Unexpected stream hole') });
    await settled();
    await expect(stream.write(Buffer.from('x'))).rejects.toThrow('Unexpected stream hole');
  });

  it('are aborted on the server when their opener had given up', async () => {
    const parts = connect();
    const opening = parts.connection.openStream(shot, shotArgs, { ...limits, timeoutMs: 50 });
    opening.catch(() => undefined);
    await parts.timers.pass(50);
    await expect(opening).rejects.toThrow(CallTimeout);
    parts.peer.reply(0, { codec: shot.result, value: { mime: null } });
    await settled();
    expect(parts.peer.received[1]).toMatchObject({ type: messageType.stream, status: messageStatus.error });
  });

  it('wait for data no longer than their limit, unless they are patient', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    const reading = stream[Symbol.asyncIterator]().next();
    reading.catch(() => undefined);
    await parts.timers.pass(1000);
    await expect(reading).rejects.toThrow(StreamAborted);
    expect(parts.peer.received.at(-1)).toMatchObject({ status: messageStatus.error });
  });

  it('stop the socket while their buffer is full, and start it again when it is read', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    const raw = Buffer.alloc(65_536, 1);
    for (let sent = 0; sent < 64; sent++) {
      parts.peer.reply(0, { type: messageType.stream, status: messageStatus.continue, raw });
    }
    await settled();
    expect(parts.peer.socket.isPaused()).toBe(true);
    let read = 0;
    for await (const piece of stream) {
      read += piece instanceof Uint8Array ? piece.length : 0;
      if (read === 64 * raw.length) break;
    }
    expect(parts.peer.socket.isPaused()).toBe(false);
  });

  it('end with their connection', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    const reading = stream[Symbol.asyncIterator]().next();
    reading.catch(() => undefined);
    parts.connection.close(new Error('gone'));
    await expect(reading).rejects.toThrow(ConnectionLost);
    await expect(stream.finish()).rejects.toThrow('gone');
    await stream.abort();
  });

  it('are limited in number', async () => {
    const { connection } = connect({ window: 100 });
    const all = Array.from({ length: 64 }, () => connection.openStream(shot, shotArgs, limits));
    await expect(connection.openStream(shot, shotArgs, limits)).rejects.toThrow('64 streams open already');
    connection.close();
    const ends = await Promise.allSettled(all);
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('send nothing for an empty piece, which would mean their end', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    await stream.write(Buffer.alloc(0));
    await stream.write(Buffer.from('x'));
    await settled();
    expect(parts.peer.received.slice(1).map(({ payload }) => String(payload))).toEqual(['x']);
  });
});

describe('a transfer', () => {
  function upload(parts: Parts, source: AsyncIterable<StreamPiece>): Promise<{ bytes: number }> {
    const sending = openShot(parts).then(({ stream }) =>
      sendAll({ stream, source, stallTimeoutMs: 1000, timers: parts.timers, onProgress: undefined }),
    );
    sending.catch(() => undefined);
    return sending;
  }
  const ends = (parts: Parts) => parts.peer.received.slice(1).map(({ status, payload }) => [status, payload.length]);

  it('cuts large pieces, sends them in order and asks for the confirmation', async () => {
    const parts = connect();
    async function* source() {
      yield Buffer.alloc(600_000);
      yield Buffer.alloc(0);
    }
    const sending = upload(parts, source());
    await settled();
    await settled();
    expect(ends(parts)).toEqual([
      [messageStatus.continue, 262_120],
      [messageStatus.continue, 262_120],
      [messageStatus.continue, 75_760],
      [messageStatus.ok, 0],
    ]);
    parts.peer.reply(0, { type: messageType.stream, status: messageStatus.ok });
    await expect(sending).resolves.toEqual({ bytes: 600_000 });
  });

  it('tells the server when its source fails', async () => {
    const parts = connect();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      throw new Error('no more');
    }
    const sending = upload(parts, source());
    await settled();
    await settled();
    expect(ends(parts)).toEqual([
      [messageStatus.continue, 3],
      [messageStatus.error, 0],
    ]);
    parts.peer.reply(0, { type: messageType.stream, status: messageStatus.ok });
    await expect(sending).rejects.toThrow('no more');
  });

  it('fails when the end is not confirmed in time', async () => {
    const parts = connect();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
    }
    const sending = upload(parts, source());
    await settled();
    await parts.timers.pass(1000);
    await expect(sending).rejects.toThrow('waited 1000 ms for the end to be confirmed');
  });

  it('writes holes out as zeros where bytes are wanted', async () => {
    async function* pieces(): AsyncGenerator<StreamPiece> {
      yield Buffer.from('a');
      yield { holeBytes: 300_000 };
      yield Buffer.from('b');
    }
    const sizes: number[] = [];
    for await (const bytes of filled(pieces())) sizes.push(bytes.length);
    expect(sizes).toEqual([1, 262_120, 37_880, 1]);
  });

  it('tells the server when its reader leaves', async () => {
    const parts = connect();
    const { stream } = await openShot(parts);
    chunk(parts, 'one');
    const reading = receiveAll(stream);
    await reading.next();
    const left = reading.return(undefined);
    await settled();
    expect(ends(parts)).toEqual([[messageStatus.error, 0]]);
    parts.peer.reply(0, { type: messageType.stream, status: messageStatus.ok });
    await left;
  });
});
