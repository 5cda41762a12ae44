import { type Reason, reason } from '../../../reconciler/json.ts';
import type { ConditionReport, PlanInput, Report } from '../../../reconciler/kind.ts';
import { typed } from '../../typed.ts';
import type { DiskOfferingSpec } from '../disk-offering/kind.ts';
import type { VolumeSpec, VolumeStatus } from './kind.ts';
import type { VolumeState } from './observe.ts';
import { fileOf, wasThere } from './plan.ts';
import { GIB, wishedSize } from './sizing.ts';

type Input = PlanInput<VolumeSpec, VolumeStatus, VolumeState>;

export function reportVolume(input: Input): Report<VolumeStatus> {
  const state = input.observed.sightings[0]?.state;
  const seen = state?.whole ? state : undefined;
  return {
    status: { ...where(input), ...(seen ? sight(seen) : {}) },
    conditions: seen ? [provisioned('True', reason('VolumeThere')), sized(input, seen)] : missing(input),
  };
}

function where({ object, claims, bindings, refs }: Input): Partial<VolumeStatus> {
  const offering = typed<DiskOfferingSpec, object>(refs.at('/offering'))?.spec;
  const { pool, poolUid } = claims?.chosen ?? {};
  return {
    ...(pool === undefined ? {} : { pool }),
    ...(poolUid === undefined ? {} : { poolUid, file: fileOf(object, bindings) }),
    format: object.spec.format,
    iops: offering?.iops ?? null,
    cache: offering?.cache ?? null,
  };
}

/** In GiB, since a guest that writes must not wake its machine's loop with every look. */
function sight(seen: VolumeState): Partial<VolumeStatus> {
  return {
    sizeGiB: Math.floor(seen.capacityBytes / GIB),
    allocatedGiB: Math.ceil(seen.allocatedBytes / GIB),
    hosts: seen.hosts,
    attachedTo: seen.attachedTo,
    provisioned: true,
  };
}

function missing(input: Input): ConditionReport[] {
  const [silent] = input.observed.silent;
  if (silent) {
    const params = { place: input.claims?.chosen.pool ?? silent.place, code: silent.message ?? silent.code };
    return [provisioned('Unknown', reason('PlaceSilent', params))];
  }
  if (!input.deleting && wasThere(input)) {
    const { name } = input.object.metadata;
    return [provisioned('False', reason('DataLost', { name, pool: input.claims?.chosen.pool ?? '' }))];
  }
  return [provisioned('False', reason('VolumeMissing'))];
}

function sized({ object, refs }: Input, seen: VolumeState): ConditionReport {
  const size = wishedSize(object, refs);
  const is = (status: ConditionReport['status'], why: Reason) => ({ type: 'Sized', status, reason: why });
  if ('refused' in size) return is('False', size.refused);
  const hasGiB = Math.floor(seen.capacityBytes / GIB);
  if (seen.capacityBytes >= size.sizeGiB * GIB) return is('True', reason('SizeFits', { sizeGiB: hasGiB }));
  return is('False', reason('TooSmall', { fromGiB: hasGiB, toGiB: size.sizeGiB }));
}

function provisioned(status: ConditionReport['status'], why: Reason): ConditionReport {
  return { type: 'Provisioned', status, reason: why };
}
