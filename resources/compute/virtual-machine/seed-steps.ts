import type { MachineSpec } from '../../../hypervisor/port.ts';
import { reason } from '../../../reconciler/json.ts';
import { type Step, step } from '../../../reconciler/plan.ts';
import { finished } from '../../storage/names.ts';
import type { MachineState } from './observe.ts';
import type { MachineInput } from './plan.ts';
import { seedFileName, seedWish } from './seed.ts';

interface Here {
  place: string;
  seen: MachineState;
}

/** Writes the seed that is wished, under a name that says what is in it, before a definition refers to it. */
export function seedSteps({ object, refs, claims }: MachineInput, { place, seen }: Here): Step[] {
  const wish = seedWish(object, refs);
  if (!wish) return [];
  const name = seedFileName(wish);
  const poolUid = claims?.chosen[`seed/${name}`];
  if (poolUid === undefined || seen.seeds.includes(name)) return [];
  return [step('writeSeed', { place, poolUid, name }, { why: reason('SeedMissing', { name }), place })];
}

/** Removes seeds that neither the wish, the definition, nor the running guest refers to. */
export function seedRemovals(input: MachineInput, { place, seen, spec }: Here & { spec: MachineSpec | null }): Step[] {
  const { machine } = seen;
  const used = [spec, machine?.persistent, machine?.live]
    .flatMap((it) => it?.disks ?? [])
    .map(({ source }) => source?.name);
  const wish = input.deleting ? null : seedWish(input.object, input.refs);
  const wanted = wish ? seedFileName(wish) : undefined;
  return [...new Set(seen.seeds.map(finished))]
    .filter((name) => name !== wanted && !used.includes(name) && wish !== undefined)
    .flatMap((name) => {
      const poolUid = input.claims?.chosen[`seed/${name}`];
      if (poolUid === undefined) return [];
      return [step('removeSeed', { place, poolUid, name }, { why: reason('SeedReplaced', { name }), place })];
    });
}
