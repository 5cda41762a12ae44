import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import { hostNames, hostUri, SHARED_PATH } from './cluster.ts';
import type { Options } from './options.ts';
import type { Prng } from './prng.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 admin';

export function manifest(kind: string, name: string, spec: JsonObject = {}): ManifestInput {
  return { kind, metadata: { name }, spec };
}

/** What stands there before anybody orders anything: the house and its hosts. */
export function houseOf(options: Options): ManifestInput[] {
  const hosts = hostNames(options);
  const memory = options.tight ? { reservedMemoryMiB: 512 } : {};
  return [
    manifest('Account', 'default'),
    manifest('Project', 'default'),
    manifest('Zone', 'z1'),
    manifest('Pod', 'pod1', { zone: 'z1' }),
    manifest('Cluster', 'c1', { zone: 'z1', pod: 'pod1' }),
    ...hosts.map((name) => manifest('Host', name, { uri: hostUri(name, options), cluster: 'c1', ...memory })),
    ...hosts.map((name) => manifest('StoragePool', `pool-${name}`, { path: `/pools/${name}`, hosts: [name] })),
    ...(options.sharedPool ? [manifest('StoragePool', 'shared', { path: SHARED_PATH, hosts })] : []),
  ];
}

/** What users order, in an order in which it can be written. */
export function ordersOf(options: Options, prng: Prng): ManifestInput[] {
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  const networks = names('net', options.networks);
  const volumes = names('vol', options.volumes);
  const images = names('img', options.images);
  const offerings = prng.chance(0.4) && options.machines > 0;
  const secrets = prng.chance(0.3) && options.machines > 0;
  const world: Orders = { options, prng, networks, volumes: [...volumes], images, offerings, secrets };
  return [
    ...(offerings
      ? [
          manifest('ComputeOffering', 'small', { cpus: 1, memoryMiB: 256 }),
          manifest('DiskOffering', 'fast', { maxGiB: 8 }),
        ]
      : []),
    ...(secrets
      ? [
          manifest('SshKey', 'admin', { publicKey: KEY }),
          manifest('Secret', 'user-data', { data: { 'user-data': '#!/bin/sh' } }),
        ]
      : []),
    ...(prng.chance(0.1) ? [manifest('Source', 'folder', { folder: '/manifests' })] : []),
    ...networks.map((name) => networkOrder(name, world)),
    ...images.map((name) => manifest('Image', name, { source: { file: `${name}.raw` }, format: 'raw' })),
    ...(options.poison ? [manifest('Image', 'poison', { source: { file: 'missing.raw' }, format: 'raw' })] : []),
    ...volumes.map((name) => volumeOrder(name, world)),
    ...names('vm', options.machines).map((name) => machineOrder(name, world)),
    ...snapshotOrders(names('snap', options.snapshots), { volumes, prng }),
  ];
}

interface Orders {
  options: Options;
  prng: Prng;
  networks: readonly string[];
  /** Not yet given to a machine: each has one writer. */
  volumes: string[];
  images: readonly string[];
  offerings: boolean;
  secrets: boolean;
}

function networkOrder(name: string, { prng, options }: Orders): ManifestInput {
  const index = Number(name.slice(3));
  const spec: JsonObject = { cidr: `10.1.${index}.0/${prng.pick([24, 28])}` };
  if (prng.chance(0.3)) delete spec.cidr;
  if (options.hosts > 1 && prng.chance(0.7)) spec.span = 'eachHost';
  if (prng.chance(0.2)) spec.forward = 'none';
  return manifest('Network', name, spec);
}

function volumeOrder(name: string, { prng, images, offerings, options }: Orders): ManifestInput {
  const spec: JsonObject = { sizeGiB: prng.int(1, 4), format: prng.pick(['qcow2', 'qcow2', 'raw']) };
  const image = prng.chance(0.4) ? prng.some(images) : undefined;
  if (image !== undefined) spec.image = image;
  if (offerings && prng.chance(0.3)) spec.offering = 'fast';
  // A machine goes where all its volumes can be reached; with pools of one host each, that takes a common one.
  spec.pool = options.sharedPool && prng.chance(0.5) ? 'shared' : 'pool-h1';
  return manifest('Volume', name, spec);
}

/** A volume made of one is as big as any that it can have been made of ever becomes. */
function snapshotOrders(
  names: readonly string[],
  { volumes, prng }: { volumes: readonly string[]; prng: Prng },
): ManifestInput[] {
  const snapshots = names.flatMap((name) => {
    const volume = prng.some(volumes);
    return volume === undefined ? [] : [manifest('VolumeSnapshot', name, { volume })];
  });
  const [first] = snapshots;
  if (!first || prng.chance(0.4)) return snapshots;
  return [...snapshots, manifest('Volume', 'copy', { snapshot: first.metadata.name, sizeGiB: 8 })];
}

function machineOrder(name: string, world: Orders): ManifestInput {
  const { prng, networks, images, volumes, offerings, secrets } = world;
  const disks: JsonObject[] = prng.chance(0.7) ? [{ name: 'root', sizeGiB: prng.int(1, 3) }] : [];
  const image = prng.chance(0.4) ? prng.some(images) : undefined;
  if (disks[0] && image !== undefined) disks[0].image = image;
  const volume = prng.chance(0.5) ? volumes.pop() : undefined;
  if (volume !== undefined) disks.push({ name: 'data', volume });
  const nics: JsonObject[] = networks.filter(() => prng.chance(0.6)).map((network) => ({ name: network, network }));
  const size: JsonObject =
    offerings && prng.chance(0.4)
      ? { offering: 'small' }
      : { cpus: prng.int(1, 2), memoryMiB: prng.pick([128, 256, 512]) };
  if (prng.chance(0.3)) Object.assign(size, { maxCpus: 4, maxMemoryMiB: 1024 });
  return manifest('VirtualMachine', name, {
    ...size,
    disks,
    nics,
    runStrategy: prng.pick(['Always', 'Always', 'Always', 'Halted', 'RerunOnFailure']),
    stopTimeoutSeconds: prng.pick([0, 5, 90]),
    ...(secrets && prng.chance(0.5) ? { sshKeys: ['admin'] } : {}),
    ...(secrets && prng.chance(0.3) ? { userDataFrom: { secret: 'user-data' } } : {}),
  });
}

/** The same wish, changed in a way that admission allows; the same if it cannot be. */
export function changed(
  wish: ManifestInput,
  { prng, networks }: { prng: Prng; networks: readonly string[] },
): ManifestInput {
  const edits = EDITS[wish.kind] ?? [];
  const edit = prng.some(edits);
  const spec = structuredClone(wish.spec);
  edit?.(spec, { prng, networks });
  return { ...wish, spec };
}

type Edit = (spec: JsonObject, by: { prng: Prng; networks: readonly string[] }) => void;

const EDITS: Record<string, readonly Edit[]> = {
  VirtualMachine: [
    (spec, { prng }) => {
      if (spec.offering === undefined) spec.cpus = prng.int(1, 2);
    },
    (spec, { prng }) => {
      if (spec.offering === undefined) spec.memoryMiB = prng.pick([128, 256, 384]);
    },
    (spec, { prng }) => {
      spec.runStrategy = prng.pick(['Always', 'Halted', 'RerunOnFailure']);
    },
    (spec) => {
      const disks = spec.disks as JsonObject[];
      const extra = disks.find(({ name }) => name === 'extra');
      spec.disks = extra ? disks.filter((disk) => disk !== extra) : [...disks, { name: 'extra', sizeGiB: 1 }];
    },
    (spec) => {
      for (const disk of spec.disks as JsonObject[])
        if (disk.sizeGiB !== undefined) disk.sizeGiB = Number(disk.sizeGiB) + 1;
    },
    (spec, { prng, networks }) => {
      const nics = spec.nics as JsonObject[];
      const network = prng.some(networks);
      if (network === undefined) return;
      spec.nics = nics.some(({ name }) => name === network)
        ? nics.filter(({ name }) => name !== network)
        : [...nics, { name: network, network }];
    },
    (spec, { prng }) => {
      spec.hostname = `host-${prng.int(1, 3)}`;
    },
  ],
  Volume: [
    (spec) => {
      spec.sizeGiB = Math.min(8, Number(spec.sizeGiB) + 1);
    },
  ],
  Network: [
    (spec) => {
      spec.domain = spec.domain === undefined ? 'web.internal' : `x.${String(spec.domain)}`.slice(-60);
    },
    (spec, { prng }) => {
      spec.forward = prng.pick(['nat', 'none']);
    },
  ],
  Secret: [
    (spec, { prng }) => {
      spec.data = { 'user-data': `#!/bin/sh ${prng.int(0, 9)}` };
    },
  ],
  Host: [
    (spec, { prng }) => {
      spec.tags = prng.pick([[], ['ssd']]);
    },
  ],
};
