import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import type { Ports, Standing } from '../../ports.ts';
import { observeKept } from '../kept.ts';
import type { ApiKeySpec } from './kind.ts';

export function observeApiKey(
  ports: Ports,
  { object, now }: Pick<ObserveInput<ApiKeySpec, Record<string, never>>, 'object' | 'now'>,
): Promise<Observation<Standing>> {
  return observeKept(ports, { uid: object.metadata.uid, email: null, now });
}
