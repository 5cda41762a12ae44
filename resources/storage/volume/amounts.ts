import type { Kind } from '../../../reconciler/kind.ts';
import { typed } from '../../typed.ts';
import type { DiskOfferingSpec } from '../disk-offering/kind.ts';
import type { VolumeSpec } from './kind.ts';

/** What a volume counts for in quotas: the size that it or its offering names. */
export const volumeAmounts: NonNullable<Kind<VolumeSpec>['amounts']> = ({ spec, named }) => {
  const offering = typed<DiskOfferingSpec, object>(named('DiskOffering', spec.offering))?.spec;
  const sizeGiB = spec.sizeGiB ?? offering?.sizeGiB;
  return sizeGiB === undefined ? { volumes: 1 } : { volumes: 1, volumesGiB: sizeGiB };
};
