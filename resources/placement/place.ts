import type { PlacementNote } from '../../reconciler/claims.ts';
import { type Reason, reason } from '../../reconciler/json.ts';
import type { HostCandidate } from './candidate.ts';
import { FILTERS, type PlacementWish, type Strategy } from './filters.ts';
import { hash32 } from './hash.ts';

const NOTES_MAX = 50;

export type Placement =
  | { host: HostCandidate; explanation: PlacementNote[] }
  | { host: null; why: Reason; explanation: PlacementNote[] };

/**
 * Chooses a host: those that pass every filter, best score first. Pure. Only the reservation decides, so a caller that lost a race asks
 * again with a higher `attempt` and gets the next best.
 */
export function place(input: { wish: PlacementWish; hosts: readonly HostCandidate[]; attempt: number }): Placement {
  const { wish, hosts, attempt } = input;
  const judged = hosts.map((host) => ({ host, rejectedBy: firstRefusal(host, wish), score: 0, tie: 0 }));
  const eligible = judged
    .filter(({ rejectedBy }) => rejectedBy === null)
    .map((entry, index) => ({
      ...entry,
      score: SCORES[wish.strategy](entry.host, wish, index),
      tie: tieBreak(wish, entry.host),
    }))
    .sort((a, b) => b.score - a.score || a.tie - b.tie);
  const chosen = eligible[attempt % Math.max(eligible.length, 1)]?.host ?? null;
  const rejected = judged.filter(({ rejectedBy }) => rejectedBy !== null);
  const explanation = [...eligible, ...rejected].slice(0, NOTES_MAX).map(({ host, rejectedBy, score }) => ({
    place: host.uid,
    name: host.name,
    rejectedBy,
    score: rejectedBy === null ? score : null,
    chosen: host === chosen,
  }));
  return chosen
    ? { host: chosen, explanation }
    : { host: null, why: summary(rejected.map((r) => r.rejectedBy)), explanation };
}

function firstRefusal(host: HostCandidate, wish: PlacementWish): Reason | null {
  for (const filter of FILTERS) {
    const refusal = filter(host, wish);
    if (refusal) return refusal;
  }
  return null;
}

/** Higher is better. 0 to 1000, but for FirstFit: the order of names. */
const SCORES: Record<Strategy, (host: HostCandidate, wish: PlacementWish, index: number) => number> = {
  FirstFit: (_host, _wish, index) => 1000 - index,
  Pack: (host, wish) => fullness(host, wish),
  Spread: (host, wish) => 1000 - fullness(host, wish),
};

/** How full the host will be, in thousandths: the scarcer of CPU and memory. */
function fullness(host: HostCandidate, wish: PlacementWish): number {
  const share = (amount: HostCandidate['cpuMilli'], wished: number) =>
    amount === null || amount.limit <= 0 ? 0 : (amount.used + wished) / amount.limit;
  return Math.round(1000 * Math.max(share(host.cpuMilli, wish.cpuMilli), share(host.memoryMiB, wish.memoryMiB)));
}

/** Rendezvous hashing: equally good hosts share a burst, and the same machine always prefers the same one. */
function tieBreak(wish: PlacementWish, host: HostCandidate): number {
  return hash32(`${wish.uid} ${host.uid}`);
}

/** The refusals, most frequent first, as one line. */
function summary(refusals: readonly (Reason | null)[]): Reason {
  const counts = new Map<string, number>();
  for (const refusal of refusals) if (refusal) counts.set(refusal.code, (counts.get(refusal.code) ?? 0) + 1);
  const why = [...counts].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${count} ${code}`);
  return reason('NoHost', { hosts: refusals.length, why: why.join(', ') || 'there are no hosts' });
}
