import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { Observation } from '../../../reconciler/observation.ts';
import type { Ports, Standing } from '../../ports.ts';
import { observeKept } from '../kept.ts';
import type { UserSpec, UserStatus } from './kind.ts';

export function observeUser(
  ports: Ports,
  { object, now }: Pick<ObserveInput<UserSpec, UserStatus>, 'object' | 'now'>,
): Promise<Observation<Standing>> {
  return observeKept(ports, { uid: object.metadata.uid, email: object.spec.email ?? null, now });
}
