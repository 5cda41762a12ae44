import { describe, expect, it } from '@jest/globals';
import { createMemoryDirectory } from './directory.ts';
import { HERE, machine } from './machine.fixture.ts';
import { createManualClock } from './manual-clock.fixture.ts';
import { createWorld } from './world.ts';

function directoryOf(uris: Record<string, string>) {
  const clock = createManualClock();
  const world = createWorld({ clock });
  const directory = createMemoryDirectory({ world, installationId: HERE, resolveUri: async (place) => uris[place] });
  const at = async (place: string) => {
    const found = await directory.at(place);
    if (!found.ok) throw new Error(found.error.message);
    return found.value;
  };
  return { clock, world, directory, at };
}

describe('a directory of in-memory hosts', () => {
  it('makes a host as its URI describes it', async () => {
    const { directory, at } = directoryOf({ 'uid-1': 'memory://host-1?cpus=4&memoryGiB=8&kvm=false' });
    expect(await (await at('uid-1')).hosts.facts()).toMatchObject({
      ok: true,
      value: { hostname: 'host-1', cpus: 4, memoryMiB: 8_192, kvm: false },
    });
    expect(await directory.probe('memory://host-2')).toMatchObject({ ok: true, value: { cpus: 16 } });
  });

  it('lets a host grow when its URI says so, with all that is on it', async () => {
    const uris = { a: 'memory://host-1?cpus=4' };
    const { at } = directoryOf(uris);
    await (await at('a')).machines.define(machine('m'));
    uris.a = 'memory://host-1?cpus=8';
    const { hosts, machines } = await at('a');
    expect(await hosts.facts()).toMatchObject({ value: { cpus: 8 } });
    expect(await machines.sight()).toMatchObject({ value: [{ uid: 'm' }] });
  });

  it('gives one connection for one place, and the same host to all who name it', async () => {
    const { at } = directoryOf({ a: 'memory://shared', b: 'memory://shared' });
    expect(await at('a')).toBe(await at('a'));
    await (await at('a')).machines.define(machine('m'));
    expect(await (await at('b')).machines.sight(['m'])).toMatchObject({ value: [{ uid: 'm' }] });
  });

  it('says which place it does not know, and what is wrong with an address', async () => {
    const { directory } = directoryOf({ bad: 'memory://host-1?cpus=many&ram=3' });
    expect(await directory.at('none')).toMatchObject({ ok: false, error: { code: 'NotFound' } });
    const answer = await directory.at('bad');
    expect(answer).toMatchObject({ ok: false, error: { code: 'Invalid' } });
    expect(!answer.ok && answer.error.message).toMatch(/"ram".*kvm.*cpus="many"/);
    expect(await directory.probe('qemu:///system')).toMatchObject({ ok: false, error: { code: 'Invalid' } });
  });

  it('does not reach a host that is down, and reaches it again when it is back', async () => {
    const { world, directory } = directoryOf({ a: 'memory://host-1' });
    world.unreachable.add('host-1');
    expect(await directory.at('a')).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
    world.unreachable.delete('host-1');
    expect((await directory.at('a')).ok).toBe(true);
  });

  it('passes hints on under the name of the place', async () => {
    const { clock, directory, at } = directoryOf({ a: 'memory://host-1', b: 'memory://host-2' });
    const heard: string[] = [];
    const stop = directory.onChange((place, hint) => heard.push(`${place} ${hint.noun} ${hint.uid}`));
    await at('b');
    await (await at('a')).machines.define(machine('m'));
    await clock.advance(0);
    expect(heard).toEqual(['a machine m']);
    stop();
    await (await at('a')).machines.start('m');
    await clock.advance(0);
    expect(heard).toHaveLength(1);
  });

  it('answers nothing through connections that it has closed', async () => {
    const { directory, at } = directoryOf({ a: 'memory://host-1' });
    const hypervisor = await at('a');
    await directory.close();
    expect(await hypervisor.machines.sight()).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
  });
});
