import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../../test/lab/command.ts';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { errorCode } from './error-codes.ts';
import { LibvirtError } from './errors.ts';
import { events } from './events.ts';
import {
  affect,
  domainFlags,
  domainJobType,
  domainMemoryStat,
  domainState,
  domainStats,
  migrateFlags,
} from './flags.ts';
import type { Procedure, StreamProcedure } from './procedure.ts';
import { procedures } from './procedures.ts';
import type { DomainRef } from './refs.ts';
import { openSession } from './session.ts';
import type { Session } from './session-types.ts';
import { valuesOf } from './typed-params.ts';

type Table = typeof procedures;
type ArgsOf<P> = P extends Procedure<infer A, infer _> ? A : never;
type Samples = { [K in keyof Table]: ArgsOf<Table[K]> };

/** Things that do not exist, so that every call can be made and none does anything. */
const domain = { name: 'ghost', uuid: randomUUID(), id: -1 };
const network = { name: 'ghost', uuid: randomUUID() };
const pool = { name: 'ghost', uuid: randomUUID() };
const volume = { pool: 'ghost', name: 'ghost', key: '/ghost' };
const flags = 0;
const xml = '<ghost/>';
const ofDomain = { domain, flags };
const ofNetwork = { network };
const ofPool = { pool, flags };
const range = { volume, offset: 0, length: 0, flags };
const list = { needResults: true, flags };
const params = [{ field: 'bandwidth', value: { type: 'ullong', value: 1 } }] as const;
const cookieIn = new Uint8Array();

/** Arguments for every procedure there is: leaving one out does not compile. */
const samples: Samples = {
  authList: {},
  authPolkit: {},
  connectOpen: { name: null, flags },
  connectClose: {},
  connectGetType: {},
  connectGetVersion: {},
  connectGetLibVersion: {},
  connectGetHostname: {},
  connectGetUri: {},
  connectGetCapabilities: {},
  connectSupportsFeature: { feature: 16 },
  connectGetMaxVcpus: { type: 'qemu' },
  connectGetDomainCapabilities: { emulatorBinary: null, arch: 'x86_64', machine: null, virtType: 'qemu', flags },
  connectListAllDomains: list,
  connectListAllNetworks: list,
  connectListAllStoragePools: list,
  nodeGetInfo: {},
  nodeGetFreeMemory: {},
  nodeGetCpuStats: { cpu: -1, paramCount: 0, flags },
  nodeGetMemoryStats: { cell: -1, paramCount: 0, flags },
  domainDefineXmlFlags: { xml, flags },
  domainCreateWithFlags: ofDomain,
  domainCreateXml: { xml, flags },
  domainDestroyFlags: ofDomain,
  domainShutdownFlags: ofDomain,
  domainReboot: ofDomain,
  domainReset: ofDomain,
  domainSuspend: { domain },
  domainResume: { domain },
  domainUndefineFlags: ofDomain,
  domainGetXmlDesc: ofDomain,
  domainGetInfo: { domain },
  domainGetState: ofDomain,
  domainGetControlInfo: ofDomain,
  domainIsActive: { domain },
  domainIsPersistent: { domain },
  domainSetAutostart: { domain, autostart: true },
  domainGetAutostart: { domain },
  domainLookupByUuid: { uuid: domain.uuid },
  domainLookupByName: { name: 'ghost' },
  domainLookupById: { id: 4711 },
  domainRename: { domain, newName: 'spirit', flags },
  domainHasManagedSaveImage: ofDomain,
  domainManagedSaveRemove: ofDomain,
  domainGetMetadata: { domain, type: 0, uri: null, flags },
  domainSetMetadata: { domain, type: 0, metadata: 'x', key: null, uri: null, flags },
  domainOpenConsole: { domain, device: null, flags },
  domainOpenChannel: { domain, channel: null, flags },
  domainScreenshot: { domain, screen: 0, flags },
  qemuDomainAgentCommand: { domain, command: '{}', timeoutSeconds: 0, flags },
  domainAttachDeviceFlags: { domain, xml, flags },
  domainDetachDeviceFlags: { domain, xml, flags },
  domainDetachDeviceAlias: { domain, alias: 'x', flags },
  domainUpdateDeviceFlags: { domain, xml, flags },
  domainSetVcpusFlags: { domain, vcpus: 1, flags },
  domainGetVcpusFlags: ofDomain,
  domainSetMemoryFlags: { domain, memoryKiB: 1, flags },
  domainBlockResize: { domain, disk: 'vda', size: 1, flags },
  domainBlockJobAbort: { domain, path: 'vda', flags },
  domainGetBlockJobInfo: { domain, path: 'vda', flags },
  connectGetAllDomainStats: { domains: [], stats: domainStats.state, flags },
  domainBlockStats: { domain, path: 'vda' },
  domainGetBlockInfo: { domain, path: 'vda', flags },
  domainInterfaceStats: { domain, device: 'vnet0' },
  domainMemoryStats: { domain, maxStats: 13, flags },
  domainInterfaceAddresses: { domain, source: 0, flags },
  domainAbortJob: { domain },
  domainGetJobInfo: { domain },
  domainBackupBegin: { domain, backupXml: xml, checkpointXml: null, flags },
  domainBackupGetXmlDesc: ofDomain,
  domainGetJobStats: ofDomain,
  domainMigrateBegin3Params: { domain, params, flags },
  domainMigratePrepare3Params: { params, cookieIn, flags },
  domainMigratePerform3Params: {
    domain,
    destinationUri: 'qemu:///ghost',
    params,
    cookieIn,
    flags: migrateFlags.peerToPeer,
  },
  domainMigrateFinish3Params: { params, cookieIn, flags, cancelled: true },
  domainMigrateConfirm3Params: { domain, params, cookieIn, flags, cancelled: true },
  domainMigrateSetMaxSpeed: { domain, bandwidth: 1, flags },
  domainMigrateSetMaxDowntime: { domain, downtimeMs: 1, flags },
  networkDefineXml: { xml },
  networkDefineXmlFlags: { xml, flags },
  networkCreate: ofNetwork,
  networkDestroy: ofNetwork,
  networkUndefine: ofNetwork,
  networkGetXmlDesc: { network, flags },
  networkUpdate: { network, command: 1, section: 4, parentIndex: -1, xml, flags },
  networkSetAutostart: { network, autostart: true },
  networkGetAutostart: ofNetwork,
  networkLookupByUuid: { uuid: network.uuid },
  networkLookupByName: { name: 'ghost' },
  networkIsActive: ofNetwork,
  networkIsPersistent: ofNetwork,
  networkGetBridgeName: ofNetwork,
  networkListAllPorts: { network, needResults: true, flags },
  networkGetDhcpLeases: { network, mac: null, needResults: true, flags },
  storagePoolDefineXml: { xml, flags },
  storagePoolCreate: ofPool,
  storagePoolDestroy: { pool },
  storagePoolUndefine: { pool },
  storagePoolBuild: ofPool,
  storagePoolDelete: ofPool,
  storagePoolRefresh: ofPool,
  storagePoolGetInfo: { pool },
  storagePoolGetXmlDesc: ofPool,
  storagePoolLookupByName: { name: 'ghost' },
  storagePoolLookupByUuid: { uuid: pool.uuid },
  storagePoolLookupByVolume: { volume },
  storagePoolLookupByTargetPath: { path: '/ghost' },
  storagePoolSetAutostart: { pool, autostart: true },
  storagePoolGetAutostart: { pool },
  storagePoolIsActive: { pool },
  storagePoolListAllVolumes: { pool, needResults: true, flags },
  storageVolumeCreateXml: { pool, xml, flags },
  storageVolumeCreateXmlFrom: { pool, xml, source: volume, flags },
  storageVolumeDelete: { volume, flags },
  storageVolumeLookupByName: { pool, name: 'ghost' },
  storageVolumeLookupByKey: { key: '/ghost' },
  storageVolumeLookupByPath: { path: '/ghost' },
  storageVolumeGetInfo: { volume },
  storageVolumeGetInfoFlags: { volume, flags },
  storageVolumeGetXmlDesc: { volume, flags },
  storageVolumeGetPath: { volume },
  storageVolumeResize: { volume, capacity: 1, flags },
  storageVolumeWipe: { volume, flags },
  storageVolumeUpload: range,
  storageVolumeDownload: range,
  domainEventRegister: { eventId: 0, domain: null },
  domainEventDeregister: { callbackId: 4711 },
  networkEventRegister: { eventId: 0, network },
  networkEventDeregister: { callbackId: 4711 },
  storagePoolEventRegister: { eventId: 0, pool: null },
  storagePoolEventDeregister: { callbackId: 4711 },
};
/** Opening twice, authenticating and closing are for the connection alone. */
const notHere = new Set(['authPolkit', 'connectOpen', 'connectClose']);

describe('the table of procedures', () => {
  it('gives every name its own number', () => {
    const all = Object.entries(procedures);
    expect(all.map(([key, { name }]) => [key, name])).toEqual(all.map(([key]) => [key, key]));
    expect(new Set(all.map(([, { program, number }]) => `${program}/${number}`)).size).toBe(all.length);
  });

  it('gives every event its own number', () => {
    const all = Object.entries(events);
    expect(all.map(([key, { name }]) => [key, name])).toEqual(all.map(([key]) => [key, key]));
    expect(new Set(all.map(([, { number }]) => number)).size).toBe(all.length);
  });
});

// Daemons on a busy machine take their time.
jest.setTimeout(60_000);

describeReal('the procedures and a real qemu driver', labParts, () => {
  let host: LabHost;
  let session: Session;

  beforeAll(async () => {
    host = await startLabHost({ name: 'guests' });
    // libvirt locks a console's device there.
    await host.exec(['mkdir', '-p', '/run/lock']);
    session = openSession({ uri: host.uri });
    await session.connected(20_000);
  }, 120_000);

  afterAll(async () => {
    await session.close();
    await host.stop();
  }, 60_000);

  it('understand each other in every call', async () => {
    const misunderstood: string[] = [];
    for (const [name, args] of Object.entries(samples)) {
      if (notHere.has(name)) continue;
      const procedure = procedures[name as keyof Table] as StreamProcedure<unknown, unknown>;
      const made = procedure.stream ? session.openStream(procedure, args) : session.call(procedure, args);
      const error: unknown = await made.then(
        () => null,
        (reason: unknown) => reason,
      );
      // libvirtd answers RPC to arguments that it cannot decode, and to procedures that it does not have.
      const understood = error === null || (error instanceof LibvirtError && error.code !== errorCode.RPC);
      if (!understood) misunderstood.push(`${name}: ${String(error)}`);
    }
    expect(misunderstood).toEqual([]);
  }, 60_000);

  it('read what a running machine says of itself', async () => {
    const machine = await start('figures');
    await expect(session.call(procedures.domainGetInfo, { domain: machine })).resolves.toMatchObject({
      state: domainState.running,
      maxMemoryKiB: 98_304,
      vcpus: 1,
    });
    const control = await session.call(procedures.domainGetControlInfo, { domain: machine, flags });
    expect(control.state).toBe(0);
    const blocks = await session.call(procedures.domainBlockStats, { domain: machine, path: 'vda' });
    expect(blocks.readBytes).toBeGreaterThanOrEqual(0);
    await expect(
      session.call(procedures.domainGetBlockInfo, { domain: machine, path: 'vda', flags }),
    ).resolves.toMatchObject({ capacity: 1_048_576 });
    const memory = await session.call(procedures.domainMemoryStats, { domain: machine, maxStats: 13, flags });
    expect(new Map(memory.stats.map(({ tag, value }) => [tag, value])).get(domainMemoryStat.actualBalloon)).toBe(
      98_304,
    );
    const { records } = await session.call(procedures.connectGetAllDomainStats, {
      domains: [machine],
      stats: domainStats.state | domainStats.balloon | domainStats.vcpu | domainStats.block | domainStats.cpuTotal,
      flags,
    });
    const stats = valuesOf(records[0]?.params ?? []);
    expect(stats.get('balloon.maximum')).toBe(98_304);
    expect(stats.get('block.0.name')).toBe('vda');
    expect(stats.get('cpu.time')).toBeGreaterThan(0);
    const job = await session.call(procedures.domainGetJobInfo, { domain: machine });
    expect(job.type).toBe(domainJobType.none);
    await stop(machine);
  }, 60_000);

  it('change a running machine', async () => {
    const machine = await start('changing');
    await session.call(procedures.domainSuspend, { domain: machine });
    const paused = await session.call(procedures.domainGetState, { domain: machine, flags });
    expect(paused.state).toBe(domainState.paused);
    await session.call(procedures.domainResume, { domain: machine });
    await session.call(procedures.domainReset, { domain: machine, flags });

    const size = 2 * 1_048_576;
    const resize = { domain: machine, disk: 'vda', size, flags: domainFlags.blockResizeBytes };
    await session.call(procedures.domainBlockResize, resize);
    await expect(
      session.call(procedures.domainGetBlockInfo, { domain: machine, path: 'vda', flags }),
    ).resolves.toMatchObject({ capacity: size });

    const added: string[] = [];
    const subscription = session.subscribe(events.domainDeviceAdded, ({ alias }) => added.push(alias));
    await subscription.ready;
    const device = `<rng model='virtio'><backend model='random'>/dev/urandom</backend><alias name='ua-dice'/></rng>`;
    await session.call(procedures.domainAttachDeviceFlags, { domain: machine, xml: device, flags: affect.live });
    await until('the event of the new device', () => added.includes('ua-dice'));
    subscription.close();

    await session.call(procedures.domainSetVcpusFlags, {
      domain: machine,
      vcpus: 2,
      flags: affect.config | domainFlags.vcpuMaximum,
    });
    const { xml: inactive } = await session.call(procedures.domainGetXmlDesc, {
      domain: machine,
      flags: domainFlags.xmlInactive,
    });
    expect(inactive).toContain(`>2</vcpu>`);
    await stop(machine);
  }, 60_000);

  it('carry a screenshot and a console as streams', async () => {
    const machine = await start('shown');
    const picture: Uint8Array[] = [];
    const shot = session.download(procedures.domainScreenshot, { domain: machine, screen: 0, flags });
    for await (const chunk of shot) picture.push(chunk);
    // A PNG where qemu can make one, else a PPM.
    expect(Buffer.concat(picture).subarray(0, 4).toString('latin1')).toMatch(/^(\x89PNG|P6)/);

    const args = { domain: machine, device: null, flags: domainFlags.consoleForce };
    const { stream } = await session.openStream(procedures.domainOpenConsole, args);
    await stream.write(Buffer.from('hello\r'));
    const ended = (async () => {
      for await (const piece of stream) expect(piece).toBeDefined();
    })();
    await stop(machine);
    await expect(ended).resolves.toBeUndefined();
    await stream.abort();
  }, 60_000);

  async function start(name: string): Promise<DomainRef> {
    await host.exec(['truncate', '--size=1M', `/var/lib/libvirt/images/${name}.img`]);
    const { domain: defined } = await session.call(procedures.domainDefineXmlFlags, {
      xml: machineXml(name),
      flags: domainFlags.defineValidate,
    });
    return (await session.call(procedures.domainCreateWithFlags, { domain: defined, flags }, { timeoutMs: 60_000 }))
      .domain;
  }

  async function stop(machine: DomainRef): Promise<void> {
    await session.call(procedures.domainDestroyFlags, { domain: machine, flags }, { timeoutMs: 60_000 });
    await session.call(procedures.domainUndefineFlags, { domain: machine, flags });
  }
});

/** A machine of firmware alone, which idles. */
const machineXml = (name: string): string => `
<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>96</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/var/lib/libvirt/images/${name}.img'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <serial type='pty'><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <video><model type='vga'/></video>
    <graphics type='vnc' autoport='yes'><listen type='none'/></graphics>
    <memballoon model='virtio'/>
  </devices>
</domain>`;
