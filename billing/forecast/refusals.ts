import type { Instant } from '../calendar/interval.ts';
import { accountPlan, accountsOf, type PricePorts, sharedAfter } from './account-plan.ts';
import { type Refusal, refusals } from './forecast.ts';
import type { TouchedObject } from './planned.ts';

/** What the books of the accounts would not take of a change. */
export async function refusalsOfChange(
  ports: PricePorts,
  touched: readonly TouchedObject[],
  now: Instant,
): Promise<Refusal[]> {
  const shared = sharedAfter(await ports.shared(), touched);
  const found = await Promise.all(
    accountsOf(touched).map(async (name) => {
      const plan = await accountPlan(ports, { name, touched, shared, now });
      return plan === undefined ? [] : refusals(plan.standing, plan.changes, now);
    }),
  );
  return found.flat();
}
