import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { ImageCopyStatus } from './kind.ts';
import { type CopyState, copyFile } from './observe.ts';
import type { CopyInput } from './plan.ts';

export function reportImageCopy(input: CopyInput): Report<ImageCopyStatus> {
  const seen = wholeCopy(input);
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

function wholeCopy({ observed }: CopyInput): CopyState | undefined {
  return observed.sightings.map(({ state }) => state).find(({ whole }) => whole);
}

function copiedIs(input: CopyInput): ConditionReport {
  const { observed, claims } = input;
  if (wholeCopy(input)) return { type: 'Copied', status: 'True', reason: reason('CopyThere') };
  const poolUid = claims?.places[0];
  const silent = observed.silent.find(({ place }) => place === poolUid);
  if (!silent) return { type: 'Copied', status: 'False', reason: reason('CopyMissing') };
  const params = { place: claims?.chosen.pool ?? silent.place, code: silent.message ?? silent.code };
  return { type: 'Copied', status: 'Unknown', reason: reason('PlaceSilent', params) };
}
