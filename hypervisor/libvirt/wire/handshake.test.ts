import { describe, expect, it } from '@jest/globals';
import { LibvirtError } from './errors.ts';
import { messageStatus } from './framing.ts';
import { handshake } from './handshake.ts';
import { settled } from './manual-timers.fixture.ts';
import { procedures } from './procedures.ts';
import { connect, errorOf } from './scripted-peer.fixture.ts';

const { authList, authPolkit, connectSupportsFeature, connectOpen } = procedures;

function greet() {
  const { connection, peer } = connect();
  const done = handshake(connection, 'qemu:///system', 1000);
  done.catch(() => undefined);
  return { peer, done, calls: () => peer.received.map(({ procedure }) => procedure) };
}

describe('the first calls on a connection', () => {
  it('ask how to authenticate, ask to be watched, and open the driver', async () => {
    const { peer, done, calls } = greet();
    await settled();
    peer.reply(0, { codec: authList.result, value: { types: [0] } });
    await settled();
    peer.reply(1, { codec: connectSupportsFeature.result, value: { supported: true } });
    await settled();
    peer.reply(2);
    await done;
    expect(calls()).toEqual([authList.number, connectSupportsFeature.number, connectOpen.number]);
    expect(String(peer.received[2]?.payload)).toContain('qemu:///system');
  });

  it('let polkit decide where the server wants it', async () => {
    const { peer, done, calls } = greet();
    await settled();
    peer.reply(0, { codec: authList.result, value: { types: [2] } });
    await settled();
    expect(calls()).toEqual([authList.number, authPolkit.number]);
    peer.reply(1, { status: messageStatus.error, ...errorOf(45, 'authentication failed') });
    await expect(done).rejects.toThrow(LibvirtError);
    expect(calls()).toHaveLength(2);
  });

  it('do not guess at SASL, and say what to change', async () => {
    const { peer, done, calls } = greet();
    await settled();
    peer.reply(0, { codec: authList.result, value: { types: [1] } });
    await expect(done).rejects.toThrow('set auth_tls or auth_tcp to "none"');
    expect(calls()).toHaveLength(1);
  });
});
