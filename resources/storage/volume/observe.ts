import type { VolumeSight } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import { nothingSeen, type Observation } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { isLeaving } from '../leaving.ts';
import { unfinished } from '../names.ts';
import { askPool, type PoolAnswers } from '../pool-reach.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';
import { fileOf } from './plan.ts';

export interface Attachment {
  machineUid: string;
  disk: string;
  host: string;
  running: boolean;
}

export interface VolumeState {
  capacityBytes: number;
  allocatedBytes: number;
  format: 'qcow2' | 'raw';
  attachedTo: Attachment | null;
  /** Uids of the hosts that answered. */
  hosts: string[];
  /** False: only what somebody began to make is left. Seen on the way out alone. */
  whole: boolean;
}

/**
 * Asks every host of the pool, since a host knows only of its own machines: the file is there if any sees it; a host that is silent is
 * named beside the pool, so that nothing that needs to know of attachments is done blindly.
 */
export async function observeVolume(
  ports: Ports,
  { object, bindings, now }: ObserveInput<VolumeSpec, VolumeStatus>,
): Promise<Observation<VolumeState>> {
  const [binding] = bindings;
  if (!binding) return nothingSeen(now);
  const name = fileOf(object, bindings);
  const { place: poolUid } = binding;
  const leaving = isLeaving(object, now);
  const names = leaving ? [name, unfinished(name)] : [name];
  const answered = await askPool(ports, poolUid, (host) => host.volumes.sight({ poolUid, names }));
  // An unfinished file is no volume, but on the way out it is something that is left.
  const left = leaving ? merged(answered, unfinished(name)) : null;
  const there = merged(answered, name);
  const state = there ?? left;
  return {
    sightings: state ? [{ place: poolUid, owned: true, state: { ...state, whole: there !== null } }] : [],
    silent: answered.silent,
    asOf: now,
  };
}

function merged({ answers }: PoolAnswers<VolumeSight[]>, name: string): Omit<VolumeState, 'whole'> | null {
  const seen = answers.flatMap(({ host, value }) =>
    value.filter((v) => v.name === name).map((sight) => ({ host, sight })),
  );
  const [first] = seen;
  if (!first) return null;
  const attachments = seen.flatMap(({ host, sight }) => (sight.attachedTo ? [attachment(host, sight.attachedTo)] : []));
  const { capacityBytes, allocatedBytes, format } = first.sight;
  return {
    capacityBytes,
    allocatedBytes,
    format,
    attachedTo: attachments.find(({ running }) => running) ?? attachments[0] ?? null,
    hosts: answers.map(({ host }) => host),
  };
}

function attachment(host: string, to: NonNullable<VolumeSight['attachedTo']>): Attachment {
  return { machineUid: to.machineUid, disk: to.diskName, host, running: to.running };
}
