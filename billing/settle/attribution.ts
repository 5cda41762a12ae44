import { contains } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import { COUNTER_METERS } from '../usage/counters/meters.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { BillingContext, Problem } from './context.ts';
import type { Timeline } from './subscription.ts';

const NOBODY = '';
const COUNTED: ReadonlySet<string> = new Set(COUNTER_METERS);

/**
 * Which subscription each window belongs to: one that names its resource, in force then if there is such, else the first that sold
 * the product then. Usage stays with the subscription through changes of its bundle.
 */
export function attribute(context: BillingContext): {
  bySubscription: Map<string, UsageWindow[]>;
  problems: Problem[];
} {
  const owner = ownerIn(context);
  const grouped = groupBy(context.usage, (window) => owner(window) ?? NOBODY);
  const taken = new Set(context.catalog.meters.flatMap(({ rules }) => rules.map(({ usage }) => usage)));
  const problems = (grouped.get(NOBODY) ?? []).flatMap((window) => unattributed(window, taken));
  grouped.delete(NOBODY);
  return { bySubscription: grouped, problems };
}

/** Counters tell something every hour: that nobody has bought it is said once of each, and of what nobody sells, never. */
function unattributed({ id, meter, resource, from, to }: UsageWindow, taken: ReadonlySet<string>): Problem[] {
  const isCounted = COUNTED.has(meter);
  if (isCounted && !taken.has(meter)) return [];
  return [{ code: 'UnattributedUsage', subject: isCounted ? `${resource}/${meter}` : id, from, to }];
}

function ownerIn({ timelines, catalog }: BillingContext): (window: UsageWindow) => string | undefined {
  const naming = new Map<string, Timeline[]>();
  for (const timeline of timelines)
    for (const resource of timeline.subscription.resources)
      naming.set(resource, [...(naming.get(resource) ?? []), timeline]);
  const selling = new Map<string, ReadonlySet<string>>();
  const bundlesSelling = (meter: string) => {
    const known = selling.get(meter);
    if (known !== undefined) return known;
    const products = new Set(
      catalog.meters.filter(({ rules }) => rules.some(({ usage }) => usage === meter)).map(({ product }) => product),
    );
    const bundles = [...catalog.bundles.values()].filter(({ charges }) =>
      charges.some((charge) => charge.type === 'USAGE' && products.has(charge.product)),
    );
    const names = new Set(bundles.map(({ name }) => name));
    selling.set(meter, names);
    return names;
  };
  return (window) => {
    const named = naming.get(window.resource) ?? [];
    const owner =
      named.find(({ segments }) => segments.some((segment) => touches(segment, window))) ??
      named[0] ??
      timelines.find(({ segments }) =>
        segments.some((segment) => touches(segment, window) && bundlesSelling(window.meter).has(segment.bundle)),
      );
    return owner?.subscription.id;
  };
}

function touches(segment: Timeline['segments'][number], { from, to }: UsageWindow): boolean {
  return contains(segment, from) || contains(segment, to - 1);
}
