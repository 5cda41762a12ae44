import { contains } from '../calendar/interval.ts';
import { groupBy } from '../group.ts';
import type { UsageWindow } from '../usage/window.ts';
import type { BillingContext, Problem } from './context.ts';
import type { Timeline } from './subscription.ts';

const NOBODY = '';

/**
 * Which subscription each window belongs to: the one that names its resource, else the first that sold the product then. Usage stays
 * with the subscription through changes of its bundle.
 */
export function attribute(context: BillingContext): {
  bySubscription: Map<string, UsageWindow[]>;
  problems: Problem[];
} {
  const grouped = groupBy(context.usage, (window) => ownerOf(window, context) ?? NOBODY);
  const problems = (grouped.get(NOBODY) ?? []).map(
    ({ id, from, to }): Problem => ({ code: 'UnattributedUsage', subject: id, from, to }),
  );
  grouped.delete(NOBODY);
  return { bySubscription: grouped, problems };
}

function ownerOf(window: UsageWindow, { timelines, catalog }: BillingContext): string | undefined {
  const named = timelines.find(({ subscription }) => subscription.resources.includes(window.resource));
  if (named !== undefined) return named.subscription.id;
  const products = new Set(
    catalog.meters
      .filter(({ rules }) => rules.some(({ usage }) => usage === window.meter))
      .map(({ product }) => product),
  );
  const sells = (timeline: Timeline) =>
    timeline.segments.some(
      (segment) =>
        (contains(segment, window.from) || contains(segment, window.to - 1)) &&
        catalog.bundles
          .get(segment.bundle)
          ?.charges.some((charge) => charge.type === 'USAGE' && products.has(charge.product)),
    );
  return timelines.find(sells)?.subscription.id;
}
