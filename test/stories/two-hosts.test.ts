import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { steward as run } from '../../cmd/fixtures/running.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import type { Api, Manifest } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(300_000);

const KIND = 'VirtualMachine';

interface Note {
  name: string;
  chosen: boolean;
  score: number | null;
  rejectedBy: { code: string; params: JsonObject } | null;
}

/** Machines without a disk: their firmware finds nothing to boot and rests, which costs no CPU. */
describeReal('machines on two real hosts', [...labParts, 'embeddedPostgres'], () => {
  const chapter = chapters();
  let lab: Lab;
  let steward: Steward;
  let api: Api;
  /** CPUs that each host may promise. */
  let limit = 0;
  beforeAll(async () => {
    lab = await startLab({ hosts: ['alpha', 'beta'] });
    steward = await startSteward({ resyncMs: 3_000 });
    api = steward.api;
    await api.apply([
      ...lab.hosts.map(({ name, uri }) => ({
        kind: 'Host',
        metadata: { name },
        spec: { uri, tags: name === 'beta' ? ['gpu'] : ['ssd'], cpuOvercommitPercent: 800 },
      })),
      ...['Spread', 'FirstFit', 'Pack'].map((placement) => ({
        kind: 'ComputeOffering',
        metadata: { name: placement.toLowerCase() },
        spec: { minCpus: 1, maxCpus: 512, memoryMiB: 64, placement },
      })),
    ]);
    for (const { name } of lab.hosts)
      limit = 8 * Number((await api.reads({ kind: 'Host', name }, 'True Ready')).status.cpus);
  });
  afterAll(async () => {
    await steward?.close();
    await lab?.stop();
  });

  const machine = (name: string, spec: JsonObject): Manifest => ({
    kind: KIND,
    metadata: { name },
    spec: { cpus: 1, stopTimeoutSeconds: 0, ...spec },
  });
  const placed = async (name: string, spec: JsonObject): Promise<string> => {
    await api.apply([machine(name, spec)]);
    return String((await api.reads({ kind: KIND, name }, 'True Ready')).status.host);
  };
  /** Why each host was taken or not. */
  const notes = async (name: string) => {
    const { placement } = ((await api.get(KIND, name))?.status ?? {}) as { placement?: Note[] };
    return Object.fromEntries((placement ?? []).map((note) => [note.name, note]));
  };
  const domains = async (host: LabHost, ...more: string[]) =>
    (await host.virsh('list', '--name', ...more)).split('\n').filter((name) => name !== '');
  const hostNamed = (name: string) => lab.hosts.find((host) => host.name === name) as LabHost;

  chapter('are spread over both, the emptier one first, and say so', async () => {
    const homes = [await placed('spread-1', { offering: 'spread' }), await placed('spread-2', { offering: 'spread' })];
    expect([...homes].sort()).toEqual(['alpha', 'beta']);
    const [first = '', second = ''] = homes;
    const why = await notes('spread-2');
    expect(why[second]).toMatchObject({ chosen: true, rejectedBy: null });
    expect(why[first]).toMatchObject({ chosen: false, rejectedBy: null });
    expect(why[second]?.score).toBeGreaterThan(Number(why[first]?.score));
    for (const host of lab.hosts) expect(await domains(host)).toHaveLength(1);
  });

  chapter('fill the first host by name, or the fullest, when their offering says so', async () => {
    expect(await placed('first-1', { offering: 'firstfit', cpus: 4 })).toBe('alpha');
    expect(await placed('heavy', { offering: 'firstfit', cpus: 8, placement: { host: 'beta' } })).toBe('beta');
    expect(await placed('pack-1', { offering: 'pack' })).toBe('beta');
    expect(await placed('first-2', { offering: 'firstfit' })).toBe('alpha');
    expect((await notes('heavy')).alpha?.rejectedBy).toMatchObject({ code: 'NotWished' });
  });

  chapter('go only where the tags are, and tell it in words', async () => {
    expect(await placed('tagged', { offering: 'firstfit', placement: { hostTags: ['gpu'] } })).toBe('beta');
    expect((await notes('tagged')).alpha?.rejectedBy).toEqual({ code: 'TagMissing', params: { tag: 'gpu' } });
    const { out } = await run(['describe', 'vm/tagged'], { cwd: steward.folder });
    expect(out).toMatch(/→ beta .*chosen/);
    expect(out).toMatch(/alpha .*The host has no tag gpu\./);
  });

  chapter('go to no host that is one of them by a second URI, which is named and may be deleted', async () => {
    const again = { kind: 'Host', name: 'again' };
    const uri = `${hostNamed('alpha').uri}&mode=legacy`;
    await api.apply([{ kind: again.kind, metadata: { name: again.name }, spec: { uri, tags: ['twice'] } }]);
    const { status } = await api.reads(again, 'False SameMachine');
    expect(status.conditions.find(({ type }) => type === 'Ready')?.params).toMatchObject({ host: 'alpha' });
    await api.apply([machine('homeless', { offering: 'spread', placement: { hostTags: ['twice'] } })]);
    await api.reads({ kind: KIND, name: 'homeless' }, 'False NoHost');
    expect((await notes('homeless')).again?.rejectedBy).toEqual({ code: 'SameMachineAs', params: { host: 'alpha' } });
    const before = await domains(hostNamed('alpha'));
    for (const key of [{ kind: KIND, name: 'homeless' }, again]) {
      await api.remove(key);
      await api.gone(key);
    }
    expect(await domains(hostNamed('alpha'))).toEqual(before);
  });

  chapter('wait while no host has room, with the figures, and go where room comes', async () => {
    await api.apply([machine('big', { offering: 'spread', cpus: limit - 4 })]);
    await api.reads({ kind: KIND, name: 'big' }, /^False /);
    const why = await notes('big');
    const figures = (used: number) => ({
      code: 'NotEnough',
      params: { resource: 'cpuMilli', wished: (limit - 4) * 1000, free: (limit - used) * 1000, limit: limit * 1000 },
    });
    expect(why.alpha?.rejectedBy).toEqual(figures(6));
    expect(why.beta?.rejectedBy).toEqual(figures(11));
    await api.remove({ kind: KIND, name: 'heavy' });
    await api.gone({ kind: KIND, name: 'heavy' });
    expect((await api.reads({ kind: KIND, name: 'big' }, 'True Ready')).status.host).toBe('beta');
  });

  chapter('of a crashed host are unknown, nothing is made elsewhere, and the other host goes on', async () => {
    const machines = await api.list(KIND);
    const [there, here] = ['beta', 'alpha'].map((name) => machines.filter(({ status }) => status.host === name));
    await hostNamed('beta').crash();
    await api.reads({ kind: 'Host', name: 'beta' }, /^(False|Unknown) /);
    for (const { metadata } of there ?? []) {
      const key = { kind: KIND, name: metadata.name };
      const { status } = await api.reads(key, 'Unknown PlaceSilent', { type: 'Powered' });
      const ready = status.conditions.find(({ type }) => type === 'Ready');
      expect(ready).toMatchObject({ status: 'False', reason: 'PlaceSilent', params: { code: 'Unreachable' } });
    }
    const [one] = here ?? [];
    await hostNamed('alpha').virsh('destroy', String(one?.metadata.uid));
    const restarted = async () => (await domains(hostNamed('alpha'))).includes(String(one?.metadata.uid));
    await until('alpha repairs its own', restarted, { timeoutMs: 60_000 });
    expect(await placed('late', { offering: 'spread' })).toBe('alpha');
    expect((await notes('late')).beta?.rejectedBy).toMatchObject({ code: 'HostUnreachable' });
    const uids = [...(here ?? []), await api.get(KIND, 'late')].map((seen) => seen?.metadata.uid);
    expect((await domains(hostNamed('alpha'), '--all')).sort()).toEqual(uids.sort());
  });

  chapter('all run again after the host is back, each once', async () => {
    await hostNamed('beta').boot();
    const machines = await api.list(KIND);
    for (const { metadata } of machines) await api.reads({ kind: KIND, name: metadata.name }, 'True Ready');
    const running = (await Promise.all(lab.hosts.map((host) => domains(host)))).flat();
    expect(running.sort()).toEqual(machines.map(({ metadata }) => metadata.uid).sort());
    for (const { metadata, status } of machines)
      expect(await domains(hostNamed(String(status.host)))).toContain(metadata.uid);
  });
});
