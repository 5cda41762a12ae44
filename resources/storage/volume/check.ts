import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { VolumeSpec } from './kind.ts';

/** A volume never shrinks: cutting a disk cuts what a guest has written. */
export function checkVolume({ spec, old }: { spec: VolumeSpec; old: VolumeSpec | null }): SpecIssue[] {
  if (spec.image !== undefined && spec.snapshot !== undefined) {
    return [
      { path: '/snapshot', message: 'A volume starts as a copy of an image or of a snapshot: leave one of them out.' },
    ];
  }
  if (old?.sizeGiB === undefined || (spec.sizeGiB !== undefined && spec.sizeGiB >= old.sizeGiB)) return [];
  const wished = spec.sizeGiB === undefined ? 'no size' : `${spec.sizeGiB} GiB`;
  return [
    {
      path: '/sizeGiB',
      message: `A volume may only grow: it has ${old.sizeGiB} GiB, wished are ${wished}. Keep ${old.sizeGiB} or more.`,
    },
  ];
}
