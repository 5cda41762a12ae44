import type { Kind } from '../../../reconciler/kind.ts';
import { machineSize } from './size.ts';
import type { MachineWish } from './spec.ts';

/** What a machine counts for in quotas, whether it runs or not. A size that is not known yet counts when it is. */
export const machineAmounts: NonNullable<Kind<MachineWish>['amounts']> = ({ spec, named }) => {
  const size = machineSize(spec, named('ComputeOffering', spec.offering));
  return 'refused' in size
    ? { virtualMachines: 1 }
    : { virtualMachines: 1, cpus: size.cpus, memoryMiB: size.memoryMiB };
};
