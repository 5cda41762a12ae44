import { activeHolds, type Hold } from '../../billing/dunning/dunning.ts';
import type { AccountEntry, HistoryRow } from '../../identity/account-history.ts';
import { PORTAL_NAME } from '../../reconciler/principal.ts';
import { type AccountState, accountState } from '../../resources/identity/account/life.ts';

/** Whom rows name that the books wrote by themselves. */
const BY_ITSELF = PORTAL_NAME;

/** Pure: everything that was decided, oldest first, each with the state before it and after. `holds`: every fact, in the order of writing. */
export function historyOf({
  decisions,
  holds,
}: {
  decisions: readonly AccountEntry[];
  holds: readonly Hold[];
}): HistoryRow[] {
  const changes = [
    ...decisions.map((decision) => ({ at: decision.at, decision, hold: null })),
    ...holds.map((hold) => ({ at: hold.to ?? hold.from, decision: null, hold })),
  ].sort((a, b) => a.at - b.at);
  const facts: Hold[] = [];
  let [active, terminated] = [false, false];
  let state: AccountState = 'NEW';
  return changes.map(({ at, decision, hold }): HistoryRow => {
    if (hold !== null) facts.push(hold);
    active ||= decision?.what === 'Activated';
    terminated ||= decision?.what === 'Terminated';
    const oldState = state;
    state = accountState({ active, terminated, holds: activeHolds(facts, at) });
    const row = decision === null ? ofHold(hold) : ofDecision(decision);
    return { ...row, at, oldState, newState: state };
  });
}

function ofHold({ id, source, severity, to, why }: Hold): Omit<HistoryRow, 'at' | 'oldState' | 'newState'> {
  const { by: actor = BY_ITSELF, reason = id, memo = '' } = why ?? {};
  return { what: to === null ? 'Held' : 'Lifted', actor, detail: id, memo, source, severity, reason };
}

function ofDecision({ what, actor, detail, memo }: AccountEntry): Omit<HistoryRow, 'at' | 'oldState' | 'newState'> {
  return { what, actor, detail, memo, source: null, severity: null, reason: what };
}
