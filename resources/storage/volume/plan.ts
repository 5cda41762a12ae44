import { type Reason, reason } from '../../../reconciler/json.ts';
import type { ObserveInput, PlanInput } from '../../../reconciler/kind.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import { type DiskFormat, volumeFileName } from '../names.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';
import type { VolumeState } from './observe.ts';
import { originOf } from './origin.ts';
import { GIB, wishedSize } from './sizing.ts';

type Input = PlanInput<VolumeSpec, VolumeStatus, VolumeState>;

const RETRY_MS = 10_000;

/** There, as big as wished, and gone only when nothing has it open. Data that was lost is never replaced by an empty disk in silence. */
export function planVolume(input: Input): Plan {
  const { observed, claims, bindings, deleting, object } = input;
  const [binding] = bindings;
  if (!binding) return { steps: [] };
  const poolUid = binding.place;
  const away = observed.silent.find(({ place }) => place === poolUid);
  if (away) return silence(claims?.chosen.pool ?? poolUid, away);
  const target: Target = { input, poolUid, name: fileOf(object, bindings) };
  const seen = observed.sightings[0]?.state;
  if (deleting) return seen ? planRemoval(target, seen) : { steps: [] };
  const size = wishedSize(object, input.refs);
  if ('refused' in size) return { invalid: size.refused };
  const bytes = size.sizeGiB * GIB;
  return seen ? planGrowth(target, { seen, bytes }) : planCreation(target, bytes);
}

/** Name of the volume's file in its pool. */
export function fileOf(object: ObserveInput<VolumeSpec, VolumeStatus>['object'], bindings: Input['bindings']): string {
  const incarnation = Math.max(0, ...bindings.map((binding) => binding.incarnation));
  return volumeFileName({ uid: object.metadata.uid, incarnation, format: object.spec.format });
}

interface Target {
  input: Input;
  poolUid: string;
  name: string;
}

function planRemoval({ poolUid, name, input }: Target, seen: VolumeState): Plan {
  const blind = blindness(input);
  if (blind) return blind;
  if (seen.attachedTo) return { waiting: stillAttached(seen.attachedTo), afterMs: RETRY_MS / 2 };
  return { steps: [step('remove', { poolUid, name }, { why: reason('Deleting'), place: poolUid })] };
}

function stillAttached({ machineUid, disk, host }: NonNullable<VolumeState['attachedTo']>): Reason {
  return reason('StillAttached', { machineUid, disk, host });
}

/** Growing a disk from outside while a guest writes to it would break it, so it is only done when every host has told what it runs. */
function planGrowth({ poolUid, name, input }: Target, { seen, bytes }: { seen: VolumeState; bytes: number }): Plan {
  if (seen.capacityBytes >= bytes) return { steps: [] };
  const blind = blindness(input);
  if (blind) return blind;
  const [fromGiB, toGiB] = [Math.floor(seen.capacityBytes / GIB), bytes / GIB];
  const more = {
    why: reason('TooSmall', { fromGiB, toGiB }),
    place: poolUid,
    changes: [{ path: '/sizeGiB', from: fromGiB, to: toGiB }],
  };
  const { attachedTo } = seen;
  if (!attachedTo?.running) return { steps: [step('grow', { poolUid, name, bytes }, more)] };
  const { host, machineUid } = attachedTo;
  return { steps: [step('growLive', { poolUid, name, bytes, host, machineUid }, more)] };
}

function planCreation(target: Target, bytes: number): Plan {
  const { input, poolUid } = target;
  const lost = wasThere(input);
  const blind = lost ? blindness(input) : null;
  if (blind) return blind;
  const origin = originOf(input, poolUid);
  if (!origin) return { steps: [creation(target, { bytes, origin, lost })] };
  const { children } = origin;
  if ('waiting' in origin) return { waiting: origin.waiting, afterMs: RETRY_MS, children };
  return { steps: [creation(target, { bytes, origin, lost })], children };
}

/** After a loss: with the request `recreate` as wished, else as a step that needs the risk `dataLoss` to be allowed. */
function creation(
  { input, poolUid, name }: Target,
  { bytes, origin, lost }: { bytes: number; origin: { file: string; format: DiskFormat } | null; lost: boolean },
): Step {
  const { format } = input.object.spec;
  const more = { why: reason(lost ? 'DataLost' : 'VolumeMissing'), place: poolUid };
  const made = origin
    ? step('clone', { poolUid, name, bytes, format, from: origin.file, fromFormat: origin.format }, more)
    : step('create', { poolUid, name, bytes, format }, more);
  if (!lost) return made;
  const token = input.object.metadata.requests.recreate;
  const asked = token !== undefined && input.object.status.requests.recreate !== token;
  return asked ? { ...made, request: { name: 'recreate', token } } : { ...made, risk: 'dataLoss' };
}

export function wasThere({ object, bindings }: Input): boolean {
  return object.status.provisioned === true || bindings.some(({ state }) => state === 'confirmed');
}

/** A host of the pool that does not answer may run a machine on the volume. */
function blindness({ observed }: Input): Plan | null {
  const [silent] = observed.silent;
  return silent ? silence(silent.place, silent) : null;
}

function silence(place: string, { code, message }: { code: string; message?: string }): Plan {
  return { waiting: reason('PlaceSilent', { place, code: message ?? code }), afterMs: RETRY_MS };
}
