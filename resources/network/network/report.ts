import type { NetworkSight } from '../../../hypervisor/port.ts';
import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import { desiredNetwork } from './desired.ts';
import type { NetworkStatus } from './kind.ts';
import type { NetworkInput } from './plan.ts';

type Segment = NonNullable<NetworkStatus['hosts']>[number];

/** Pure: what was seen → status fields and conditions. */
export function reportNetwork(input: NetworkInput): Report<NetworkStatus> {
  const { object, observed, claims } = input;
  const wished = desiredNetwork(object, input);
  const silent = new Set(observed.silent.map(({ place }) => place));
  const seen = new Map(observed.sightings.filter(({ owned }) => owned).map(({ place, state }) => [place, state]));
  const before = new Map((object.status.hosts ?? []).map((segment) => [segment.uid, segment]));
  const hosts = (claims?.places ?? []).map((uid) =>
    segment({ uid, before: before.get(uid), sight: seen.get(uid), silent: silent.has(uid) }),
  );
  return {
    status: {
      hosts,
      ...(wished && {
        cidr: wished.cidr,
        gateway: wished.gateway,
        bridge: wished.bridge,
        domain: wished.domain,
        dhcp: wished.dhcp,
      }),
    },
    conditions: [addressed(wished !== null), active(hosts, silent)],
  };
}

function segment(at: {
  uid: string;
  before: Segment | undefined;
  sight: NetworkSight | undefined;
  silent: boolean;
}): Segment {
  const { uid, before, sight, silent } = at;
  return { uid, active: silent ? before?.active === true : sight?.active === true };
}

function addressed(done: boolean): ConditionReport {
  return { type: 'Addressed', status: done ? 'True' : 'False', reason: reason(done ? 'Addressed' : 'Pending') };
}

function active(hosts: readonly Segment[], silent: ReadonlySet<string>): ConditionReport {
  const down = hosts.filter((host) => !host.active && !silent.has(host.uid)).length;
  if (hosts.length === 0 || down > 0) {
    return { type: 'Active', status: 'False', reason: reason('Inactive', { down, hosts: hosts.length }) };
  }
  const [unheard] = silent;
  if (unheard !== undefined)
    return {
      type: 'Active',
      status: 'Unknown',
      reason: reason('PlaceSilent', { place: unheard, code: 'Unreachable' }),
    };
  return { type: 'Active', status: 'True', reason: reason('Active', { hosts: hosts.length }) };
}
