export interface Share {
  id: string;
  /** Not below 0. */
  weight: bigint;
}

/**
 * Splits a booked amount by weights so that the parts always add up to the whole: each share is floored, and the minor units left
 * over go to the largest remainders, ties to the smaller id. All weights 0: nothing is split off, and the first takes the whole.
 */
export function allocate(amount: bigint, shares: readonly Share[]): Map<string, bigint> {
  const total = shares.reduce((sum, { weight }) => sum + weight, 0n);
  if (total === 0n) return unweighted(amount, shares);
  const sign = amount < 0n ? -1n : 1n;
  const parts = shares.map(({ id, weight }) => ({
    id,
    part: (amount * sign * weight) / total,
    rest: (amount * sign * weight) % total,
  }));
  let left = amount * sign - parts.reduce((sum, { part }) => sum + part, 0n);
  const bumped = new Set<string>();
  for (const { id } of parts.toSorted(byRemainder)) {
    if (left === 0n) break;
    bumped.add(id);
    left -= 1n;
  }
  return new Map(parts.map(({ id, part }) => [id, sign * (part + (bumped.has(id) ? 1n : 0n))]));
}

function unweighted(amount: bigint, shares: readonly Share[]): Map<string, bigint> {
  return new Map(shares.map(({ id }, index) => [id, index === 0 ? amount : 0n]));
}

interface Part {
  id: string;
  rest: bigint;
}

function byRemainder(a: Part, b: Part): number {
  if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
