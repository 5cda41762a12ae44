import type { DiskSpec, MachineSpec, NicSpec } from '../../../hypervisor/port.ts';
import { jsonEqual } from '../../../reconciler/equal.ts';
import type { Json } from '../../../reconciler/json.ts';
import type { FieldChange } from '../../../reconciler/plan.ts';

const SCALARS = [
  'cpus',
  'maxCpus',
  'memoryMiB',
  'maxMemoryMiB',
  'cpuShares',
  'cpuLimitMilli',
  'accelerator',
  'machineType',
  'cpuModel',
  'firmware',
  'secureBoot',
  'bootOrder',
  'serialLog',
  'vnc',
] as const satisfies readonly (keyof MachineSpec)[];

/** Only a definition has these. */
const DEFINED = [
  'title',
  'incarnation',
  'installationId',
  'autostart',
] as const satisfies readonly (keyof MachineSpec)[];

const DISK_FIELDS = ['device', 'bus', 'source', 'format', 'readOnly', 'bootIndex', 'iops', 'cache'] as const;
const NIC_FIELDS = ['mac', 'networkUid', 'model', 'bootIndex', 'rateMbps'] as const;

/** What the definition of a machine has otherwise than wished, field by field. Empty: nothing. Pure. */
export function definitionChanges(wished: MachineSpec, seen: MachineSpec | null): FieldChange[] {
  if (seen === null) return [{ path: 'machine', from: null, to: `${wished.cpus} CPUs, ${wished.memoryMiB} MiB` }];
  return [
    ...fieldChanges('machine', DEFINED, { wished, seen }),
    ...scalarChanges(wished, seen),
    ...deviceChanges({ what: 'disks', fields: DISK_FIELDS, wished: wished.disks, seen: seen.disks }),
    ...deviceChanges({ what: 'nics', fields: NIC_FIELDS, wished: wished.nics, seen: seen.nics }),
  ];
}

export function scalarChanges(wished: MachineSpec, seen: MachineSpec): FieldChange[] {
  return fieldChanges('machine', SCALARS, { wished, seen });
}

export function diskChanges(wished: DiskSpec, seen: DiskSpec): FieldChange[] {
  return fieldChanges(`machine/disks/${wished.name}`, DISK_FIELDS, { wished, seen });
}

export function nicChanges(wished: NicSpec, seen: NicSpec): FieldChange[] {
  return fieldChanges(`machine/nics/${wished.name}`, NIC_FIELDS, { wished, seen });
}

function deviceChanges<T extends { name: string }>(given: {
  what: string;
  fields: readonly (keyof T & string)[];
  wished: readonly T[];
  seen: readonly T[];
}): FieldChange[] {
  const { what, fields, wished, seen } = given;
  const path = (name: string) => `machine/${what}/${name}`;
  const before = new Map(seen.map((device) => [device.name, device]));
  const added = wished
    .filter(({ name }) => !before.has(name))
    .map(({ name }) => ({ path: path(name), from: null, to: 'attached' }));
  const removed = seen
    .filter(({ name }) => !wished.some((device) => device.name === name))
    .map(({ name }) => ({ path: path(name), from: 'attached', to: null }));
  const changed = wished.flatMap((device) => {
    const was = before.get(device.name);
    return was ? fieldChanges(path(device.name), fields, { wished: device, seen: was }) : [];
  });
  return [...added, ...removed, ...changed];
}

function fieldChanges<T extends object>(
  path: string,
  fields: readonly (keyof T & string)[],
  { wished, seen }: { wished: T; seen: T },
): FieldChange[] {
  return fields
    .filter((field) => !jsonEqual(seen[field] as Json, wished[field] as Json))
    .map((field) => ({ path: `${path}/${field}`, from: seen[field] as Json, to: wished[field] as Json }));
}
