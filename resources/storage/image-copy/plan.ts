import { type Reason, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import { type Plan, type Step, step } from '../../../reconciler/plan.ts';
import { typed } from '../../typed.ts';
import type { ImageSpec, ImageStatus } from '../image/kind.ts';
import { diskFormatOf, imageFileName } from '../names.ts';
import type { ImageCopySpec, ImageCopyStatus } from './kind.ts';
import { type CopyState, copyFile } from './observe.ts';

export type CopyInput = PlanInput<ImageCopySpec, ImageCopyStatus, CopyState>;
type Image = StoredObject<ImageSpec, ImageStatus>;

const RETRY_MS = 10_000;

/** What makes it useless to copy the same bytes again before somebody has changed something. */
const FINAL: ReadonlySet<string> = new Set(['ChecksumMismatch', 'SourceRefused']);

/** In the pool whole, or not at all. */
export function planImageCopy(input: CopyInput): Plan {
  const { bindings, observed, claims, deleting } = input;
  const [binding] = bindings;
  if (!binding) return { steps: [] };
  const poolUid = binding.place;
  const away = observed.silent.find(({ place }) => place === poolUid);
  if (away)
    return waiting(reason('PlaceSilent', { place: claims?.chosen.pool ?? poolUid, code: away.message ?? away.code }));
  const seen = observed.sightings[0]?.state;
  if (deleting) return seen ? planRemoval(input, { poolUid, seen }) : { steps: [] };
  return seen ? { steps: [] } : planCopy(input, poolUid);
}

function planRemoval(input: CopyInput, { poolUid, seen }: { poolUid: string; seen: CopyState }): Plan {
  const [silent] = input.observed.silent;
  if (silent) return waiting(reason('PlaceSilent', { place: silent.place, code: silent.message ?? silent.code }));
  const [machineUid] = seen.attachedTo;
  if (machineUid !== undefined) return waiting(reason('CopyAttached', { machineUid }));
  const name = copyFile(input);
  if (name === null) return { steps: [] };
  return { steps: [step('remove', { poolUid, name }, { why: reason('Deleting'), place: poolUid })] };
}

function planCopy(input: CopyInput, poolUid: string): Plan {
  const image = typed<ImageSpec, ImageStatus>(input.refs.at('/image'));
  if (!image) return waiting(reason('ImageOrPoolGone'));
  const token = input.object.metadata.requests.retry;
  const asked = token !== undefined && input.object.status.requests.retry !== token;
  const refused = refusedBefore(input);
  if (refused && !asked) return { invalid: refused };
  const made = copyStep(image, poolUid);
  if ('waiting' in made) return waiting(made.waiting);
  return { steps: [asked ? { ...made, request: { name: 'retry', token } } : made] };
}

function copyStep(image: Image, poolUid: string): Step | { waiting: Reason } {
  const { uid } = image.metadata;
  const { format, source, checksum } = image.spec;
  const to = { poolUid, name: imageFileName({ uid, format }), format: diskFormatOf(format) };
  const more = { why: reason('CopyMissing'), place: poolUid };
  const { origin, copies, virtualBytes, bytes: seen } = image.status;
  // Without a digest the size must do to tell that a file of the same name is another one by now.
  const expected = { checksum: checksum ?? null, seenBytes: checksum === undefined ? (seen ?? null) : null };
  if (source.url !== undefined) return step('fetch', { ...to, url: source.url, ...expected }, more);
  if (source.file !== undefined) return step('fetch', { ...to, file: source.file, ...expected }, more);
  if (origin?.poolUid === poolUid) {
    const bytes = virtualBytes ?? 0;
    return step('clone', { ...to, from: origin.file, fromFormat: origin.format, bytes }, more);
  }
  const other = copies?.find((copy) => copy.ready && copy.poolUid !== poolUid);
  if (!other) return { waiting: reason('NoCopyYet', { image: image.metadata.name }) };
  return step('transfer', { ...to, fromPoolUid: other.poolUid }, more);
}

/** The verdict of the last try at this generation, if trying again cannot help. */
function refusedBefore({ object }: CopyInput): Reason | null {
  const ready = object.status.conditions.find(({ type }) => type === 'Ready');
  if (!ready || !FINAL.has(ready.reason) || ready.observedGeneration !== object.metadata.generation) return null;
  return reason(ready.reason, ready.params);
}

function waiting(why: Reason): Plan {
  return { waiting: why, afterMs: RETRY_MS };
}
