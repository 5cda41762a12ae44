import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput, Refs } from '../../../reconciler/kind.ts';
import type { Plan } from '../../../reconciler/plan.ts';
import { typed } from '../../typed.ts';
import { copyChild } from '../image-copy-child.ts';
import type { DiskFormat } from '../names.ts';
import type { VolumeSpec, VolumeStatus } from '../volume/kind.ts';
import type { ImageSpec, ImageStatus } from './kind.ts';
import type { SourceSight } from './observe.ts';

export type ImageInput = PlanInput<ImageSpec, ImageStatus, SourceSight>;

const RETRY_MS = 30_000;

/** An image does nothing by itself: its copies do. One made of a volume plans its first copy, beside the volume. */
export function planImage(input: ImageInput): Plan {
  if (input.deleting) return { steps: [] };
  if (input.object.spec.source.volume !== undefined) return planFromVolume(input);
  const why = sourceProblem(input);
  if (why === null) return { steps: [] };
  return why.final ? { invalid: why.reason } : { waiting: why.reason, afterMs: RETRY_MS };
}

/** What is wrong with the source; null once it was seen and fits. `final`: looking again cannot help. */
export function sourceProblem({ object, observed }: ImageInput): { reason: Reason; final: boolean } | null {
  const seen = observed.sightings[0]?.state;
  if (!seen) return null;
  if ('refused' in seen) {
    const { code, message } = seen.refused;
    const final = code === 'Invalid' || code === 'Unsupported';
    return { reason: reason(final ? 'SourceRefused' : 'SourceUnavailable', { message }), final };
  }
  const { format } = object.spec;
  const found = seen.found.format;
  // Raw bytes have no mark of their own: an ISO or a raw disk may look like either.
  if ((format === 'qcow2') === (found === 'qcow2')) return null;
  return { reason: reason('FormatDiffers', { expected: format, found }), final: true };
}

function planFromVolume(input: ImageInput): Plan {
  const origin = originOf(input.refs);
  if (!origin) {
    return { waiting: reason('VolumeNotThere', { volume: input.object.spec.source.volume ?? '' }), afterMs: RETRY_MS };
  }
  const child = copyChild(input.object, origin);
  return { steps: [], children: [child, ...kept(input).filter(({ key }) => key !== child.key)] };
}

/** Copies that others asked for stay while the image stays. */
function kept({ children, object }: ImageInput) {
  return Object.entries(children).map(([key, child]) => {
    const { name, project, ownerUid } = child.metadata;
    return { key, kind: child.kind, name, project, spec: child.spec, ownerUid: ownerUid ?? object.metadata.uid };
  });
}

export interface Origin {
  pool: string;
  poolUid: string;
  file: string;
  format: DiskFormat;
  sizeGiB: number;
}

/** Where the volume lies that an image is made of; null until it is there. */
export function originOf(refs: Refs): Origin | null {
  const volume = typed<VolumeSpec, VolumeStatus>(refs.at('/source/volume'));
  const { pool, poolUid, file, sizeGiB } = volume?.status ?? {};
  if (!volume || pool === undefined || poolUid === undefined || file === undefined || sizeGiB === undefined)
    return null;
  return { pool, poolUid, file, format: volume.spec.format, sizeGiB };
}
