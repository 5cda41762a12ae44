import { isZone, parseLocal } from '../../../billing/calendar/zone.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { AccountSpec } from './kind.ts';

/** Where every period was cut: what was billed cannot have been cut elsewhere. */
const FIXED = [
  ['zone', 'UTC'],
  ['anchor', 'none'],
  ['billingPolicy', 'none'],
] as const;

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

function moved(spec: AccountSpec, old: AccountSpec): SpecIssue[] {
  return FIXED.flatMap(([field, fallback]) => {
    const [before, after] = [old[field] ?? fallback, spec[field] ?? fallback];
    const message = `cannot change from ${before} to ${after}: its periods are cut by it. Make a new account instead.`;
    return before === after ? [] : [{ path: `/${field}`, message }];
  });
}
