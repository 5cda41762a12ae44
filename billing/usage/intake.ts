import { type Instant, intersect } from '../calendar/interval.ts';
import { compare, ZERO } from '../money/rational.ts';
import { standing, type UsageWindow } from './window.ts';

export type DeadLetterCode =
  | 'UnknownMeter'
  | 'NegativeQuantity'
  | 'BackwardWindow'
  | 'FutureUsage'
  | 'UsageTooOld'
  | 'ConflictingDuplicate'
  | 'OverlappingWindow'
  | 'UnknownSuperseded'
  | 'InexactQuantity';

export type Intake =
  | { outcome: 'accepted'; window: UsageWindow }
  | { outcome: 'deduplicated'; window: UsageWindow }
  | { outcome: 'rejected'; window: UsageWindow; code: DeadLetterCode };

export interface IntakeRules {
  meters: ReadonlySet<string>;
  now: Instant;
  maxAgeMs: number;
  futureToleranceMs: number;
}

/** Whether a window is a new fact, a known one, or none at all: those go to the dead letters, in sight, and are never rated. */
export function intake(window: UsageWindow, known: readonly UsageWindow[], rules: IntakeRules): Intake {
  const same = known.find(({ id }) => id === window.id);
  if (same !== undefined)
    return isEqual(same, window)
      ? { outcome: 'deduplicated', window: same }
      : { outcome: 'rejected', window, code: 'ConflictingDuplicate' };
  const code = faultOf(window, rules) ?? clash(window, known);
  return code === undefined ? { outcome: 'accepted', window } : { outcome: 'rejected', window, code };
}

function faultOf({ meter, quantity, from, to }: UsageWindow, rules: IntakeRules): DeadLetterCode | undefined {
  if (!rules.meters.has(meter)) return 'UnknownMeter';
  if (compare(quantity, ZERO) < 0) return 'NegativeQuantity';
  if (to < from) return 'BackwardWindow';
  if (to > rules.now + rules.futureToleranceMs) return 'FutureUsage';
  if (to < rules.now - rules.maxAgeMs) return 'UsageTooOld';
  return undefined;
}

function clash(window: UsageWindow, known: readonly UsageWindow[]): DeadLetterCode | undefined {
  const { supersedes } = window;
  if (supersedes !== null && !known.some(({ id }) => id === supersedes)) return 'UnknownSuperseded';
  const overlapping = standing(known).some(
    (other) =>
      other.id !== supersedes &&
      other.resource === window.resource &&
      other.meter === window.meter &&
      intersect(other, window) !== undefined,
  );
  return overlapping ? 'OverlappingWindow' : undefined;
}

/** What was sent, apart from when it arrived. */
function isEqual(a: UsageWindow, b: UsageWindow): boolean {
  const text = ({ meter, resource, from, to, quantity, attributes, supersedes }: UsageWindow) =>
    JSON.stringify([
      meter,
      resource,
      from,
      to,
      `${quantity.num}/${quantity.den}`,
      Object.entries(attributes).toSorted(),
      supersedes,
    ]);
  return text(a) === text(b);
}
