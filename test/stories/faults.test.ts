import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { WebSocket } from 'ws';
import { findLocalEndpoint } from '../../cmd/client/local-endpoint.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import type { Api, Key, Manifest } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { holdingsOf, NOTHING } from './fixtures/leftovers.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(400_000);

const POOL_PATH = '/var/lib/libvirt/images/main';
const KIND = 'VirtualMachine';
const WAVE = 4;
const MACHINES = ['KILL', 'TERM', 'STOP'].length * WAVE;

/** Real machines with a disk and a NIC each; their firmware finds nothing to boot and rests. */
describeReal('faults in the middle of everything', [...labParts, 'embeddedPostgres'], () => {
  const chapter = chapters();
  let host: LabHost;
  let steward: Steward;
  let api: Api;
  beforeAll(async () => {
    host = await startLabHost({ name: 'shaky' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    steward = await startSteward({ resyncMs: 3_000 });
    api = steward.api;
    await api.apply([
      { kind: 'Host', metadata: { name: 'shaky' }, spec: { uri: host.uri, cpuOvercommitPercent: 10_000 } },
      { kind: 'StoragePool', metadata: { name: 'main' }, spec: { path: POOL_PATH, hosts: ['shaky'] } },
      { kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.92.0.0/24' } },
    ]);
    await api.reads({ kind: 'Network', name: 'lan' }, 'True Ready');
  });
  afterAll(async () => {
    await steward?.close();
    await host?.stop();
  });

  const machine = (name: string, more: JsonObject = {}): Manifest => ({
    kind: KIND,
    metadata: { name },
    spec: {
      cpus: 1,
      maxCpus: 2,
      memoryMiB: 64,
      stopTimeoutSeconds: 0,
      disks: [{ name: 'root', sizeGiB: 1 }],
      nics: [{ name: 'eth0', network: 'lan' }],
      ...more,
    },
  });
  /** Somebody sits at a machine's serial console, until it ends. */
  async function openConsole(name: string): Promise<{ ended: Promise<[number, Buffer]> }> {
    const { openConsole: opened } = await api.query<{ openConsole: { path: string } }>(
      'mutation ($object: ObjectKeyInput!) { openConsole(object: $object) { path } }',
      { object: { kind: KIND, project: 'default', name } },
    );
    const socket = new WebSocket(`${findLocalEndpoint(steward.folder)?.url.replace(/^http/, 'ws')}${opened.path}`, [
      'binary',
    ]);
    const ended = once(socket, 'close') as Promise<[number, Buffer]>;
    await once(socket, 'open');
    return { ended };
  }
  const named = (wave: string) => Array.from({ length: WAVE }, (_, index) => `${wave}-${index + 1}`);
  const domains = async () =>
    (await host.virsh('list', '--all', '--name').catch(() => '')).split('\n').filter((name) => name !== '');
  const allReady = async () => {
    for (const { metadata } of await api.list(KIND)) await api.reads({ kind: KIND, name: metadata.name }, 'True Ready');
  };
  const libvirtdPid = () => readFileSync(join(host.dir, 'run/libvirtd.pid'), 'utf8').trim();

  /** Exactly what is wished, each once: domains that run, volumes, one network with its bridge. */
  async function expectExactWorld(): Promise<void> {
    const [machines, volumes, networks] = [await api.list(KIND), await api.list('Volume'), await api.list('Network')];
    const uids = machines.map(({ metadata }) => metadata.uid).sort();
    const has = await holdingsOf(host, POOL_PATH);
    expect(has.domains).toEqual(uids);
    expect(
      (await host.virsh('list', '--name'))
        .split('\n')
        .filter((name) => name !== '')
        .sort(),
    ).toEqual(uids);
    expect(has.files).toEqual(volumes.map(({ status }) => status.file).sort());
    // A helper's network that a fault left behind is ended at the next look at the host's networks.
    await until(
      'one network is left',
      async () => (await holdingsOf(host, POOL_PATH)).networks.length === networks.length,
    );
    expect((await holdingsOf(host, POOL_PATH)).networks).toEqual(networks.map(({ metadata }) => metadata.uid));
    expect(has.processes.filter((name) => name.startsWith('qemu'))).toHaveLength(uids.length);
  }

  /** Applies a wave of machines, and lets the fault happen as soon as the first of them is there. */
  async function inTheMiddleOf(wave: string, fault: () => Promise<void>): Promise<void> {
    const before = (await domains()).length;
    await api.apply(named(wave).map((name) => machine(name)));
    await until('the first is there', async () => (await domains()).length > before, { everyMs: 10 });
    await fault();
    await allReady();
    await expectExactWorld();
  }

  chapter('libvirtd is killed', () =>
    inTheMiddleOf('killed', async () => {
      await host.killLibvirtd();
      await host.startLibvirtd();
    }),
  );

  chapter('libvirtd is killed under an open console: it is told why, and the server goes on', async () => {
    const pid = steward.pid();
    const first = await openConsole('killed-1');
    const second = await openConsole('killed-1');
    // Whoever opens a console takes it from whoever had it open, so that the second one stands now.
    expect(await first.ended).toEqual([
      1000,
      Buffer.from('The machine has stopped, or somebody else has opened its console.'),
    ]);
    await host.killLibvirtd();
    const [code, reason] = await second.ended;
    expect([code, String(reason)]).toEqual([1011, expect.stringContaining('connection')]);
    await host.startLibvirtd();
    await allReady();
    expect(steward.pid()).toBe(pid);
  });

  chapter('libvirtd is restarted', () =>
    inTheMiddleOf('restarted', async () => {
      const pid = libvirtdPid();
      await host.exec(['busybox', 'kill', '-TERM', pid]);
      const ended = () =>
        host.exec(['busybox', 'kill', '-0', pid]).then(
          () => false,
          () => true,
        );
      await until('libvirtd has ended', ended, { timeoutMs: 60_000 });
      await host.startLibvirtd();
    }),
  );

  chapter('libvirtd hangs for ten seconds', () =>
    inTheMiddleOf('hung', async () => {
      await host.pauseLibvirtd();
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      await host.resumeLibvirtd();
    }),
  );

  chapter('one guest hangs: it says so, its neighbours are changed, and it catches up', async () => {
    const [stuck = '', neighbour = ''] = named('killed');
    const uidOf = async (name: string) => String((await api.get(KIND, name))?.metadata.uid);
    await host.signalGuest(await uidOf(stuck), 'STOP');
    await api.apply([machine(stuck, { cpus: 2 }), machine(neighbour, { cpus: 2 })]);
    const changed = await api.reads({ kind: KIND, name: neighbour }, 'True Ready');
    expect(changed.status.cpus).toBe(2);
    await api.reads({ kind: KIND, name: stuck }, /^Unknown GuestUnresponsive$/, { type: 'Powered' });
    await api.apply([machine('meanwhile')]);
    await api.reads({ kind: KIND, name: 'meanwhile' }, 'True Ready');
    await host.signalGuest(await uidOf(stuck), 'CONT');
    expect((await api.reads({ kind: KIND, name: stuck }, 'True Ready')).status.cpus).toBe(2);
  });

  chapter('PostgreSQL is killed', async () => {
    const file = join(steward.folder, '.steward/db/data/postmaster.pid');
    const postmaster = () => Number(readFileSync(file, 'utf8').split('\n')[0]);
    const before = postmaster();
    await inTheMiddleOf('database', async () => {
      process.kill(before, 'SIGKILL');
      await until(
        'it is served again',
        () =>
          api.list(KIND).then(
            () => true,
            () => false,
          ),
        { timeoutMs: 120_000 },
      );
    });
    expect(postmaster()).not.toBe(before);
  });

  chapter('the server is killed ten times at any point of making and removing', async () => {
    const kept: string[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const name = `turn-${turn}`;
      await api.apply([machine(name)]);
      if (turn % 3 === 2) await api.remove({ kind: KIND, name: kept.shift() ?? name });
      kept.push(name);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
      await steward.kill();
      await steward.start();
    }
    const settled = async () => (await api.list(KIND)).length === MACHINES + 1 + WAVE + kept.length;
    await until('the removed are gone', settled, { timeoutMs: 180_000, everyMs: 500 });
    await allReady();
    await expectExactWorld();
  });

  chapter('everything is removed while the server is killed, and nothing is left behind', async () => {
    const machines: Key[] = (await api.list(KIND)).map(({ kind, metadata: { name } }) => ({ kind, name }));
    await api.remove(...machines, { kind: 'Network', name: 'lan' });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
    await steward.kill();
    await steward.start();
    for (const key of [...machines, { kind: 'Network', name: 'lan' }]) await api.gone(key);
    await until('the volumes are gone', async () => (await api.list('Volume')).length === 0, { timeoutMs: 120_000 });
    await api.remove({ kind: 'StoragePool', name: 'main' });
    await api.gone({ kind: 'StoragePool', name: 'main' });
    expect(await holdingsOf(host, POOL_PATH)).toEqual(NOTHING);
  });
});
