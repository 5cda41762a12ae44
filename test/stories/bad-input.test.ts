import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { EXIT } from '../../cmd/exit-codes.ts';
import { steward as run } from '../../cmd/fixtures/running.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { command, until } from '../lab/command.ts';
import type { LabHost } from '../lab/host.ts';
import { startLabHost } from '../lab/lab.ts';
import { describeReal, labParts } from '../real-parts.ts';
import type { Api, Manifest } from './fixtures/api.ts';
import { holdingsOf } from './fixtures/leftovers.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(200_000);

const POOL_PATH = '/var/lib/libvirt/images/main';

describeReal('what is wrong is refused with its place, value and remedy', [...labParts, 'embeddedPostgres'], () => {
  let host: LabHost;
  let steward: Steward;
  let api: Api;
  let images: string;
  beforeAll(async () => {
    host = await startLabHost({ name: 'calm' });
    await host.exec(['mkdir', '-p', '/run/lock']);
    images = mkdtempSync(join(tmpdir(), 'steward-images-'));
    await command('qemu-img', ['create', '-q', '-f', 'qcow2', join(images, 'base.qcow2'), '1G']);
    steward = await startSteward({ imageFolders: [images], resyncMs: 3_000 });
    api = steward.api;
    await api.apply([
      { kind: 'Host', metadata: { name: 'calm' }, spec: { uri: host.uri } },
      { kind: 'StoragePool', metadata: { name: 'main' }, spec: { path: POOL_PATH, hosts: ['calm'] } },
      network('lan', { cidr: '10.93.0.0/24' }),
    ]);
    await api.reads({ kind: 'Network', name: 'lan' }, 'True Ready');
    await api.reads({ kind: 'StoragePool', name: 'main' }, 'True Ready');
  });
  afterAll(async () => {
    await steward?.close();
    await host?.stop();
    rmSync(images, { recursive: true, force: true });
  });

  const KINDS = ['Host', 'StoragePool', 'Network', 'Image', 'Volume', 'VirtualMachine', 'ImageCopy'];
  /** All wishes there are, and all that the host has. */
  const everything = async () => ({
    wishes: (await Promise.all(KINDS.map((kind) => api.list(kind))))
      .flat()
      .map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, generation: metadata.generation, spec })),
    host: await holdingsOf(host, POOL_PATH),
  });

  /** The messages by path of a request that must change nothing. */
  async function refused(manifests: Manifest[], more: JsonObject = {}): Promise<string[]> {
    const before = await everything();
    const issues = await api.tryApply(manifests, more);
    expect(await everything()).toEqual(before);
    expect(issues.length).toBeGreaterThan(0);
    return issues.map(({ key, path, message }) => `${key.kind}/${key.name} ${path}: ${message}`);
  }

  /** What the command says about a file that must change nothing. */
  async function refusedFile(text: string): Promise<string> {
    const before = await everything();
    writeFileSync(join(steward.folder, 'wrong.yaml'), text);
    const { code, out, err } = await run(['apply', '-f', 'wrong.yaml'], { cwd: steward.folder });
    expect([code, out]).toEqual([EXIT.validation, '']);
    expect(await everything()).toEqual(before);
    return err;
  }

  it('wrong values and unknown fields, all at once, also beside what is right', async () => {
    const good = network('fine', { cidr: '10.94.0.0/24' });
    const bad = machine('web', { cpuz: 2, memoryMiB: 'lots', nics: [{ name: 'eth0', network: 'wan' }] });
    expect(await refused([good, bad])).toEqual([
      expect.stringMatching(/^VirtualMachine\/web \/spec\/cpuz: .*did you mean "cpus"/),
      expect.stringMatching(/^VirtualMachine\/web \/spec\/memoryMiB: is "lots"; expected a whole number/),
    ]);
    expect(await refused([good, machine('web', { nics: [{ name: 'eth0', network: 'wan' }] })])).toEqual([
      expect.stringMatching(/^VirtualMachine\/web \/spec\/nics\/0\/network: .*wan/),
    ]);
    const kind = await refused([{ kind: 'Netwrk', metadata: { name: 'x' } }]);
    expect(kind.join()).toMatch(/did you mean "Network"/);
  });

  it('text that is no YAML, with file, line and column', async () => {
    expect(await refusedFile('kind: Network\nmetadata: {name: [}\n')).toMatch(/wrong\.yaml:2:\d+: /);
    expect(await refusedFile('kind: Network\nmetadata: {name: x}\nspec:\n  cdir: 10.95.0.0/24\n')).toMatch(
      /wrong\.yaml:4:3: spec\.cdir: .*did you mean "cidr"/,
    );
  });

  it('documents that are too large, and YAML bombs, without reading them whole', async () => {
    const large = `kind: Network\nmetadata: {name: x, annotations: {a: "${'x'.repeat(1_100_000)}"}}\n`;
    expect(await refusedFile(large)).toMatch(/wrong\.yaml:1:1: .*(1 ?MiB|1048576|bytes)/);
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? '"lol"' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(10).fill(inner).join(', ')}]`;
    });
    expect(await refusedFile(`kind: Network\nmetadata: {name: x}\n${levels.join('\n')}\n`)).toMatch(
      /wrong\.yaml:\d+:\d+: .*(alias|values)/i,
    );
  });

  it('one name twice in a request, and a name that is taken', async () => {
    const twice = await refused([network('one', {}), network('one', { cidr: '10.96.0.0/24' })]);
    expect(twice.join()).toMatch(/Network\/one .*(twice|more than once|already|also)/i);
    const { createNetwork } = await api.query<{ createNetwork: { issues: { message: string }[] } }>(
      `mutation { createNetwork(metadata: {name: "lan"}, spec: {}) { ... on AdmissionFailure { issues { message } } } }`,
    );
    expect(createNetwork.issues.map(({ message }) => message).join()).toMatch(/exists|taken/i);
  });

  it('references that go round in a circle', async () => {
    const circle = `kind: Image
metadata: {name: egg}
spec: {source: {volume: hen}}
---
kind: Volume
metadata: {name: hen}
spec: {image: egg}
`;
    expect(await refusedFile(circle)).toMatch(
      /wrong\.yaml:\d+:\d+: .*refers to itself: .*egg.* → .*hen.* → .*egg; take one of these references out/,
    );
  });

  it('changes of what cannot change', async () => {
    const [issue] = await refused([network('lan', { cidr: '10.97.0.0/24' })]);
    expect(issue).toMatch(/^Network\/lan \/spec\/cidr: .*10\.93\.0\.0\/24/);
  });

  it('networks that cannot be, or are another one’s', async () => {
    expect(await refused([network('n', { cidr: '10.93.0.300/24' })])).toEqual([
      expect.stringMatching(/^Network\/n \/spec\/cidr: is "10\.93\.0\.300\/24"/),
    ]);
    expect(await refused([network('n', { cidr: '10.98.0.7/24' })])).toEqual([
      'Network/n /spec/cidr: 10.98.0.7/24 has host bits: write 10.98.0.0/24.',
    ]);
    expect(await refused([network('n', { cidr: '10.93.0.128/25' })])).toEqual([
      'Network/n /spec/cidr: needs network-cidr/10.93.0.0/24 for itself, which Network "lan" has: choose another value.',
    ]);
  });

  it('a network where the host has a route already waits with its name, and makes nothing', async () => {
    const cidr = host.address.replace(/\.\d+$/, '.0/24');
    await api.apply([network('over', { cidr })]);
    const seen = await api.reads({ kind: 'Network', name: 'over' }, /^False /);
    expect(messages(seen)).toMatch(/in use by interface eth0.* choose another cidr/);
    expect(await host.virsh('net-list', '--name')).not.toContain(seen.metadata.uid);
    await api.remove({ kind: 'Network', name: 'over' });
    await api.gone({ kind: 'Network', name: 'over' });
    expect((await holdingsOf(host, POOL_PATH)).networks).not.toContain(seen.metadata.uid);
  });

  it('a pool that is full says how much is left; no file is made', async () => {
    await api.apply([{ kind: 'Volume', metadata: { name: 'huge' }, spec: { sizeGiB: 65_536, pool: 'main' } }]);
    const seen = await api.reads({ kind: 'Volume', name: 'huge' }, /^False /);
    expect(messages(seen)).toMatch(/65536|NoPool|pools can take/);
    expect(JSON.stringify(seen.status.placement)).toMatch(/PoolFull|NotEnough/);
    expect((await holdingsOf(host, POOL_PATH)).files).toEqual([]);
    await api.remove({ kind: 'Volume', name: 'huge' });
    await api.gone({ kind: 'Volume', name: 'huge' });
  });

  it('an image whose file is missing, or has another digest, makes no volume', async () => {
    const image = (name: string, file: string) => ({
      kind: 'Image',
      metadata: { name },
      spec: { source: { file }, checksum: `sha256:${'0'.repeat(64)}` },
    });
    const volume = (name: string) => ({ kind: 'Volume', metadata: { name }, spec: { image: name, pool: 'main' } });
    await api.apply([
      image('missing', 'nowhere.qcow2'),
      image('forged', 'base.qcow2'),
      volume('missing'),
      volume('forged'),
    ]);
    const missing = await api.reads({ kind: 'Image', name: 'missing' }, /^False Source/);
    expect(messages(missing)).toContain('nowhere.qcow2');
    const refusedCopy = async () => {
      const forged = await api.get('Volume', 'forged');
      return forged !== null && messages(forged).includes('ChecksumMismatch');
    };
    await until('the copy is refused', refusedCopy, { timeoutMs: 60_000 });
    expect((await holdingsOf(host, POOL_PATH)).files).toEqual([]);
    const keys = ['missing', 'forged'].flatMap((name) => ['Volume', 'Image'].map((kind) => ({ kind, name })));
    await api.remove(...keys);
    for (const key of keys) await api.gone(key);
  });

  it('a host that cannot be reached is named with its address, and everything else goes on', async () => {
    const uri = `qemu+unix:///system?socket=${join(steward.folder, 'nobody')}`;
    await api.apply([
      { kind: 'Host', metadata: { name: 'lost' }, spec: { uri } },
      machine('there', { placement: { host: 'lost' } }),
      machine('here', { placement: { host: 'calm' }, stopTimeoutSeconds: 0 }),
    ]);
    const lost = await api.reads({ kind: 'Host', name: 'lost' }, /^(False|Unknown) HostUnreachable/);
    expect(messages(lost)).toContain(uri);
    await api.reads({ kind: 'VirtualMachine', name: 'here' }, 'True Ready');
    const there = await api.reads({ kind: 'VirtualMachine', name: 'there' }, 'False RefNotReady');
    expect(messages(there)).toContain('Host "lost" (at /placement/host) is not ready: HostUnreachable');
    const keys = ['there', 'here'].map((name) => ({ kind: 'VirtualMachine', name }));
    await api.remove(...keys, { kind: 'Host', name: 'lost' });
    for (const key of [...keys, { kind: 'Host', name: 'lost' }]) await api.gone(key);
  });
});

function network(name: string, spec: JsonObject): Manifest {
  return { kind: 'Network', metadata: { name }, spec };
}

function machine(name: string, spec: JsonObject): Manifest {
  return { kind: 'VirtualMachine', metadata: { name }, spec: { cpus: 1, memoryMiB: 64, ...spec } };
}

function messages({ status }: { status: { conditions: { message: string; params: JsonObject }[] } }): string {
  return status.conditions.map(({ message, params }) => `${message} ${JSON.stringify(params)}`).join('\n');
}
