import { digest } from '../digest.ts';
import { total } from '../group.ts';
import { type TaxableLine, type TaxContext, type TaxGroup, taxGroups } from './tax.ts';

/** What is to be taxed: the lines of one draft, after discounts. */
export interface TaxRequest extends TaxContext {
  account: string;
  currency: string;
  lines: readonly TaxableLine[];
}

/** The taxes of a draft. Undefined: nobody knows them yet, and the draft waits. What was found stands on the invoice for ever. */
export type TaxLookup = (request: TaxRequest) => readonly TaxGroup[] | undefined;

/** Whose taxes they are. */
export interface Taxes {
  by: string;
  lookup: TaxLookup;
}

/** The built-in engine: by the rules that are wished. It always knows. */
export const TABLE_TAXES: Taxes = { by: 'table', lookup: ({ lines, ...context }) => taxGroups(lines, context) };

/**
 * Taxes from somewhere else. A question changes nothing there, and the same one may be asked again. Every call ends by the provider's own
 * deadline and answers, whatever happens: it throws only on a bug.
 */
export interface TaxProvider {
  name: string;
  quote(request: TaxRequest): Promise<TaxAnswer>;
}

export type TaxAnswer = { state: 'quoted'; groups: readonly TaxGroup[] } | { state: 'unknown'; code: string };

/** What one pass knows of a provider's taxes: it answers what has been asked; what has not is noted, to be asked. */
export interface AskedTaxes extends Taxes {
  /** Asks for all that was looked up in vain. False: there was nothing, or nothing came of it. */
  ask(): Promise<boolean>;
}

export function askedTaxes(provider: TaxProvider): AskedTaxes {
  const known = new Map<string, readonly TaxGroup[]>();
  const failed = new Set<string>();
  const missing = new Map<string, TaxRequest>();
  return {
    by: provider.name,
    lookup: (request) => {
      const key = keyOf(request);
      const found = known.get(key);
      if (found === undefined && !failed.has(key)) missing.set(key, request);
      return found;
    },
    ask: async () => {
      const waiting = [...missing];
      missing.clear();
      let isAny = false;
      for (const [key, request] of waiting) {
        const answer = await provider.quote(request);
        if (answer.state === 'quoted' && isSound(answer.groups, request)) {
          known.set(key, answer.groups);
          isAny = true;
        } else failed.add(key);
      }
      return isAny;
    },
  };
}

/** An answer whose parts do not add up, or that taxes what nobody asked about, is none. */
function isSound(groups: readonly TaxGroup[], { lines }: TaxRequest): boolean {
  const asked = new Set(lines.map(({ id }) => id));
  return groups.every(
    ({ tax, shares }) =>
      tax >= 0n &&
      tax === total([...shares.values()], (share) => share) &&
      [...shares.keys()].every((line) => asked.has(line)),
  );
}

function keyOf({ account, currency, jurisdiction, at, mode, rounding, lines }: TaxRequest): string {
  const asked = lines.map(({ id, taxCode, amount }) => [id, taxCode, `${amount}`]);
  return digest(JSON.stringify([account, currency, jurisdiction, at, mode, rounding, asked]));
}
