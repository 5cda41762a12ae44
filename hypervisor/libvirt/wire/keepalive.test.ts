import { describe, expect, it } from '@jest/globals';
import { type Packet, PacketDecoder } from './framing.ts';
import { Keepalive, keepaliveAnswer } from './keepalive.ts';
import { ManualTimers } from './manual-timers.fixture.ts';
import { keepaliveProgram } from './procedure.ts';

function watch(excused = () => false) {
  const timers = new ManualTimers();
  const decoder = new PacketDecoder();
  const sent: Packet[] = [];
  const deaths: string[] = [];
  const keepalive = new Keepalive(
    { intervalMs: 1000, count: 3 },
    { timers, excused, send: (packet) => sent.push(...decoder.push(packet)), dead: (reason) => deaths.push(reason) },
  );
  return { timers, sent, deaths, keepalive };
}

describe('keepalive', () => {
  it('pings a silent peer and gives it up when too many pings go unanswered', async () => {
    const { timers, sent, deaths } = watch();
    await timers.pass(999);
    expect(sent).toEqual([]);
    await timers.pass(2001);
    expect(sent).toMatchObject(Array(3).fill({ program: keepaliveProgram, procedure: 1, type: 2, serial: 0 }));
    expect(deaths).toEqual([]);
    await timers.pass(1000);
    expect(deaths).toEqual(['the peer was silent for 4000 ms and left 3 pings unanswered']);
    await timers.pass(10_000);
    expect(deaths).toHaveLength(1);
  });

  it('takes any packet for life and does not ping a busy peer', async () => {
    const { timers, sent, deaths, keepalive } = watch();
    for (let second = 0; second < 60; second++) {
      await timers.pass(900);
      keepalive.heard();
    }
    expect(sent).toEqual([]);
    await timers.pass(3000);
    keepalive.heard();
    await timers.pass(3000);
    expect(deaths).toEqual([]);
  });

  it('is more patient, yet not endlessly, while the silence has an excuse', async () => {
    const { timers, deaths } = watch(() => true);
    await timers.pass(15_000);
    expect(deaths).toEqual([]);
    await timers.pass(1000);
    expect(deaths).toHaveLength(1);
  });

  it('stops with its connection', async () => {
    const { timers, sent, keepalive } = watch();
    keepalive.stop();
    await timers.pass(60_000);
    expect(sent).toEqual([]);
    expect(timers.pending).toBe(0);
  });

  it('answers pings and not pongs', () => {
    const packet = { program: keepaliveProgram, version: 1, type: 2, serial: 0, status: 0, payload: Buffer.alloc(0) };
    const answer = keepaliveAnswer({ ...packet, procedure: 1 });
    expect(new PacketDecoder().push(answer ?? Buffer.alloc(0))).toMatchObject([{ procedure: 2 }]);
    expect(keepaliveAnswer({ ...packet, procedure: 2 })).toBeNull();
  });
});
