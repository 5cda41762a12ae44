/** How many requests somebody may make: `burst` at once, and `perSecond` from then on. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export interface RateLimits {
  /** Of one person or key. */
  caller: Rate;
  /** Of one address, requests that nobody recognised. */
  stranger: Rate;
}

export const DEFAULT_RATES: RateLimits = {
  caller: { perSecond: 50, burst: 500 },
  stranger: { perSecond: 5, burst: 50 },
};

/** Names that are remembered; the one that was quiet longest is forgotten, and begins with a full burst. */
const NAMES_MAX = 50_000;

interface Bucket {
  left: number;
  /** Epoch ms. */
  at: number;
}

/** Counts requests by name; a heavy one counts as many, and at most as a whole burst. Every server counts for itself. */
export function createRateLimiter(rate: Rate): {
  take(name: string, now: number, weight?: number): { ok: true } | { ok: false; waitMs: number };
} {
  const buckets = new Map<string, Bucket>();
  return {
    take: (name, now, weight = 1) => {
      const needed = Math.min(weight, rate.burst);
      const before = buckets.get(name);
      const left = refilled(before, rate, now);
      buckets.delete(name);
      buckets.set(name, { left: left >= needed ? left - needed : left, at: now });
      const [quietest] = buckets.keys();
      if (buckets.size > NAMES_MAX && quietest !== undefined) buckets.delete(quietest);
      return left >= needed
        ? { ok: true }
        : { ok: false, waitMs: Math.ceil(((needed - left) / rate.perSecond) * 1000) };
    },
  };
}

/** Pure: what is left in a bucket now. A clock that goes back fills nothing. */
function refilled(bucket: Bucket | undefined, { perSecond, burst }: Rate, now: number): number {
  if (!bucket) return burst;
  return Math.min(burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * perSecond);
}
