import type { NetworkSight, NetworkSpec as PortNetworkSpec } from '../../../hypervisor/port.ts';
import { jsonEqual } from '../../../reconciler/equal.ts';
import { type JsonObject, reason } from '../../../reconciler/json.ts';
import type { PlanInput } from '../../../reconciler/kind.ts';
import type { FieldChange, Plan, Step } from '../../../reconciler/plan.ts';
import { step } from '../../../reconciler/plan.ts';
import { desiredNetwork } from './desired.ts';
import type { NetworkSpec, NetworkStatus } from './kind.ts';

export type NetworkInput = PlanInput<NetworkSpec, NetworkStatus, NetworkSight>;

/**
 * Desired − observed, host by host. A changed definition restarts the network, which unplugs its guests for a moment: the machines see
 * it start again and plug their NICs in anew.
 */
export function planNetwork(input: NetworkInput): Plan {
  const { observed, claims, deleting, object } = input;
  const wished = deleting ? null : desiredNetwork(object, input);
  const places = deleting ? [] : (claims?.places ?? []);
  const seen = new Map(observed.sightings.map(({ place, state }) => [place, state]));
  const silent = new Set(observed.silent.map(({ place }) => place));
  const removals = observed.sightings
    .filter(({ place, owned }) => owned && !places.includes(place))
    .map(({ place }) => step('remove', { place, uid: object.metadata.uid }, { why: reason('NotWished'), place }));
  if (wished === null) return { steps: removals };
  const steps = places.flatMap((place) => stepsAt({ place, wished, sight: seen.get(place) }));
  const [unheard] = observed.silent;
  if (steps.length + removals.length === 0 && unheard && silent.size > 0) {
    return { waiting: reason('PlaceSilent', { place: unheard.place, code: unheard.code }), afterMs: 10_000 };
  }
  return { steps: [...steps, ...removals] };
}

function stepsAt(at: { place: string; wished: PortNetworkSpec; sight: NetworkSight | undefined }): Step[] {
  const { place, wished, sight } = at;
  const ensure = (code: string, more: Partial<Step> = {}): Step =>
    step('ensure', { place, spec: wished as unknown as JsonObject }, { why: reason(code), place, ...more });
  if (sight === undefined) return [ensure('Absent', { changes: changesOf(null, wished) })];
  if (!sight.active) return [ensure('Stopped')];
  // Somebody undefined it while it runs: it is defined under its guests, who notice nothing.
  if (sight.spec === null) return [ensure('Undefined')];
  const changes = changesOf(sight.spec, wished);
  if (changes.length === 0) return [];
  const why = reason('DefinitionDiffers');
  return [
    step('stop', { place, uid: wished.uid }, { why, place, risk: 'restart', changes }),
    ensure('DefinitionDiffers', { risk: 'restart', changes }),
  ];
}

const COMPARED = ['bridge', 'domain', 'forward', 'cidr', 'gateway', 'dhcp', 'dns', 'mtu'] as const;

function changesOf(seen: PortNetworkSpec | null, wished: PortNetworkSpec): FieldChange[] {
  return COMPARED.filter((field) => seen === null || !jsonEqual(seen[field], wished[field])).map((field) => ({
    path: `network/${field}`,
    from: seen === null ? null : seen[field],
    to: wished[field],
  }));
}
