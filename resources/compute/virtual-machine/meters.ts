import type { MachineSpec } from '../../../hypervisor/port.ts';
import type { Meter } from '../../../reconciler/kind.ts';
import type { MachineState } from './observe.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

type MachineMeter = Meter<MachineWish, MachineStatus, MachineState>;

/** Levels of what was observed. A place that does not answer leaves them as they are: silence is no usage and no end of it. */
export const MACHINE_METERS: readonly MachineMeter[] = [
  meter('vm.allocated', ({ machine }) => (machine ? 1 : 0)),
  meter('vm.running', ({ machine }) => (machine?.live ? 1 : 0)),
  // Of a guest that runs, what it has; of any machine, what is kept for it.
  meter('vm.cpus', ({ machine }) => machine?.live?.cpus ?? 0),
  meter('vm.cpus.allocated', ({ machine }) => definition(machine)?.cpus ?? 0),
  meter('vm.memoryMiB', ({ machine }) => machine?.live?.memoryMiB ?? 0),
  meter('vm.memoryMiB.allocated', ({ machine }) => definition(machine)?.memoryMiB ?? 0),
  meter('vm.nics', ({ machine }) => definition(machine)?.nics.length ?? 0),
  meter('vm.addresses', ({ machine, networks }) => {
    const macs = new Set(definition(machine)?.nics.map(({ mac }) => mac));
    const reserved = Object.values(networks).flatMap((network) => network?.reservations ?? []);
    return reserved.filter(({ mac }) => macs.has(mac)).length;
  }),
];

function meter(name: string, level: (state: MachineState) => number): MachineMeter {
  return {
    meter: name,
    level: ({ observed }) => {
      if (observed.silent.length > 0 || observed.sightings.length > 1) return null;
      const [sighting] = observed.sightings;
      return sighting?.owned ? level(sighting.state) : 0;
    },
    attributes: ({ object: { spec, status } }) => machineAttributes(spec, status),
  };
}

/** What prices of a machine may depend on. */
export function machineAttributes(spec: MachineWish, status: Pick<MachineStatus, 'host'>): Record<string, string> {
  return {
    offering: spec.offering ?? '',
    image: spec.disks.find(({ image }) => image !== undefined)?.image ?? spec.cdrom ?? '',
    host: status.host ?? '',
  };
}

function definition(machine: MachineState['machine']): MachineSpec | null {
  return machine?.live ?? machine?.persistent ?? null;
}
