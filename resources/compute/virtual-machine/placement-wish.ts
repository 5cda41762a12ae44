import type { PlacementWish } from '../../placement/filters.ts';
import type { VolumeSpec, VolumeStatus } from '../../storage/volume/kind.ts';
import { typed } from '../../typed.ts';
import type { ComputeOfferingSpec } from '../compute-offering/kind.ts';
import { networksOf } from './addresses.ts';
import type { MachineSubject } from './allocate.ts';
import { poolWishes, SMALL_FILES } from './machine-pools.ts';
import { seedWish } from './seed.ts';
import type { Size } from './size.ts';

/** What a machine asks of its host. Pure. */
export function placementWish({ object, refs }: MachineSubject, size: Size): PlacementWish {
  const { spec, metadata } = object;
  const { placement } = spec;
  const offering = typed<ComputeOfferingSpec, object>(refs.at('/offering'))?.spec;
  const hasFiles = spec.cdrom !== undefined || seedWish(object, refs) !== null;
  return {
    cpuMilli: size.cpus * 1000,
    memoryMiB: size.memoryMiB,
    tags: [...(offering?.hostTags ?? []), ...placement.hostTags],
    zone: placement.zone,
    pod: placement.pod,
    cluster: placement.cluster,
    host: placement.host,
    firmware: spec.firmware,
    accelerator: spec.accelerator,
    machineType: spec.machineType,
    reach: [...networkReach({ object, refs }), ...volumeReach({ object, refs })],
    pools: [...poolWishes(spec, refs).map(({ wish }) => wish), ...(hasFiles ? [SMALL_FILES] : [])],
    strategy: placement.strategy ?? offering?.placement ?? 'Spread',
    uid: metadata.uid,
  };
}

type Input = Pick<MachineSubject, 'object' | 'refs'>;

function networkReach({ object, refs }: Input): PlacementWish['reach'] {
  return [...networksOf(object.spec, refs).values()].flatMap((network) =>
    network
      ? [
          reached(
            'Network',
            network.metadata.name,
            network.status.hosts?.map(({ uid }) => uid),
          ),
        ]
      : [],
  );
}

function volumeReach({ object, refs }: Input): PlacementWish['reach'] {
  return object.spec.disks.flatMap((disk, index) => {
    const volume =
      disk.volume === undefined ? undefined : typed<VolumeSpec, VolumeStatus>(refs.at(`/disks/${index}/volume`));
    return volume ? [reached('Volume', volume.metadata.name, volume.status.hosts)] : [];
  });
}

function reached(kind: string, name: string, hosts: readonly string[] | undefined) {
  return { kind, name, hosts: new Set(hosts ?? []) };
}
