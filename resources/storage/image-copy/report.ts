import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { ImageCopyStatus } from './kind.ts';
import { copyFile } from './observe.ts';
import type { CopyInput } from './plan.ts';

export function reportImageCopy(input: CopyInput): Report<ImageCopyStatus> {
  const seen = input.observed.sightings[0]?.state;
  const file = copyFile(input);
  const poolUid = input.claims?.places[0];
  return {
    status: {
      ...(poolUid === undefined ? {} : { poolUid }),
      ...(file === null ? {} : { file }),
      ...(seen ? { bytes: seen.capacityBytes } : {}),
    },
    conditions: [copiedIs(input)],
  };
}

function copiedIs({ observed, claims }: CopyInput): ConditionReport {
  if (observed.sightings.length > 0) return { type: 'Copied', status: 'True', reason: reason('CopyThere') };
  const poolUid = claims?.places[0];
  const silent = observed.silent.find(({ place }) => place === poolUid);
  if (!silent) return { type: 'Copied', status: 'False', reason: reason('CopyMissing') };
  const params = { place: claims?.chosen.pool ?? silent.place, code: silent.message ?? silent.code };
  return { type: 'Copied', status: 'Unknown', reason: reason('PlaceSilent', params) };
}
