import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { until } from '../../../test/lab/command.ts';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { CallTimeout, ConnectionLost, QueueFull, Unreachable } from './errors.ts';
import { events } from './events.ts';
import { procedures } from './procedures.ts';
import { openSession } from './session.ts';
import type { Session, SessionOptions } from './session-types.ts';

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal('a session whose libvirtd fails', labParts, () => {
  let host: LabHost;
  const sessions: Session[] = [];

  beforeAll(async () => {
    host = await startLabHost({ name: 'frail', driver: 'test' });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await host.stop();
  }, 60_000);

  async function open(options: Partial<SessionOptions> = {}): Promise<Session> {
    const session = openSession({ uri: host.uri, backoff: { firstMs: 20, maxMs: 200 }, ...options });
    sessions.push(session);
    await session.connected(20_000);
    return session;
  }

  it('gives up waiting for a hung daemon at the deadline, but keeps the slot until the reply comes', async () => {
    const session = await open({ window: 2, queueLimit: 3 });
    await host.pauseLibvirtd();
    const ask = () => session.call(procedures.connectGetHostname, {}, { timeoutMs: 200 });
    const outcomes = await Promise.allSettled([ask(), ask(), ask()]);
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null));
    expect(reasons.every((reason) => reason instanceof CallTimeout)).toBe(true);
    // Two were sent and hold the window of two; the third never left.
    expect(reasons.map((reason: CallTimeout) => reason.sent)).toEqual([true, true, false]);

    const later = [ask(), ask(), ask()];
    await expect(ask()).rejects.toThrow(QueueFull);
    for (const call of later) await expect(call).rejects.toMatchObject({ sent: false });

    let answered = false;
    const answers = Promise.all(reasons.map((reason: CallTimeout) => reason.answered)).then(() => {
      answered = true;
    });
    await Promise.resolve();
    expect(answered).toBe(false);
    await host.resumeLibvirtd();
    await answers;
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toMatchObject({ hostname: 'frail' });
  }, 30_000);

  it('gives up a daemon that stays silent, by keepalive, and finds it again', async () => {
    const session = await open({ keepalive: { intervalMs: 500, count: 3 } });
    const states: string[] = [];
    session.onState((state) => states.push(state.name === 'down' ? `down: ${state.cause.message}` : state.name));
    await host.pauseLibvirtd();
    const stuck = session.call(procedures.connectGetHostname, {});
    await expect(stuck).rejects.toMatchObject({ name: 'ConnectionLost', sent: true });
    expect(states[0]).toMatch(/^down: the peer was silent for \d+ ms and left 3 pings unanswered/);
    await host.resumeLibvirtd();
    await session.connected(20_000);
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toMatchObject({ hostname: 'frail' });
  }, 30_000);

  it('keeps a quiet connection alive by answering and asking', async () => {
    const session = await open({ keepalive: { intervalMs: 250, count: 39 } });
    let changes = 0;
    session.onState(() => changes++);
    // Without answers it would be given up after ten seconds; a busy machine answers later than an idle one.
    await new Promise((resolve) => setTimeout(resolve, 12_000));
    expect(changes).toBe(0);
    expect(session.state).toEqual({ name: 'up', epoch: 1 });
  });

  it('says of each call under way at a crash whether it was sent, then comes back with its events', async () => {
    const session = await open({ window: 4 });
    const heard: string[] = [];
    await session.subscribe(events.networkLifecycle, ({ network }) => heard.push(network.name)).ready;
    await host.pauseLibvirtd();
    const calls = Array.from({ length: 6 }, () => session.call(procedures.connectGetHostname, {}));
    const settled = Promise.allSettled(calls);
    await host.killLibvirtd();
    const reasons = (await settled).map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null));
    expect(reasons.every((reason) => reason instanceof ConnectionLost)).toBe(true);
    expect(reasons.map((reason: ConnectionLost) => reason.sent)).toEqual([true, true, true, true, false, false]);

    expect(session.state.name).not.toBe('up');
    await expect(session.call(procedures.connectGetHostname, {})).rejects.toThrow(Unreachable);

    await host.startLibvirtd();
    await session.connected(20_000);
    expect(session.state).toEqual({ name: 'up', epoch: 2 });
    const { network } = await session.call(procedures.networkDefineXml, {
      xml: `<network><name>after-crash</name><bridge name='wire1'/></network>`,
    });
    await until('the event after the crash', () => heard.length > 0);
    expect(heard).toEqual([network.name]);
  }, 60_000);

  it('notices a host that the network has cut off, and finds it again when it is mended', async () => {
    const uri = `test+unix:///default?socket=${host.remoteSocketPath}`;
    const session = await open({ uri, keepalive: { intervalMs: 100, count: 3 }, connectTimeoutMs: 2000 });
    const down = new Promise<string>((resolve) => {
      session.onState((state) => state.name === 'down' && resolve(state.cause.message));
    });
    await host.partition();
    const stuck = session.call(procedures.connectGetHostname, {});
    await expect(stuck).rejects.toMatchObject({ name: 'ConnectionLost', sent: true });
    await expect(down).resolves.toMatch(/silent/);
    await host.heal();
    await session.connected(30_000);
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toEqual({ hostname: 'frail' });
  }, 60_000);

  it('talks over plain TCP within a lab, and says what did not answer', async () => {
    const { port } = await host.forward(16_509);
    const session = await open({ uri: `test+tcp://127.0.0.1:${port}/default` });
    await expect(session.call(procedures.connectGetHostname, {})).resolves.toEqual({ hostname: 'frail' });
    const nowhere = openSession({ uri: 'test+tcp://127.0.0.1:1/default', backoff: { firstMs: 10, maxMs: 10 } });
    sessions.push(nowhere);
    await expect(nowhere.connected(200)).rejects.toThrow('127.0.0.1 port 1: connect ECONNREFUSED');
  });
});
