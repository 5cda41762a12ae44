import type { Reason } from './json.ts';
import type { Registry } from './registry.ts';

/** Sentences of the engine's own codes. Kinds bring theirs in `messages`. `{name}` is replaced by the parameter. */
export const ENGINE_MESSAGES: Readonly<Record<string, string>> = {
  Ready: 'Everything is as wished.',
  Pending: 'Not looked at yet, or its first steps are still under way.',
  RefMissing: '{kind} "{name}" (at {path}) does not exist.',
  RefNotReady: '{kind} "{name}" (at {path}) is not ready: {why}.',
  RefDeleting: '{kind} "{name}" (at {path}) is being deleted.',
  InUse: 'Still used by {holders}; it is removed as soon as they let go.',
  PlaceSilent: '{place} does not answer ({code}); nothing is created or removed until it does.',
  SplitBrain: 'Runs at {places} at the same time; nothing is touched until an operator decides.',
  ApprovalRequired: 'The step "{verb}" may cause {risk}; apply again with this risk allowed.',
  Paused: 'Paused by {by}: observed and reported, not changed.',
  GracePeriod: 'Deleted; restorable until {until}.',
  Deleting: 'Being removed.',
  ActFailed: 'The step "{verb}" failed: {message}',
  TimedOut: 'The step "{verb}" had no answer in time: {message}',
  InternalError: 'A defect stopped this reconcile ({id}); it is tried again.',
  LostRace: 'Another object took the last of {pool}; choosing again.',
  ChildrenRemain: 'Waiting for {count} children to go: {names}.',
  TakenOver: 'Taken over from an instance that stopped answering; only observed until its last acts have ended.',
  NotOwned:
    'There is something at {place} under this name that Steward did not make. Adopt it with metadata.adopt, or remove it.',
  RoundsExhausted: 'Not settled after {rounds} rounds; going on shortly.',
};

export function render(registry: Pick<Registry, 'kind'>, kind: string, reason: Reason): string {
  const template = registry.kind(kind)?.messages?.[reason.code] ?? ENGINE_MESSAGES[reason.code];
  if (template === undefined) {
    const params = Object.entries(reason.params).map(([name, value]) => `${name}=${value}`);
    return [reason.code, ...params].join(' ');
  }
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(reason.params[name] ?? whole));
}
