import { isZone, parseLocal } from '../../../billing/calendar/zone.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { AccountSpec } from './kind.ts';

export function checkAccount({ spec, old }: { spec: AccountSpec; old: AccountSpec | null }): SpecIssue[] {
  const { zone, anchor } = spec;
  return [
    ...(zone === undefined || isZone(zone)
      ? []
      : [{ path: '/zone', message: `is "${zone}", which is no time zone: write one such as Europe/Berlin.` }]),
    ...(anchor === undefined || parseLocal(anchor, 'UTC') !== undefined
      ? []
      : [{ path: '/anchor', message: `is "${anchor}", which is no day: write one such as 2026-01-31.` }]),
    ...(old === null ? [] : moved(spec, old)),
  ];
}

/** A zone and a billing day count from the next period on; how days are counted and sums are rounded, what was issued rests on. */
function moved(spec: AccountSpec, old: AccountSpec): SpecIssue[] {
  const [before, after] = [old.billingPolicy ?? 'none', spec.billingPolicy ?? 'none'];
  const message = `cannot change from ${before} to ${after}: what was billed was computed with it. Make a new account instead.`;
  return before === after ? [] : [{ path: '/billingPolicy', message }];
}
