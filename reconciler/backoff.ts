/** Exponential back-off with full-range jitter of ± 20 %, capped. `attempts` counts failures in a row, from 1. */
export function backoffMs(
  attempts: number,
  random: number,
  { firstMs, capMs }: { firstMs: number; capMs: number },
): number {
  const exponential = Math.min(capMs, firstMs * 2 ** Math.min(attempts - 1, 20));
  return Math.round(exponential * (0.8 + 0.4 * random));
}

/** A resync due time spread by ± 10 %, so that a batch of objects does not stay a batch for ever. */
export function spreadMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (0.9 + 0.2 * random));
}
