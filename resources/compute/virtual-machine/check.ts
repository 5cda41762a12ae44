import type { SpecIssue } from '../../../reconciler/kind.ts';
import { CDROM, SEED } from './drives.ts';
import { type DiskWish, type MachineWish, USER_DATA_MAX_BYTES } from './spec.ts';

/** Checks that span fields of a machine's spec, all issues at once. Pure. */
export function checkMachine({ spec, old }: { spec: MachineWish; old: MachineWish | null }): SpecIssue[] {
  return [
    ...sizeIssues(spec),
    ...repeated(spec.disks, '/disks', 'disk'),
    ...repeated(spec.nics, '/nics', 'NIC'),
    ...spec.disks.flatMap((disk, index) => diskIssues(disk, `/disks/${index}`)),
    ...nicIssues(spec),
    ...bootIssues(spec),
    ...driveIssues(spec),
    ...guestIssues(spec),
    ...(old ? changeIssues(spec, old) : []),
  ];
}

function sizeIssues(spec: MachineWish): SpecIssue[] {
  const issues: SpecIssue[] = [];
  for (const [field, most] of [
    ['cpus', 'maxCpus'],
    ['memoryMiB', 'maxMemoryMiB'],
  ] as const) {
    const wished = spec[field];
    const limit = spec[most];
    if (spec.offering === undefined && wished === undefined) {
      issues.push({ path: `/${field}`, message: `A machine without an offering needs ${field}.` });
    }
    if (wished !== undefined && limit !== undefined && limit < wished) {
      issues.push({
        path: `/${most}`,
        message: `${most} (${limit}) is below ${field} (${wished}): raise it, or leave it out.`,
      });
    }
  }
  return issues;
}

function repeated(list: readonly { name: string }[], path: string, noun: string): SpecIssue[] {
  return list.flatMap(({ name }, index) =>
    list.findIndex((other) => other.name === name) < index
      ? [
          {
            path: `${path}/${index}/name`,
            message: `There are two ${noun}s named "${name}": each needs a name of its own.`,
          },
        ]
      : [],
  );
}

function diskIssues(disk: DiskWish, path: string): SpecIssue[] {
  const own = (['image', 'sizeGiB', 'offering', 'pool'] as const).filter((field) => disk[field] !== undefined);
  if (
    disk.volume === undefined &&
    disk.image === undefined &&
    disk.sizeGiB === undefined &&
    disk.offering === undefined
  ) {
    return [
      { path, message: `Disk "${disk.name}" needs a volume, or an image, a sizeGiB or an offering to make one from.` },
    ];
  }
  if (disk.volume === undefined) return [];
  return own.map((field) => ({
    path: `${path}/${field}`,
    message: `Disk "${disk.name}" uses the volume "${disk.volume}", which has its own ${field}: leave one of the two out.`,
  }));
}

function nicIssues({ nics }: MachineWish): SpecIssue[] {
  return nics.flatMap((nic, index) => {
    const first = (field: 'mac' | 'ip') =>
      nics.findIndex((other) => other[field] === nic[field] && (field === 'mac' || other.network === nic.network));
    return (['mac', 'ip'] as const)
      .filter((field) => nic[field] !== undefined && first(field) < index)
      .map((field) => ({
        path: `/nics/${index}/${field}`,
        message: `Two NICs have ${field} ${nic[field]}: each needs its own.`,
      }));
  });
}

function bootIssues(spec: MachineWish): SpecIssue[] {
  const devices = [
    ...spec.disks.map((disk, index) => ({ path: `/disks/${index}/bootIndex`, bootIndex: disk.bootIndex })),
    ...spec.nics.map((nic, index) => ({ path: `/nics/${index}/bootIndex`, bootIndex: nic.bootIndex })),
  ].filter((device) => device.bootIndex !== undefined);
  const twice = devices.flatMap(({ path, bootIndex }, index) =>
    devices.findIndex((other) => other.bootIndex === bootIndex) < index
      ? [{ path, message: `Two devices have bootIndex ${bootIndex}: each needs its own.` }]
      : [],
  );
  const repeatedKind = spec.bootOrder.flatMap((kind, index) =>
    spec.bootOrder.indexOf(kind) < index
      ? [{ path: `/bootOrder/${index}`, message: `"${kind}" is listed twice.` }]
      : [],
  );
  return [...twice, ...repeatedKind];
}

function driveIssues({ disks }: MachineWish): SpecIssue[] {
  return disks.flatMap(({ name }, index) =>
    name === CDROM || name === SEED
      ? [
          {
            path: `/disks/${index}/name`,
            message: `"${name}" is the name of a drive that Steward makes: choose another.`,
          },
        ]
      : [],
  );
}

function guestIssues(spec: MachineWish): SpecIssue[] {
  const issues: SpecIssue[] = [];
  if (spec.userData !== undefined && spec.userDataFrom !== undefined) {
    issues.push({
      path: '/userDataFrom',
      message: 'User data comes from userData or from userDataFrom, not from both.',
    });
  }
  const bytes = Buffer.byteLength(spec.userData ?? '');
  if (bytes > USER_DATA_MAX_BYTES) {
    issues.push({
      path: '/userData',
      message: `User data has ${bytes} bytes; at most ${USER_DATA_MAX_BYTES} are possible: shorten it, or let it #include the rest.`,
    });
  }
  if (spec.secureBoot && spec.firmware !== 'uefi') {
    issues.push({ path: '/secureBoot', message: 'Secure boot needs firmware: uefi.' });
  }
  return issues;
}

/** A machine's own volumes keep what they were made from; they may grow, and go when their disk goes. */
function changeIssues(spec: MachineWish, old: MachineWish): SpecIssue[] {
  return spec.disks.flatMap((disk, index) => {
    const before = old.disks.find((other) => other.name === disk.name);
    if (before === undefined) return [];
    const path = `/disks/${index}`;
    const fixed = (['image', 'offering', 'pool', 'format'] as const)
      .filter((field) => before.volume === undefined && disk.volume === undefined && disk[field] !== before[field])
      .map((field) => ({
        path: `${path}/${field}`,
        message: `Disk "${disk.name}" was made with ${field} ${before[field] ?? 'unset'}: add a disk with another name instead.`,
      }));
    return [...fixed, ...ownVolumeIssues(disk, before, path)];
  });
}

function ownVolumeIssues(disk: DiskWish, before: DiskWish, path: string): SpecIssue[] {
  const own = before.volume === undefined && disk.volume === undefined;
  if (own && before.keep !== disk.keep) {
    const message = before.keep
      ? 'A kept volume belongs to nobody any more: delete the Volume itself when it should go.'
      : 'The volume was made for this machine and goes with it: keep can only be set for a new disk.';
    return [{ path: `${path}/keep`, message }];
  }
  if (own && before.sizeGiB !== undefined && (disk.sizeGiB ?? 0) < before.sizeGiB) {
    return [
      { path: `${path}/sizeGiB`, message: `A disk may only grow: it has ${before.sizeGiB} GiB. Keep that or more.` },
    ];
  }
  if (before.keep && before.volume === undefined && disk.volume === undefined && disk.sizeGiB !== before.sizeGiB) {
    return [
      { path: `${path}/sizeGiB`, message: 'A kept volume is an object of its own: change the size of the Volume.' },
    ];
  }
  return [];
}
