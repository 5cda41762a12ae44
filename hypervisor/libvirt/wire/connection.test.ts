import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Connection, type ConnectionOptions } from './connection.ts';
import { CallTimeout, ConnectionLost, LibvirtError, ProtocolError, QueueFull, StreamAborted } from './errors.ts';
import { messageStatus, messageType, type Packet } from './framing.ts';
import { ManualTimers, settled } from './manual-timers.ts';
import { keepaliveProgram } from './procedure.ts';
import { procedures } from './procedures.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import { int, nullable, string, struct } from './xdr.ts';

const hostname = procedures.connectGetHostname;
const shot = procedures.domainScreenshot;
const shotArgs = { domain: { name: 'a', uuid: '0123abcd-0000-0000-0000-000000000000', id: 1 }, screen: 0, flags: 0 };
const limits = { stallTimeoutMs: 1000, finishTimeoutMs: 1000 };

function connect(options: ConnectionOptions = {}) {
  const timers = new ManualTimers();
  const peer = new ScriptedPeer();
  const events: Packet[] = [];
  const connection = new Connection(peer.socket, { keepalive: null, timers, ...options }, (packet) =>
    events.push(packet),
  );
  return { connection, peer, timers, events };
}

/** Marks rejections as looked at later. */
function expected(calls: readonly Promise<unknown>[]): void {
  for (const call of calls) call.catch(() => undefined);
}

/** How each call ended, as text; `waiting` for those that have not. */
async function outcomes(calls: readonly Promise<unknown>[]): Promise<string[]> {
  await settled();
  const waiting = Promise.resolve('waiting');
  return Promise.all(
    calls.map((call) =>
      Promise.race([
        call.then(
          (value) => JSON.stringify(value),
          (error: Error) => error.name,
        ),
        settled().then(() => waiting),
      ]),
    ),
  );
}

describe('calls on a connection', () => {
  it('are matched to replies in any order', async () => {
    const { connection, peer } = connect();
    const calls = [1, 2, 3].map(() => connection.call(hostname, {}));
    await settled();
    for (const index of [2, 0, 1]) peer.reply(index, { codec: hostname.result, value: { hostname: `h${index}` } });
    await expect(Promise.all(calls)).resolves.toEqual([{ hostname: 'h0' }, { hostname: 'h1' }, { hostname: 'h2' }]);
  });

  it('never have more on the wire than the window, nor wait in more than the queue', async () => {
    const { connection, peer } = connect({ window: 2, queueLimit: 2 });
    const calls = [1, 2, 3, 4].map(() => connection.call(hostname, {}));
    await settled();
    expect(peer.received).toHaveLength(2);
    await expect(connection.call(hostname, {})).rejects.toThrow(QueueFull);
    peer.reply(1, { codec: hostname.result, value: { hostname: 'x' } });
    expect(await outcomes(calls)).toEqual(['waiting', '{"hostname":"x"}', 'waiting', 'waiting']);
    expect(peer.received).toHaveLength(3);
  });

  it('keep their slot after their deadline until the reply comes', async () => {
    const { connection, peer, timers } = connect({ window: 1, callTimeoutMs: 500 });
    const slow = connection.call(hostname, {});
    const behind = connection.call(hostname, {}, { timeoutMs: 5000 });
    const never = connection.call(hostname, {}, { timeoutMs: 100 });
    const calls = [slow, behind, never];
    expected(calls);
    await timers.pass(500);
    expect(await outcomes(calls)).toEqual(['CallTimeout', 'waiting', 'CallTimeout']);
    const timeout = await slow.catch((error: unknown) => error);
    expect(timeout).toBeInstanceOf(CallTimeout);
    expect(timeout).toMatchObject({
      sent: true,
      message: 'connectGetHostname: no reply within 500 ms; its outcome is unknown',
    });
    await expect(never).rejects.toMatchObject({ sent: false });
    expect(connection.unanswered).toBe(1);
    expect(peer.received).toHaveLength(1);

    peer.reply(0, { codec: hostname.result, value: { hostname: 'late' } });
    await (timeout as CallTimeout).answered;
    await settled();
    peer.reply(1, { codec: hostname.result, value: { hostname: 'behind' } });
    await expect(behind).resolves.toEqual({ hostname: 'behind' });
    expect(timers.pending).toBe(0);
  });

  it('all learn their fate when the connection ends, and later ones too', async () => {
    const { connection, peer } = connect({ window: 1 });
    const sent = connection.call(hostname, {});
    const queued = connection.call(hostname, {});
    peer.hangUp();
    await expect(sent).rejects.toMatchObject({ name: 'ConnectionLost', sent: true });
    await expect(queued).rejects.toMatchObject({ name: 'ConnectionLost', sent: false });
    await expect(connection.call(hostname, {})).rejects.toThrow(ConnectionLost);
    await expect(connection.ended).resolves.toMatchObject({ message: 'the peer closed the connection' });
  });

  it('get a typed error from an error reply, with and without a message', async () => {
    const { connection, peer } = connect();
    const calls = [connection.call(hostname, {}), connection.call(hostname, {}), connection.call(hostname, {})];
    expected(calls);
    await settled();
    peer.reply(0, { status: messageStatus.error, ...errorOf(42, 'Domain not found') });
    peer.reply(1, { status: messageStatus.error, ...errorOf(9999, null) });
    peer.reply(2, { status: messageStatus.error, raw: Buffer.alloc(8) });
    await expect(calls[0]).rejects.toMatchObject({
      codeName: 'NO_DOMAIN',
      message: 'Domain not found',
      domain: 10,
      level: 2,
    });
    await expect(calls[1]).rejects.toMatchObject({
      codeName: 'CODE_9999',
      message: 'libvirt error 9999 without a message',
    });
    await expect(calls[2]).rejects.toThrow(ProtocolError);
  });

  it('reject alone when their reply cannot be read; the others go on', async () => {
    const { connection, peer } = connect();
    const calls = [1, 2, 3].map(() => connection.call(hostname, {}));
    expected(calls);
    await settled();
    peer.reply(0, { raw: Buffer.alloc(0) });
    peer.reply(1, { codec: struct({ hostname: string(), more: int }), value: { hostname: 'x', more: 1 } });
    peer.reply(2, { codec: hostname.result, value: { hostname: 'fine' } });
    await expect(calls[0]).rejects.toThrow('connectGetHostname: the reply cannot be read: hostname: the packet ends');
    await expect(calls[1]).rejects.toThrow('4 bytes are left over');
    await expect(calls[2]).resolves.toEqual({ hostname: 'fine' });
  });
});

describe('a connection', () => {
  it.each([
    ['a reply to no call', { type: messageType.reply, serial: 77 }],
    ['file descriptors', { type: messageType.replyWithFds, serial: 1 }],
    ['only clients send', { type: messageType.call, serial: 1 }],
  ])('ends on %s', async (words, packet) => {
    const { connection, peer } = connect();
    const call = connection.call(hostname, {});
    await settled();
    peer.send(packet);
    await expect(call).rejects.toThrow(words);
    await expect(connection.ended).resolves.toBeInstanceOf(ProtocolError);
  });

  it('answers a ping with a pong, and hands on events', async () => {
    const { peer, events } = connect();
    peer.send({ program: keepaliveProgram, procedure: 1 });
    peer.send({ procedure: 318, codec: int, value: 5 });
    await settled();
    expect(peer.received).toMatchObject([{ program: keepaliveProgram, procedure: 2, type: messageType.message }]);
    expect(events).toMatchObject([{ procedure: 318 }]);
  });

  it('settles every call whatever noise the peer makes', async () => {
    const noise = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(noise, async (chunks) => {
        const { connection, peer, timers } = connect({ callTimeoutMs: 10, maxPacketBytes: 1024 });
        const calls = [
          connection.call(hostname, {}),
          connection.openStream(shot, shotArgs, { ...limits, timeoutMs: 10 }),
        ];
        expected(calls);
        for (const chunk of chunks) peer.sendBytes(Buffer.from(chunk));
        await timers.pass(10);
        expect(await outcomes(calls)).not.toContain('waiting');
        connection.close();
        expect(timers.pending).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});

describe('streams on a connection', () => {
  async function openShot(parts: ReturnType<typeof connect>) {
    const opening = parts.connection.openStream(shot, shotArgs, limits);
    await settled();
    parts.peer.reply(0, { codec: shot.result, value: { mime: 'image/png' } });
    return await opening;
  }
  const chunk = (parts: ReturnType<typeof connect>, text: string) =>
    parts.peer.reply(0, { type: messageType.stream, status: messageStatus.continue, raw: Buffer.from(text) });

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
});

const textOrNull = nullable(string());
const errorShape = struct({
  code: int,
  domain: int,
  message: textOrNull,
  level: int,
  dom: nullable(int),
  str1: textOrNull,
  str2: textOrNull,
  str3: textOrNull,
  int1: int,
  int2: int,
  net: nullable(int),
});

function errorOf(code: number, message: string | null) {
  const nothing = { dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null };
  return { codec: errorShape, value: { code, domain: 10, message, level: 2, ...nothing } };
}
