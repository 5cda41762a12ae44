import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import type { Api, Key } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { holdingsOf, NOTHING } from './fixtures/leftovers.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(400_000);

const POOL_PATH = '/var/lib/libvirt/images/main';
const web: Key = { kind: 'VirtualMachine', name: 'web' };
const rest: Key = { kind: 'VirtualMachine', name: 'rest' };
const lan: Key = { kind: 'Network', name: 'lan' };
const disk: Key = { kind: 'Volume', name: 'web-root' };
const pool: Key = { kind: 'StoragePool', name: 'main' };
const WAIT = { timeoutMs: 120_000, everyMs: 200 };

/** Somebody with virsh on the host does what people do there; what Steward wishes comes back, and nothing else is touched. */
describeReal('somebody meddles with a host', [...labParts, 'embeddedPostgres'], () => {
  const chapter = chapters();
  let host: LabHost;
  let steward: Steward;
  let api: Api;
  let foreign: string;
  beforeAll(async () => {
    host = await startLabHost({ name: 'meddled' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    foreign = await makeForeign(host);
    steward = await startSteward({ resyncMs: 3_000 });
    api = steward.api;
    await api.apply([
      { kind: 'Host', metadata: { name: 'meddled' }, spec: { uri: host.uri, cpuOvercommitPercent: 10_000 } },
      { kind: 'StoragePool', metadata: { name: 'main' }, spec: { path: POOL_PATH, hosts: ['meddled'] } },
      { kind: 'Network', metadata: { name: 'lan' }, spec: { cidr: '10.94.0.0/24' } },
      machine('web', {}),
      machine('rest', { runStrategy: 'Halted' }),
    ]);
    for (const key of [web, rest]) await api.reads(key, 'True Ready');
  });
  afterAll(async () => {
    await steward?.close();
    await host?.stop();
  });

  const uid = async (key: Key) => (await api.get(key.kind, key.name))?.metadata.uid ?? '';
  const state = async (key: Key) => (await host.virsh('domstate', await uid(key))).trim();
  const xml = async (key: Key, ...more: string[]) => host.virsh('dumpxml', await uid(key), ...more);
  const running = (key: Key) => until(`${key.name} runs`, async () => (await state(key)) === 'running', WAIT);
  const mac = async () => {
    const nics = (await api.get(web.kind, web.name))?.status.nics as { mac: string }[] | undefined;
    return nics?.[0]?.mac ?? '';
  };

  /** Kills its emulator, and waits for the next run of the guest. */
  async function startedAnew(): Promise<void> {
    const run = async () => (await host.virsh('domid', await uid(web))).trim();
    const before = await run();
    await host.signalGuest(await uid(web), 'KILL');
    await until('it runs anew', async () => (await state(web)) === 'running' && (await run()) !== before, WAIT);
    await api.reads(web, 'True Ready');
  }

  chapter('a paused guest goes on, and one whose emulator is killed is started', async () => {
    await host.virsh('suspend', await uid(web));
    await running(web);
    await startedAnew();
  });

  chapter('one that was saved away is woken, and one that shall rest is stopped', async () => {
    await host.virsh('managedsave', await uid(web));
    await running(web);
    // It may be off again before virsh has seen it run.
    await host.virsh('start', await uid(rest)).catch(() => undefined);
    await until('it rests', async () => (await state(rest)) === 'shut off', WAIT);
  });

  chapter('memory, NIC and disk of the definition are what was wished', async () => {
    const wished = await xml(rest, '--inactive');
    await host.virsh('setmaxmem', await uid(rest), '96M', '--config');
    await host.virsh('detach-interface', await uid(rest), 'network', '--config');
    await until('its definition is back', async () => same(await xml(rest, '--inactive'), wished), WAIT);
    const renamed = wished.replace(/(<source pool='[^']*' volume=')[^']*/, '$1other.qcow2');
    expect(renamed).not.toBe(wished);
    writeFileSync(join(host.dir, 'renamed.xml'), renamed);
    await host.virsh('define', join(host.dir, 'renamed.xml'));
    await until('its disk is its own', async () => same(await xml(rest, '--inactive'), wished), WAIT);
  });

  chapter('a NIC that is pulled out is plugged in again, with its address', async () => {
    const before = await mac();
    await host.virsh('detach-interface', await uid(web), 'network', '--mac', before, '--live', '--config');
    for (const more of [[], ['--inactive']])
      await until('its NIC is back', async () => (await xml(web, ...more)).includes(before), WAIT);
    await api.reads(web, 'True Ready');
    expect(await mac()).toBe(before);
  });

  chapter(
    'a network that is undefined, and then undefined and destroyed, comes back with its guests on it',
    async () => {
      const name = await uid(lan);
      const runs = async () => (await host.virsh('net-list', '--name')).includes(name);
      const persistent = async () => /Persistent: +yes/.test(await host.virsh('net-info', name).catch(() => ''));
      await host.virsh('net-undefine', name);
      await until('it is defined under its guests', persistent, WAIT);
      expect(await plugged(host, await uid(web))).toBe(true);
      await startedAnew();
      // In this order: libvirt forgets a bridge that it is just making when its network is undefined meanwhile.
      await host.virsh('net-undefine', name);
      await host.virsh('net-destroy', name);
      await until('it runs', async () => (await runs()) && (await persistent()), WAIT);
      await api.reads(lan, 'True Ready');
      await until('its NIC is on the bridge', async () => plugged(host, await uid(web)), WAIT);
    },
  );

  chapter('a pool that is undefined is there again with all that lies in it', async () => {
    const name = await uid(pool);
    const before = await host.virsh('vol-list', name);
    // Between the two words it may be started again, and what runs cannot be undefined.
    const taken = async () => {
      await host.virsh('pool-destroy', name).catch(() => undefined);
      return host.virsh('pool-undefine', name).catch(() => undefined);
    };
    await until('virsh was quick enough', async () => (await taken()) !== undefined, WAIT);
    await until('it runs', async () => (await host.virsh('pool-list', '--name')).includes(name), WAIT);
    for (const key of [pool, disk, web]) await api.reads(key, 'True Ready');
    expect(await host.virsh('vol-list', name)).toBe(before);
  });

  chapter('a file of a disk that somebody removes is named, and never made anew in silence', async () => {
    const { metadata } = (await api.get('Volume', 'rest-root')) ?? {};
    const file = host.outside(`${POOL_PATH}/${metadata?.uid}.qcow2`);
    rmSync(file);
    await api.reads({ kind: 'Volume', name: 'rest-root' }, /^False (ApprovalRequired|DataLost)$/);
    expect(existsSync(file)).toBe(false);
  });

  chapter(
    'snapshots by hand, a saved state and an autostart mark stop no deletion; nothing of it is left',
    async () => {
      await host.virsh('snapshot-create-as', await uid(web), 'by-hand');
      await host.virsh('autostart', await uid(web));
      await host.virsh('managedsave', await uid(web));
      await api.remove(web, rest, lan, pool);
      for (const key of [web, rest, lan, pool]) await api.gone(key);
      const somebodys = { domains: ['somebodys'], networks: ['somebodys'], pools: ['somebodys'] };
      expect(await holdingsOf(host, POOL_PATH)).toEqual({ ...NOTHING, ...somebodys });
    },
  );

  chapter('what is not Steward’s is as it was', async () => {
    expect(await foreignOf(host)).toBe(foreign);
  });
});

function machine(name: string, more: object) {
  const spec = {
    cpus: 1,
    memoryMiB: 64,
    stopTimeoutSeconds: 0,
    disks: [{ name: 'root', sizeGiB: 1 }],
    nics: [{ name: 'eth0', network: 'lan' }],
  };
  return { kind: 'VirtualMachine', metadata: { name }, spec: { ...spec, ...more } };
}

/** A machine, a network and a pool of somebody else. */
async function makeForeign(host: LabHost): Promise<string> {
  const files = {
    domain:
      "<domain type='qemu'><name>somebodys</name><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>",
    network:
      "<network><name>somebodys</name><bridge name='virbr9'/><ip address='10.95.0.1' netmask='255.255.255.0'/></network>",
    pool: "<pool type='dir'><name>somebodys</name><target><path>/var/lib/libvirt/boot</path></target></pool>",
  };
  for (const [kind, text] of Object.entries(files)) writeFileSync(join(host.dir, `${kind}.xml`), text);
  await host.virsh('define', join(host.dir, 'domain.xml'));
  await host.virsh('net-define', join(host.dir, 'network.xml'));
  await host.virsh('pool-define', join(host.dir, 'pool.xml'));
  return foreignOf(host);
}

async function foreignOf(host: LabHost): Promise<string> {
  const [domain, network, pool] = [['dumpxml'], ['net-dumpxml'], ['pool-dumpxml']];
  const texts = [];
  for (const words of [domain, network, pool]) texts.push(await host.virsh(...(words as string[]), 'somebodys'));
  return texts.join('\n');
}

/** libvirt numbers what it defines anew in places that mean nothing. */
function same(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ').replaceAll(/<(address|alias)[^>]*>/g, '');
  return plain(one) === plain(other);
}

/** The guest's tap is a port of the network's bridge. */
async function plugged(host: LabHost, uid: string): Promise<boolean> {
  const [tap = ''] = (await host.virsh('domiflist', uid)).trim().split(/\s+/);
  return (await host.exec(['ls', `/sys/class/net/${tap}`])).split(/\s+/).includes('master');
}
