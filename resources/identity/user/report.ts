import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import type { UserStatus } from './kind.ts';
import type { UserInput } from './plan.ts';

/** Pure: may the user sign in, and is the address theirs. */
export function reportUser({ object, observed }: Pick<UserInput, 'object' | 'observed'>): Report<UserStatus> {
  const { suspended, email, identityProvider } = object.spec;
  const standing = observed.sightings[0]?.state;
  const enabled = reason(suspended ? 'UserSuspended' : 'UserEnabled');
  return {
    status: {
      password: standing?.password ?? false,
      secondFactor: standing?.secondFactor ?? false,
      emailProved: standing?.emailProved ?? false,
    },
    conditions: [
      { type: 'Enabled', status: suspended ? 'False' : 'True', reason: enabled },
      emailProved({ email, identityProvider, proved: standing?.emailProved ?? false }),
    ],
  };
}

function emailProved({
  email,
  identityProvider,
  proved,
}: {
  email: string | undefined;
  identityProvider: string | undefined;
  proved: boolean;
}): ConditionReport {
  const said = (status: 'True' | 'False', why: ConditionReport['reason']): ConditionReport => ({
    type: 'EmailProved',
    status,
    reason: why,
  });
  if (identityProvider !== undefined) return said('True', reason('EmailVouched', { provider: identityProvider }));
  if (email === undefined) return said('True', reason('EmailAbsent'));
  return proved ? said('True', reason('EmailProved')) : said('False', reason('EmailAwaited'));
}
