import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CallTimeout, ConnectionLost, ProtocolError, QueueFull } from './errors.ts';
import { messageStatus, messageType } from './framing.ts';
import { settled } from './manual-timers.fixture.ts';
import { keepaliveProgram } from './procedure.ts';
import { procedures } from './procedures.ts';
import { connect, errorOf } from './scripted-peer.fixture.ts';
import { int, string, struct } from './xdr.ts';

const hostname = procedures.connectGetHostname;
const shot = procedures.domainScreenshot;
const shotArgs = { domain: { name: 'a', uuid: '0123abcd-0000-0000-0000-000000000000', id: 1 }, screen: 0, flags: 0 };
const limits = { stallTimeoutMs: 1000, finishTimeoutMs: 1000 };

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
