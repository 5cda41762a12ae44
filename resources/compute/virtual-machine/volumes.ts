import type { DiskSpec, MachineSight } from '../../../hypervisor/port.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { Child } from '../../../reconciler/plan.ts';
import { hash32 } from '../../placement/hash.ts';
import type { VolumeSpec, VolumeStatus } from '../../storage/volume/kind.ts';
import { typed } from '../../typed.ts';
import { isoCopy } from './iso-copy.ts';
import { diskPoolSlot } from './machine-pools.ts';
import type { MachineInput } from './plan.ts';
import type { DiskWish } from './spec.ts';

export type VolumeObject = StoredObject<VolumeSpec, VolumeStatus>;

export const diskKey = (disk: string) => `disk/${disk}`;

const NAME_MAX = 63;

/** The volume of a disk: the one that is named, or the one that was made for it. */
export function volumeOf(
  disk: DiskWish,
  index: number,
  { refs, children }: Pick<MachineInput, 'refs' | 'children'>,
): VolumeObject | undefined {
  const named = disk.volume === undefined ? children[diskKey(disk.name)] : refs.at(`/disks/${index}/volume`);
  return typed<VolumeSpec, VolumeStatus>(named);
}

export function volumeName(machine: string, disk: string): string {
  const name = `${machine}-${disk}`;
  return name.length <= NAME_MAX
    ? name
    : `${name.slice(0, NAME_MAX - 8)}-${hash32(name).toString(36).padStart(7, '0')}`;
}

/**
 * Volumes that are made for the machine, the copy of its ISO, and those volumes that it no longer wishes but that still hang on it: a
 * volume goes only once it was seen detached. A kept one belongs to nobody and is never changed or removed from here.
 */
export function machineChildren(input: MachineInput, attached: ReadonlySet<string>): Child[] {
  const { object, claims } = input;
  const { metadata, spec } = object;
  const own = spec.disks
    .filter((disk) => disk.volume === undefined && claims?.chosen[diskPoolSlot(disk.name)] !== undefined)
    .map(
      (disk): Child => ({
        key: diskKey(disk.name),
        kind: 'Volume',
        name: volumeName(metadata.name, disk.name),
        project: metadata.project,
        spec: volumeSpec(disk, claims?.chosen[diskPoolSlot(disk.name)] ?? ''),
        ...(disk.keep ? { ownerUid: null } : {}),
      }),
    );
  const lingering = Object.entries(input.children)
    .filter(
      ([key, child]) =>
        child.kind === 'Volume' && child.metadata.ownerUid === metadata.uid && !own.some((it) => it.key === key),
    )
    .filter(([key]) => attached.has(key))
    .map(
      ([
        key,
        {
          metadata: { name, project },
          spec: wish,
        },
      ]): Child => ({ key, kind: 'Volume', name, project, spec: wish }),
    );
  const iso = isoCopy(input);
  return [...own, ...lingering, ...(iso ? [iso.child] : [])];
}

function volumeSpec(disk: DiskWish, pool: string): Child['spec'] {
  const { sizeGiB, image, offering, format } = disk;
  return {
    pool,
    format,
    ...(sizeGiB === undefined ? {} : { sizeGiB }),
    ...(image === undefined ? {} : { image }),
    ...(offering === undefined ? {} : { offering }),
  };
}

/** Keys of the machine's volumes that a definition, or the running guest, has. */
export function attachedDisks(
  machine: {
    persistent: { disks: readonly { name: string }[] } | null;
    live: { disks: readonly { name: string }[] } | null;
  } | null,
): Set<string> {
  const disks = [...(machine?.persistent?.disks ?? []), ...(machine?.live?.disks ?? [])];
  return new Set(disks.map(({ name }) => diskKey(name)));
}

/** Disks that the machine has and no longer wishes, whose volumes were made for it: they go with all that is on them. */
export function lostDisks({ children, object }: MachineInput, machine: MachineSight | null): DiskSpec[] {
  const { uid } = object.metadata;
  const has = [...(machine?.persistent?.disks ?? []), ...(machine?.live?.disks ?? [])];
  const wished = new Set(object.spec.disks.filter(({ volume }) => volume === undefined).map(({ name }) => name));
  const own = ({ name }: DiskSpec) => {
    const child = children[diskKey(name)];
    return child?.metadata.ownerUid === uid && child.metadata.deletedAt === null;
  };
  return has.filter(
    (disk, index) => own(disk) && !wished.has(disk.name) && has.findIndex(({ name }) => name === disk.name) === index,
  );
}
