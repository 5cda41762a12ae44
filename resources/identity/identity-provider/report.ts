import type { PlanInput, Report } from '../../../reconciler/kind.ts';
import type { IdentityProviderSpec, IdentityProviderStatus } from './kind.ts';

type Input = PlanInput<IdentityProviderSpec, IdentityProviderStatus, unknown>;

/**
 * Pure: from which generation on sessions count that the provider vouched for. A suspension ends those from before it for good, also the
 * ones that nobody used meanwhile. A generation that was never looked at may have been one.
 */
export function reportIdentityProvider({ object }: Pick<Input, 'object'>): Report<IdentityProviderStatus> {
  const { generation } = object.metadata;
  const isMissed = generation > object.status.observedGeneration + 1;
  const sessionsFrom = object.spec.suspended ? generation + 1 : isMissed ? generation : null;
  return { status: sessionsFrom === null ? {} : { sessionsFrom }, conditions: [] };
}
