import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { until } from '../../../test/lab/command.ts';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { errorCode } from './error-codes.ts';
import { LibvirtError, Unreachable, XdrError } from './errors.ts';
import { events } from './events.ts';
import {
  affect,
  domainLifecycle,
  domainMetadataType,
  domainState,
  domainStats,
  listDomains,
  listStoragePools,
  networkLifecycle,
  storagePoolLifecycle,
  storagePoolState,
  storageVolumeType,
} from './flags.ts';
import { procedures } from './procedures.ts';
import type { DomainRef } from './refs.ts';
import { openSession } from './session.ts';
import type { Session, SessionOptions } from './session-types.ts';
import { valuesOf } from './typed-params.ts';

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal("a session with libvirt's own mock", labParts, () => {
  let host: LabHost;
  const sessions: Session[] = [];

  beforeAll(async () => {
    host = await startLabHost({ name: 'wire', driver: 'test' });
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

  it('says who it talks to', async () => {
    const session = await open();
    await expect(session.call(procedures.connectGetType, {})).resolves.toEqual({ type: 'TEST' });
    await expect(session.call(procedures.connectGetUri, {})).resolves.toEqual({ uri: 'test:///default' });
    const { version } = await session.call(procedures.connectGetLibVersion, {});
    expect(version).toBeGreaterThanOrEqual(9_000_000);
    const node = await session.call(procedures.nodeGetInfo, {});
    expect(node).toMatchObject({ model: 'i686', cpus: 16, memoryKiB: 3_145_728 });
  });

  it('defines and starts a thousand machines through one pipelined connection, and lists them all', async () => {
    const session = await open({ window: 8 });
    const names = Array.from({ length: 1000 }, (_, index) => `many-${index}`);
    const machines = await Promise.all(names.map((name) => startMachine(session, name)));
    expect(machines.map((machine) => machine.name)).toEqual(names);

    const { domains } = await session.call(procedures.connectListAllDomains, allDomains(listDomains.active));
    expect(domains.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const running = new Set(domains.filter(({ id }) => id > 0).map(({ uuid }) => uuid));
    expect(machines.every(({ uuid }) => running.has(uuid))).toBe(true);

    await Promise.all(machines.map((domain) => removeMachine(session, domain)));
    const { count } = await session.call(procedures.connectListAllDomains, {
      needResults: false,
      flags: 0,
    });
    expect(count).toBe(1);
  }, 60_000);

  it('tells refusals apart by code', async () => {
    const session = await open();
    const refused = session.call(procedures.domainLookupByName, { name: 'nobody' });
    await expect(refused).rejects.toBeInstanceOf(LibvirtError);
    await expect(refused).rejects.toMatchObject({
      code: errorCode.NO_DOMAIN,
      codeName: 'NO_DOMAIN',
      procedure: 'domainLookupByName',
      message: expect.stringContaining('Domain not found'),
    });
    await expect(session.call(procedures.networkLookupByName, { name: 'x' })).rejects.toMatchObject({
      codeName: 'NO_NETWORK',
    });
    await expect(session.call(procedures.storagePoolLookupByName, { name: 'x' })).rejects.toMatchObject({
      codeName: 'NO_STORAGE_POOL',
    });
    await expect(session.call(procedures.domainDefineXmlFlags, { xml: '<nonsense', flags: 0 })).rejects.toMatchObject({
      codeName: 'XML_DETAIL',
    });
  });

  it('finds a machine by each of its names and describes it', async () => {
    const session = await open();
    const domain = await startMachine(session, 'described');
    for (const found of [
      await session.call(procedures.domainLookupByName, { name: 'described' }),
      await session.call(procedures.domainLookupByUuid, { uuid: domain.uuid }),
      await session.call(procedures.domainLookupById, { id: domain.id }),
    ]) {
      expect(found.domain).toEqual(domain);
    }
    await expect(session.call(procedures.domainGetState, { domain, flags: 0 })).resolves.toMatchObject({
      state: domainState.running,
    });
    await expect(session.call(procedures.domainGetInfo, { domain })).resolves.toMatchObject({
      state: domainState.running,
      memoryKiB: 1024,
      vcpus: 1,
    });
    const { xml } = await session.call(procedures.domainGetXmlDesc, { domain, flags: 0 });
    expect(xml).toContain(`<uuid>${domain.uuid}</uuid>`);
    await removeMachine(session, domain);
  });

  it('keeps metadata under a namespace of its own', async () => {
    const session = await open();
    const domain = await startMachine(session, 'noted');
    const place = { domain, type: domainMetadataType.element, uri: 'https://steward.test/1', flags: affect.config };
    const metadata = '<owner uid="0190"/>';
    await session.call(procedures.domainSetMetadata, { ...place, metadata, key: 'steward' });
    await expect(session.call(procedures.domainGetMetadata, place)).resolves.toEqual({ metadata });
    await session.call(procedures.domainSetMetadata, { ...place, metadata: null, key: null });
    await expect(session.call(procedures.domainGetMetadata, place)).rejects.toMatchObject({
      codeName: 'NO_DOMAIN_METADATA',
    });
    await removeMachine(session, domain);
  });

  it('reads the state of all machines in one call, with typed parameters', async () => {
    const session = await open();
    const domain = await startMachine(session, 'counted');
    const { records } = await session.call(procedures.connectGetAllDomainStats, {
      domains: [domain],
      stats: domainStats.state,
      flags: 0,
    });
    expect(records.map((record) => record.domain.uuid)).toEqual([domain.uuid]);
    expect(valuesOf(records[0]?.params ?? []).get('state.state')).toBe(domainState.running);
    await removeMachine(session, domain);
  });

  it('works with networks and pools as with machines', async () => {
    const session = await open();
    const { network } = await session.call(procedures.networkDefineXml, { xml: networkXml });
    await session.call(procedures.networkCreate, { network });
    await expect(session.call(procedures.networkIsActive, { network })).resolves.toEqual({ active: true });
    await session.call(procedures.networkSetAutostart, { network, autostart: true });
    await expect(session.call(procedures.networkGetAutostart, { network })).resolves.toEqual({ autostart: true });
    const { networks } = await session.call(procedures.connectListAllNetworks, { needResults: true, flags: 0 });
    expect(networks).toContainEqual(network);
    await session.call(procedures.networkDestroy, { network });
    await session.call(procedures.networkUndefine, { network });

    const { pools } = await session.call(procedures.connectListAllStoragePools, {
      needResults: true,
      flags: listStoragePools.active,
    });
    const [pool] = pools;
    if (!pool) throw new Error('the mock has a pool');
    const info = await session.call(procedures.storagePoolGetInfo, { pool });
    expect(info).toMatchObject({ state: storagePoolState.running, capacity: 107_374_182_400 });
    const { volume } = await session.call(procedures.storageVolumeCreateXml, { pool, xml: volumeXml, flags: 0 });
    const { volumes } = await session.call(procedures.storagePoolListAllVolumes, {
      pool,
      needResults: true,
      flags: 0,
    });
    expect(volumes).toContainEqual(volume);
    await expect(session.call(procedures.storageVolumeGetInfo, { volume })).resolves.toEqual({
      type: storageVolumeType.file,
      capacity: 1_048_576,
      allocation: 0,
    });
    await session.call(procedures.storageVolumeDelete, { volume, flags: 0 });
  });

  it('refuses an argument that breaks the protocol, naming it, before anything is sent', async () => {
    const session = await open();
    const badName = session.call(procedures.domainLookupByName, { name: 'a\0b' });
    await expect(badName).rejects.toThrow(XdrError);
    await expect(badName).rejects.toThrow('name: a string with a NUL');
    await expect(session.call(procedures.domainLookupByUuid, { uuid: 'short' })).rejects.toThrow('uuid: a UUID must');
    await expect(session.call(procedures.domainLookupById, { id: 1.5 })).rejects.toThrow('id: 1.5 is not');
    await expect(session.call(procedures.connectGetUri, {})).resolves.toBeDefined();
  });

  it('hears of every change, and of none after it stopped listening', async () => {
    const session = await open();
    const other = await open();
    const heard: string[] = [];
    const word = new Map<number, string>(Object.entries(domainLifecycle).map(([name, number]) => [number, name]));
    const subscription = session.subscribe(events.domainLifecycle, ({ domain, event }) => {
      heard.push(`${domain.name} ${word.get(event)}`);
    });
    await subscription.ready;
    const domain = await startMachine(other, 'watched');
    await removeMachine(other, domain);
    await until('the last event', () => heard.length >= 4);
    expect(heard).toEqual(['watched defined', 'watched started', 'watched stopped', 'watched undefined']);

    subscription.close();
    await removeMachine(other, await startMachine(other, 'unwatched'));
    // Listening again, what comes next comes after all that was not heard. Leaving and coming back at once is no double.
    session.subscribe(events.domainLifecycle, () => heard.push('left')).close();
    const again = session.subscribe(events.domainLifecycle, ({ domain: { name } }) => heard.push(name));
    await again.ready;
    await removeMachine(other, await startMachine(other, 'watched again'));
    await until('the last event again', () => heard.length >= 8);
    expect(heard.slice(4)).toEqual(Array(4).fill('watched again'));
    again.close();
  });

  it('tells each of several listeners once, and goes on for those who stay', async () => {
    const session = await open();
    const heard: string[] = [];
    const [one, two] = ['one', 'two'].map((who) =>
      session.subscribe(events.networkLifecycle, ({ event }) => heard.push(`${who} ${event}`)),
    );
    await Promise.all([one?.ready, two?.ready]);
    const change = async () => {
      const defined = await session.call(procedures.networkDefineXml, { xml: networkXml });
      await session.call(procedures.networkUndefine, defined);
    };
    await change();
    await until('both events at both listeners', () => heard.length >= 4);
    one?.close();
    await change();
    await until('both events at the one that stays', () => heard.length >= 6);
    const { defined, undefined: gone } = networkLifecycle;
    const both = [`one ${defined}`, `two ${defined}`, `one ${gone}`, `two ${gone}`];
    expect(heard).toEqual([...both, `two ${defined}`, `two ${gone}`]);
    two?.close();
  });

  it('hears of networks and pools too', async () => {
    const session = await open();
    const heard: string[] = [];
    const network = session.subscribe(events.networkLifecycle, (event) => heard.push(event.network.name));
    const stopped: string[] = [];
    const cycle = session.subscribe(events.storagePoolLifecycle, ({ pool, event }) => {
      if (event === storagePoolLifecycle.stopped) stopped.push(pool.name);
    });
    const refresh = session.subscribe(events.storagePoolRefresh, (event) => heard.push(event.pool.name));
    await Promise.all([network.ready, refresh.ready, cycle.ready]);
    const defined = await session.call(procedures.networkDefineXml, { xml: networkXml });
    await session.call(procedures.networkUndefine, defined);
    const { pool } = await session.call(procedures.storagePoolLookupByName, { name: 'default-pool' });
    await session.call(procedures.storagePoolRefresh, { pool, flags: 0 });
    await until('three events', () => heard.length >= 3);
    expect(heard).toEqual(['wire-net', 'wire-net', 'default-pool']);
    await session.call(procedures.storagePoolDestroy, { pool });
    await until('the event of the stopped pool', () => stopped.length > 0);
    expect(stopped).toEqual(['default-pool']);
    await session.call(procedures.storagePoolCreate, { pool, flags: 0 });
    cycle.close();
    network.close();
    refresh.close();
  });

  it('is unreachable, and says why, where nothing listens', async () => {
    const uri = `test+unix:///default?socket=${host.dir}/nothing`;
    const session = openSession({ uri, backoff: { firstMs: 5, maxMs: 5 } });
    sessions.push(session);
    await expect(session.connected(200)).rejects.toThrow(/nothing listens at .*nothing; start libvirtd/);
    await expect(session.call(procedures.connectGetUri, {})).rejects.toThrow(Unreachable);
  });

  it('is unreachable, in the words of the server, when the driver does not open', async () => {
    const session = openSession({ uri: host.uri.replace('default', 'other') });
    sessions.push(session);
    await expect(session.connected(300)).rejects.toThrow(/cannot be reached: .*other/);
  });

  it('closes for good', async () => {
    const session = await open();
    await session.close();
    expect(session.state).toEqual({ name: 'closed' });
    await expect(session.call(procedures.connectGetUri, {})).rejects.toThrow('the session was closed');
    await expect(session.connected()).rejects.toThrow(Unreachable);
  });
});

const allDomains = (flags: number) => ({ needResults: true, flags });

const networkXml = `<network><name>wire-net</name><bridge name='wire0'/><ip address='192.0.2.1' netmask='255.255.255.0'/></network>`;
const volumeXml = `<volume><name>wire-volume</name><capacity>1048576</capacity><allocation>0</allocation></volume>`;

const machineXml = (name: string): string =>
  `<domain type='test'><name>${name}</name><memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>`;

async function startMachine(session: Session, name: string): Promise<DomainRef> {
  const { domain } = await session.call(procedures.domainDefineXmlFlags, { xml: machineXml(name), flags: 0 });
  return (await session.call(procedures.domainCreateWithFlags, { domain, flags: 0 })).domain;
}

async function removeMachine(session: Session, domain: DomainRef): Promise<void> {
  await session.call(procedures.domainDestroyFlags, { domain, flags: 0 });
  await session.call(procedures.domainUndefineFlags, { domain, flags: 0 });
}
