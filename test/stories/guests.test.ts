import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import type { JsonObject } from '../../reconciler/json.ts';
import { type GuestImage, guestImage } from '../guest/build.ts';
import { guestLines, untilGuestSays } from '../guest/serial-log.ts';
import { until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, guestParts, labParts } from '../real-parts.ts';
import type { Api, Key, Seen } from './fixtures/api.ts';
import { chapters } from './fixtures/chapters.ts';
import { holdingsOf, NOTHING } from './fixtures/leftovers.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(300_000);

const POOL_PATH = '/var/lib/libvirt/images/main';
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0';
const web: Key = { kind: 'VirtualMachine', name: 'web' };
const db: Key = { kind: 'VirtualMachine', name: 'db' };

/** One installation, one real host, two real guests; the chapters follow each other. */
describeReal('three manifests become guests', [...labParts, ...guestParts, 'embeddedPostgres'], () => {
  const chapter = chapters();
  let host: LabHost;
  let steward: Steward;
  let api: Api;
  beforeAll(async () => {
    const image = await guestImage();
    host = await startLabHost({ name: 'solo' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    steward = await startSteward({ imageFolders: [dirname(image.disk)] });
    api = steward.api;
    await api.apply([
      { kind: 'Host', metadata: { name: 'solo' }, spec: { uri: host.uri, cpuOvercommitPercent: 400 } },
      { kind: 'StoragePool', metadata: { name: 'main' }, spec: { path: POOL_PATH, hosts: ['solo'] } },
    ]);
    await api.reads({ kind: 'StoragePool', name: 'main' }, 'True Ready');
    for (const [file, text] of Object.entries(manifests(image))) writeFileSync(join(steward.manifests, file), text);
  });
  afterAll(async () => {
    await steward?.close();
    await host?.stop();
  });

  const machine = (key: Key) => api.reads(key, 'True Ready');
  const uid = async (key: Key) => (await api.get(key.kind, key.name))?.metadata.uid ?? '';
  const logOf = async (key: Key) => host.outside(`/var/log/libvirt/qemu/${await uid(key)}.serial.log`);
  const says = async (key: Key, line: RegExp) =>
    untilGuestSays(await logOf(key), line, { timeoutMs: 120_000 }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\nWhat was done for it: ${await api.deeds(key)}`);
    });
  const times = async (key: Key, line: string) =>
    guestLines(readFileSync(await logOf(key), 'utf8')).filter((said) => said === line).length;
  const nic = (seen: Seen, index: number) => (seen.status.nics as { mac: string; ip: string }[])[index];
  const again = (key: Key, line: string, before: number) =>
    until(`${key.name} says ${line} again`, async () => (await times(key, line)) > before, { timeoutMs: 180_000 });
  const state = async (key: Key) => (await host.virsh('domstate', await uid(key))).trim();
  const change = (key: Key, spec: JsonObject, more: JsonObject = {}) =>
    api.apply([{ kind: key.kind, metadata: { name: key.name }, spec }], more);

  /** Typed on the guest's serial console. */
  async function type(key: Key, line: string): Promise<void> {
    const [path] = (await host.virsh('ttyconsole', await uid(key))).trim().split('\n');
    const terminal = await open(path ?? '', 'r+');
    await terminal.write(`${line}\n`);
    // qemu notices about once a second whether somebody has the terminal open.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await terminal.close();
  }

  async function expectPingByName(word: string): Promise<void> {
    await type(web, `until ping -c 1 -W 2 db; do sleep 1; done; echo STEWARD-GUEST ${word}-$((40 + 2))`);
    await says(web, new RegExp(`^${word}-42$`));
  }

  chapter('boot the image, read their seed and have the addresses that were allocated', async () => {
    for (const key of [web, db]) {
      const seen = await machine(key);
      await says(key, /^ready$/);
      await says(key, new RegExp(`^hostname=${key.name}$`));
      await says(key, new RegExp(`^key=${PUBLIC_KEY.replaceAll('+', '\\+')}$`));
      await says(key, new RegExp(`^address eth0 ${nic(seen, 0)?.ip}/24$`));
    }
    expect(nic(await machine(web), 0)?.ip).toBe('10.91.0.20');
  });

  chapter('answer each other by name', async () => {
    await says(web, /^ping db ok 10\.91\.0\./);
    await says(db, /^ping web\.lab\.internal ok 10\.91\.0\.20$/);
  });

  chapter('a destroyed guest is started again', async () => {
    const [before, run] = [await times(web, 'ready'), (await machine(web)).status.runId];
    await host.virsh('destroy', await uid(web));
    await again(web, 'ready', before);
    expect((await machine(web)).status.runId).not.toBe(run);
  });

  chapter('a definition that is taken away under a running guest comes back, and the guest runs on', async () => {
    const { status } = await machine(db);
    await host.virsh('undefine', await uid(db));
    const persistent = async () => /Persistent: +yes/.test(await host.virsh('dominfo', await uid(db)));
    await until('it is defined again', persistent, { timeoutMs: 60_000 });
    expect((await machine(db)).status.runId).toBe(status.runId);
  });

  chapter('a guest that is destroyed and undefined is made again on the same disk with the same address', async () => {
    const [before, address] = [await times(db, 'ready'), nic(await machine(db), 0)];
    await host.virsh('destroy', await uid(db));
    await host.virsh('undefine', await uid(db));
    await again(db, 'ready', before);
    expect(nic(await machine(db), 0)).toMatchObject({ mac: address?.mac, ip: address?.ip });
  });

  // The repair is quicker than the guest's own look at its hardware, so the host is asked, and the guest reads the disk.
  chapter('a disk that is pulled out is plugged in again', async () => {
    await host.virsh('detach-disk', await uid(web), 'vdb', '--live', '--config');
    for (const more of [[], ['--inactive']]) {
      const back = async () => (await host.virsh('domblklist', await uid(web), ...more)).includes('vdb');
      await until('the disk is back', back, { timeoutMs: 60_000 });
    }
    await machine(web);
    await type(web, 'until dd if=/dev/vdb of=/dev/null count=1; do sleep 1; done; echo STEWARD-GUEST read-$((40 + 2))');
    await says(web, /^read-42$/);
  });

  chapter('a network that is stopped is started, and the guests are on it again', async () => {
    const name = await uid({ kind: 'Network', name: 'lan' });
    await host.virsh('net-destroy', name);
    await until('the network runs', async () => (await host.virsh('net-list', '--name')).includes(name), {
      timeoutMs: 60_000,
    });
    await machine(web);
    await machine(db);
    await expectPingByName('after-network');
  });

  chapter('grows in CPU and memory while it runs, once the folder is overruled by name', async () => {
    const issues = await api.tryApply([{ kind: 'VirtualMachine', metadata: { name: 'web' }, spec: { cpus: 2 } }]);
    expect(issues.map(({ path, message }) => [path, message])).toEqual([
      ['/spec/cpus', expect.stringMatching(/^is 1, set by .*; 2 was asked for/)],
    ]);
    const { status } = await machine(web);
    await change(web, { cpus: 2, memoryMiB: 192 }, { takeOver: true });
    await says(web, /^cpus=2 mem_kib=1[5-9]\d{4}$/);
    expect((await machine(web)).status).toMatchObject({ runId: status.runId, cpus: 2, memoryMiB: 192 });
  });

  chapter('names every cause of a restart that it needs, and takes it back with the wish', async () => {
    await change(web, { cpus: 2, memoryMiB: 192, vnc: false, cpuModel: 'qemu64' });
    const needs = await api.reads(web, 'True RestartRequired', { type: 'RestartRequired' });
    const found = needs.status.conditions.find(({ type: of }) => of === 'RestartRequired');
    expect(String(found?.params.causes)).toMatch(/cpuModel.*vnc|vnc.*cpuModel/);
    await change(web, { cpus: 2, memoryMiB: 192 });
    await api.reads(web, 'False NoRestartRequired', { type: 'RestartRequired' });
    await machine(web);
  });

  chapter('sees its disk grow', async () => {
    await change({ kind: 'Volume', name: 'web-root' }, { sizeGiB: 2 });
    await says(web, /^disk vda sectors=4194304 /);
    await api.reads({ kind: 'Volume', name: 'web-root' }, 'True Ready');
  });

  chapter('gets a second NIC while it runs', async () => {
    const nics = [
      { name: 'eth0', network: 'lan', ip: '10.91.0.20' },
      { name: 'eth1', network: 'lan' },
    ];
    await change(web, { cpus: 2, memoryMiB: 192, nics }, { takeOver: true });
    const seen = await machine(web);
    await says(web, new RegExp(`^nic eth1 mac=${nic(seen, 1)?.mac}$`));
    await says(web, new RegExp(`^address eth1 ${nic(seen, 1)?.ip}/24$`));
  });

  chapter('reboots when it is asked to, once a token', async () => {
    const before = await times(db, 'ready');
    await api.request(db, 'reboot', 'story-1');
    await again(db, 'ready', before);
    await api.request(db, 'reboot', 'story-1');
    await machine(db);
    expect(await times(db, 'ready')).toBe(before + 1);
  });

  chapter('is stopped by its power button, and stays defined when its definition is taken away', async () => {
    const before = await times(db, 'poweroff');
    await change(db, { runStrategy: 'Halted' });
    await again(db, 'poweroff', before);
    await machine(db);
    expect(await state(db)).toBe('shut off');
    await host.virsh('undefine', await uid(db));
    await until('it is defined again', async () => (await state(db).catch(() => '')) === 'shut off', {
      timeoutMs: 60_000,
    });
  });

  chapter('are kept when the folder is suddenly empty, and go when that is wished', async () => {
    const source: Key = { kind: 'Source', name: 'manifests' };
    for (const file of readdirSync(steward.manifests)) rmSync(join(steward.manifests, file));
    const kept = await api.reads(source, /^False /);
    expect(kept.status.conditions.map(({ message }) => message).join()).toContain('allowEmpty');
    expect(await api.get('Network', 'lan')).not.toBeNull();
    await change(source, { allowEmpty: true });
    await api.remove(web, db, { kind: 'Volume', name: 'web-root' });
    for (const key of [web, db, { kind: 'Volume', name: 'web-root' }, { kind: 'Network', name: 'lan' }, image])
      await api.gone(key);
    await api.remove({ kind: 'StoragePool', name: 'main' });
    await api.gone({ kind: 'StoragePool', name: 'main' });
  });

  chapter('leave nothing behind', async () => {
    expect(await holdingsOf(host, POOL_PATH)).toEqual(NOTHING);
  });
});

const image: Key = { kind: 'Image', name: 'guest' };

function manifests({ checksum }: GuestImage): Record<string, string> {
  return {
    '10-network.yaml': `kind: Network
metadata: {name: lan}
spec: {cidr: 10.91.0.0/24, domain: lab.internal}
`,
    '20-storage.yaml': `kind: Image
metadata: {name: guest}
spec:
  source: {file: guest.qcow2}
  checksum: sha256:${checksum}
---
kind: Volume
metadata: {name: web-root}
spec: {image: guest}
---
kind: ComputeOffering
metadata: {name: small}
spec: {minCpus: 1, maxCpus: 2, minMemoryMiB: 96, maxMemoryMiB: 256}
---
kind: SshKey
metadata: {name: admin}
spec: {publicKey: ${PUBLIC_KEY} admin}
`,
    '30-machines.yaml': `kind: VirtualMachine
metadata: {name: web}
spec:
  offering: small
  cpus: 1
  maxCpus: 2
  memoryMiB: 128
  maxMemoryMiB: 256
  sshKeys: [admin]
  userData: "#cloud-config\\n# steward-ping: db\\n"
  disks:
    - {name: root, volume: web-root}
    - {name: data, sizeGiB: 1}
  nics:
    - {name: eth0, network: lan, ip: 10.91.0.20}
---
kind: VirtualMachine
metadata: {name: db}
spec:
  offering: small
  cpus: 1
  memoryMiB: 96
  sshKeys: [admin]
  userData: "#cloud-config\\n# steward-ping: web.lab.internal\\n"
  disks:
    - {name: root, image: guest}
  nics:
    - {name: eth0, network: lan}
`,
  };
}
