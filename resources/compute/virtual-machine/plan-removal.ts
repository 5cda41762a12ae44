import { reason } from '../../../reconciler/json.ts';
import { type Step, step } from '../../../reconciler/plan.ts';
import { finished } from '../../storage/names.ts';
import { MAC_POOL } from './addresses.ts';
import { leavingAddresses } from './leaving.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import { isOn } from './power.ts';

/**
 * Everything of the machine at every place where it was seen: its power is cut (whoever wants it stopped gently deletes it with a grace
 * period), its definition, leases and seeds go. What somebody else made stays. Volumes that were made for it are children and go by themselves.
 */
export function planRemoval(input: MachineInput): Step[] {
  return input.observed.sightings
    .filter(({ owned }) => owned)
    .flatMap(({ place, state }) => [
      ...machineSteps(input, { place, state }),
      ...releases(input, { place, state }),
      ...seeds(input, { place, state }),
    ]);
}

interface Found {
  place: string;
  state: MachineState;
}

function machineSteps({ object }: MachineInput, { place, state: { machine } }: Found): Step[] {
  if (!machine) return [];
  const args = { place, uid: object.metadata.uid };
  const more = { why: reason('Deleting'), place };
  return [...(isOn(machine) ? [step('destroy', args, more)] : []), step('undefine', args, more)];
}

function releases({ claims }: MachineInput, { place, state }: Found): Step[] {
  const own = (claims?.unique ?? []).filter(({ pool }) => pool === MAC_POOL).map(({ value }) => value);
  const macs = new Set([...own, ...leavingAddresses(claims).map(({ mac }) => mac)]);
  return Object.entries(state.networks).flatMap(([networkUid, network]) =>
    (network?.reservations ?? [])
      .filter(({ mac }) => macs.has(mac))
      .map(({ mac, ip }) =>
        step('releaseAddress', { place, networkUid, mac }, { why: reason('AddressLetGo', { mac, ip }), place }),
      ),
  );
}

function seeds({ claims }: MachineInput, { place, state }: Found): Step[] {
  return [...new Set(state.seeds.map(finished))].flatMap((name) => {
    const poolUid = claims?.chosen[`seed/${name}`];
    return poolUid === undefined
      ? []
      : [step('removeSeed', { place, poolUid, name }, { why: reason('SeedReplaced', { name }), place })];
  });
}
