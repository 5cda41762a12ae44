import type { DiskSpec, MachineSpec, NicSpec } from '../../port.ts';

export type BootDevice = DiskSpec | NicSpec;

/**
 * The place of each device in the boot order, starting at 1. libvirt orders devices, not classes: where no device says its own
 * place, the classes of `bootOrder` are spelled out device by device.
 */
export function bootPlaces(spec: Pick<MachineSpec, 'bootOrder' | 'disks' | 'nics'>): Map<BootDevice, number> {
  const devices: BootDevice[] = [...spec.disks, ...spec.nics];
  const chosen = devices.filter((device) => device.bootIndex !== null);
  if (chosen.length > 0) return new Map(chosen.map((device) => [device, device.bootIndex ?? 0]));
  const ordered = [...new Set(spec.bootOrder)].flatMap((wanted) => devices.filter((it) => classOf(it) === wanted));
  return new Map(ordered.map((device, index) => [device, index + 1]));
}

/**
 * The places found, as the wish would say them: null where they follow the classes, the numbers where they do not. A device
 * without a place is no contradiction: one that was attached to a running guest cannot have one.
 */
export function bootIndexes(
  found: { bootOrder: MachineSpec['bootOrder']; disks: readonly DiskSpec[]; nics: readonly NicSpec[] },
  places: ReadonlyMap<BootDevice, number>,
): ReadonlyMap<BootDevice, number> {
  const expected = bootPlaces(found);
  const placed = [...places.keys()].sort((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
  const ranks = placed.map((device) => expected.get(device));
  const follows = ranks.every((rank, index) => rank !== undefined && (index === 0 || rank > (ranks[index - 1] ?? 0)));
  return follows ? new Map() : places;
}

function classOf(device: BootDevice): MachineSpec['bootOrder'][number] {
  if ('mac' in device) return 'network';
  return device.device;
}
