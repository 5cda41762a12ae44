import type { Reader } from '../wish/reader.ts';

/** Other names that the rules have for fields of a policy. */
const SYNONYMS: Readonly<Record<string, string>> = {
  lateUsagePolicy: 'lateUsage',
  collectionWindow: 'collectionWindowHours',
};

const VALUES: Readonly<Record<string, (value: unknown) => unknown>> = {
  collectionWindowHours: hoursOf,
  // Modes of old usage were numbers once, in this order.
  lateUsage: (value) =>
    typeof value === 'number' ? ['IGNORE_AND_REPORT', 'FEED_ONLY', 'NEXT_INVOICE', 'CREDIT_REBILL'][value] : value,
};

/**
 * A scenario has one policy and often one price list: the hours of a month may be said with the policy, for all revisions that do not say
 * it themselves. A window may be written as the hours that it is, or as `PT1H`.
 */
export function plainPolicy(reader: Reader): { policy: Reader; hoursPerMonth: unknown } {
  const { value } = reader;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { policy: reader, hoursPerMonth: undefined };
  const { hoursPerMonth, ...written } = value as Record<string, unknown>;
  const plain = Object.entries(written).map(([name, each]) => {
    const own = SYNONYMS[name] ?? name;
    return [own, VALUES[own]?.(each) ?? each];
  });
  return { policy: reader.as(Object.fromEntries(plain)), hoursPerMonth };
}

function hoursOf(value: unknown): unknown {
  const found = typeof value === 'string' ? /^PT(\d{1,3})H$/.exec(value) : null;
  return found === null ? value : Number(found[1]);
}
