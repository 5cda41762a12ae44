import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ManifestInput } from '../../../reconciler/admission/manifest.ts';
import { PROJECT } from '../../../test/fixtures/cloud.ts';
import type { LabHost } from '../../../test/lab/host.ts';
import { startLabHost } from '../../../test/lab/lab.ts';
import { describeReal, labParts } from '../../../test/real-parts.ts';
import { KEY, machine, network, WEB } from './machine.fixture.ts';
import { createRealCloud, type RealCloud } from './real-cloud.fixture.ts';

const timeoutMs = 120_000;
/** More than a resync of the fixture: time for something to be done again and again, if it were. */
const QUIET_MS = 2_500;

const GROWN = {
  cpus: 2,
  disks: [
    { name: 'root', sizeGiB: 2 },
    { name: 'data', sizeGiB: 1 },
  ],
  nics: [
    { name: 'eth0', network: 'lan' },
    { name: 'eth1', network: 'lan' },
  ],
};

describeReal('machines on real libvirt', labParts, () => {
  let lab: LabHost;
  let cloud: RealCloud;
  beforeAll(async () => {
    lab = await startLabHost({ name: 'machines' });
    cloud = createRealCloud();
    const host = {
      kind: 'Host',
      metadata: { name: 'h1' },
      spec: { uri: lab.uri, cpuOvercommitPercent: 1000, reservedMemoryMiB: 0 },
    };
    const pool = {
      kind: 'StoragePool',
      metadata: { name: 'main' },
      spec: { path: '/var/lib/libvirt/images/main', hosts: ['h1'] },
    };
    const key = { kind: 'SshKey', metadata: { name: 'admin' }, spec: { publicKey: KEY } };
    expect(await cloud.apply([...PROJECT, host, pool, key, network('lan', { forward: 'none' })])).toMatchObject({
      ok: true,
    });
    await cloud.until(async () => (await cloud.ready('Network', 'lan'))?.startsWith('True') === true);
  }, timeoutMs);
  afterAll(async () => {
    await cloud.close();
    await lab.stop();
  }, timeoutMs);

  const small = (more = {}) =>
    machine('web', {
      memoryMiB: 64,
      maxCpus: 2,
      disks: [{ name: 'root', sizeGiB: 1 }],
      nics: [{ name: 'eth0', network: 'lan' }],
      sshKeys: ['admin'],
      stopTimeoutSeconds: 0,
      accelerator: 'tcg',
      ...more,
    });
  const wishes = async (manifests: ManifestInput[]) => expect(await cloud.apply(manifests)).toMatchObject({ ok: true });
  const uid = async () => (await cloud.get('VirtualMachine', 'web'))?.metadata.uid ?? '';
  const becomesReady = async () => {
    await cloud.goOn(100);
    await cloud.until(async () => (await cloud.ready('VirtualMachine', 'web'))?.startsWith('True Ready') === true);
  };
  const isQuiet = async () => {
    const before = cloud.acts.length;
    await cloud.goOn(QUIET_MS);
    expect(cloud.acts.slice(before)).toEqual([]);
    expect(await cloud.ready('VirtualMachine', 'web')).toMatch(/^True Ready/);
  };

  it(
    'a machine with disk, NIC and seed is made, and then nothing is done any more',
    async () => {
      await wishes([small()]);
      await becomesReady();
      expect(await lab.virsh('domstate', await uid())).toContain('running');
      expect(await lab.virsh('domblklist', await uid())).toMatch(/seed-.*\.iso/);
      await isQuiet();
    },
    timeoutMs,
  );

  it.each<[string, (lab: LabHost, uid: string, lan: string) => Promise<unknown>]>([
    ['destroyed', (it, domain) => it.virsh('destroy', domain)],
    ['undefined while it runs', (it, domain) => it.virsh('undefine', domain)],
    ['stripped of its disk', (it, domain) => it.virsh('detach-disk', domain, 'vda', '--config')],
    ['given less memory', (it, domain) => it.virsh('setmem', domain, '32M', '--config')],
    ['cut off from its network', (it, _domain, lan) => it.virsh('net-destroy', lan)],
  ])(
    '%s, it is put right',
    async (_what, deed) => {
      const lan = (await cloud.get('Network', 'lan'))?.metadata.uid ?? '';
      const before = cloud.acts.length;
      await deed(lab, await uid(), lan);
      await cloud.until(async () => cloud.acts.length > before);
      await becomesReady();
      await isQuiet();
      expect(await lab.virsh('domstate', await uid())).toContain('running');
    },
    timeoutMs,
  );

  it(
    'grows while it runs: a disk, a NIC, a CPU, and the disk it has',
    async () => {
      await wishes([small(GROWN)]);
      await becomesReady();
      await isQuiet();
      const xml = await lab.virsh('dumpxml', await uid());
      expect(xml.match(/<interface /g)).toHaveLength(2);
      expect(xml).toContain("<vcpu placement='static'>2</vcpu>");
      expect(await lab.virsh('domblkinfo', await uid(), 'vda', '--human')).toContain('2.000 GiB');
    },
    timeoutMs,
  );

  it(
    'what needs a restart says so, and a restart brings it',
    async () => {
      await wishes([
        small({
          ...GROWN,
          bootOrder: ['network'],
          cpuModel: 'qemu64',
          machineType: 'q35',
          firmware: 'bios',
          vnc: false,
        }),
      ]);
      await cloud.until(
        async () => (await cloud.ready('VirtualMachine', 'web'))?.startsWith('False RestartRequired') === true,
      );
      await cloud.request(WEB, 'restart', 't1');
      await becomesReady();
      await isQuiet();
    },
    timeoutMs,
  );

  it(
    'deleted, it leaves nothing behind',
    async () => {
      const domain = await uid();
      await cloud.remove(WEB);
      await cloud.until(async () => (await cloud.get('VirtualMachine', 'web')) === undefined);
      expect(await lab.virsh('list', '--all', '--uuid')).not.toContain(domain);
      const pool = (await cloud.get('StoragePool', 'main'))?.metadata.uid ?? '';
      expect((await lab.virsh('vol-list', pool)).trim()).toBe('');
      const lan = (await cloud.get('Network', 'lan'))?.metadata.uid ?? '';
      expect(await lab.virsh('net-dumpxml', lan)).not.toContain('<host mac');
    },
    timeoutMs,
  );
});
