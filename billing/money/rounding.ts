/** How an exact amount becomes a whole number of minor units. HALF_UP is away from zero, so that a credit mirrors its charge. */
export type RoundingMode = (typeof ROUNDING_MODES)[number];

export const ROUNDING_MODES = ['HALF_UP', 'HALF_DOWN', 'HALF_EVEN', 'UP', 'DOWN', 'CEILING', 'FLOOR'] as const;

/** `num / den` as a whole number. `den` must be above 0: a zero here is a bug of the caller. */
export function divideRounded(num: bigint, den: bigint, mode: RoundingMode): bigint {
  if (den <= 0n) throw new RangeError(`divideRounded: the denominator is ${den}, not above 0`);
  const whole = num / den;
  const rest = num % den;
  if (rest === 0n) return whole;
  const away = num < 0n ? -1n : 1n;
  return awayFromZero({ whole, rest, den }, mode) ? whole + away : whole;
}

function awayFromZero({ whole, rest, den }: Record<'whole' | 'rest' | 'den', bigint>, mode: RoundingMode): boolean {
  const twice = rest < 0n ? -rest * 2n : rest * 2n;
  switch (mode) {
    case 'UP':
      return true;
    case 'DOWN':
      return false;
    case 'CEILING':
      return rest > 0n;
    case 'FLOOR':
      return rest < 0n;
    case 'HALF_UP':
      return twice >= den;
    case 'HALF_DOWN':
      return twice > den;
    case 'HALF_EVEN':
      return twice === den ? whole % 2n !== 0n : twice > den;
  }
}
