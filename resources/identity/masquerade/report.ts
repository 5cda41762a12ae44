import { reason } from '../../../reconciler/json.ts';
import type { Report } from '../../../reconciler/kind.ts';
import type { StoredObject } from '../../../reconciler/object.ts';
import type { MasqueradeInput } from './plan.ts';

/** Pure: whether it still counts. */
export function reportMasquerade({ object, now }: Pick<MasqueradeInput, 'object' | 'now'>): Report<object> {
  const { user } = object.spec;
  const over = endOf(object) <= now;
  const why = over ? reason('MasqueradeOver') : reason('MasqueradeRuns', { by: object.metadata.createdBy, user });
  return { status: {}, conditions: [{ type: 'Running', status: over ? 'False' : 'True', reason: why }] };
}

/** Epoch ms. */
export function endOf({
  metadata,
  spec,
}: {
  metadata: Pick<StoredObject['metadata'], 'createdAt'>;
  spec: object;
}): number {
  return Date.parse(metadata.createdAt) + Number((spec as { minutes?: number }).minutes) * 60_000;
}
