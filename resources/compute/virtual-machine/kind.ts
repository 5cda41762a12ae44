import { z } from 'zod';
import { defineKind } from '../../../reconciler/kind.ts';
import { PORT_MESSAGES } from '../../act-result.ts';
import { PLACEMENT_MESSAGES } from '../../placement/filters.ts';
import { cell } from '../../schema.ts';
import { machineActs } from './acts.ts';
import { allocateMachine, consultMachine, machineFits } from './allocate.ts';
import { machineAmounts } from './amounts.ts';
import { checkMachine } from './check.ts';
import { expelMachine } from './expel.ts';
import { MACHINE_MESSAGES } from './messages.ts';
import { MACHINE_METERS } from './meters.ts';
import { machineInventory, observeMachine } from './observe.ts';
import { planMachine } from './plan.ts';
import { reportMachine } from './report.ts';
import { machineSpec } from './spec.ts';
import { machineStatus } from './status.ts';

/** A virtual machine: placed on a host once, its addresses kept for life, repaired when somebody meddles with it. */
export const VirtualMachine = defineKind({
  kind: 'VirtualMachine',
  plural: 'virtualMachines',
  group: 'compute',
  scope: 'project',
  shortNames: ['vm'],
  description:
    'A virtual machine with its disks and NICs. What can be changed while it runs is changed at once; for the rest RestartRequired names every cause until a restart, or until the wish is taken back.',
  spec: machineSpec,
  status: machineStatus,
  conditions: ['Placed', 'Defined', 'Applied', 'Powered'],
  columns: [
    { header: 'POWER', value: (vm) => cell(vm.status.power) },
    { header: 'CPUS', value: (vm) => cell(vm.status.cpus) ?? cell(vm.spec.cpus) },
    { header: 'MEMORY MIB', value: (vm) => cell(vm.status.memoryMiB) ?? cell(vm.spec.memoryMiB) },
    { header: 'HOST', value: (vm) => cell(vm.status.host) },
    { header: 'IP', value: (vm) => addresses(vm.status.nics) },
    { header: 'STRATEGY', wide: true, value: (vm) => cell(vm.spec.runStrategy) },
    { header: 'OFFERING', wide: true, value: (vm) => cell(vm.spec.offering) },
    { header: 'ACCELERATOR', wide: true, value: (vm) => cell(vm.status.accelerator) },
    { header: 'VNC', wide: true, value: (vm) => cell(vm.status.vnc) },
  ],
  requests: {
    start:
      'Starts a machine whose runStrategy is Manual or RerunOnFailure. Always and Halted decide for themselves: override power instead.',
    stop: 'Stops a machine whose runStrategy is Manual or RerunOnFailure: ACPI, then its power is cut after stopTimeoutSeconds.',
    restart: 'Stops and starts it, which also applies what RestartRequired names.',
    reboot: 'Asks the guest to reboot. The machine stays defined as it runs: RestartRequired stays.',
    reset: 'Presses the reset button: the guest is not asked.',
  },
  overrides: {
    power: z
      .enum(['running', 'stopped'])
      .describe('Departs from runStrategy for a time: kept running, or kept stopped.'),
  },
  messages: { ...PORT_MESSAGES, ...PLACEMENT_MESSAGES, ...MACHINE_MESSAGES },
  meters: MACHINE_METERS,
  amounts: machineAmounts,
  check: checkMachine,
  consult: consultMachine,
  allocate: allocateMachine,
  fits: machineFits,
  pinnedSlots: ['host', 'filesPool'],
  observe: observeMachine,
  plan: planMachine,
  acts: machineActs,
  report: reportMachine,
  locality: ({ claims, object }) => claims?.chosen.host ?? object.metadata.uid,
  inventory: machineInventory,
  expel: expelMachine,
  example: {
    apiVersion: 'steward/v1',
    kind: 'VirtualMachine',
    metadata: { name: 'web', project: 'default' },
    spec: {
      cpus: 2,
      memoryMiB: 2048,
      disks: [{ name: 'root', image: 'debian-13', sizeGiB: 20 }],
      nics: [{ name: 'eth0', network: 'web' }],
      sshKeys: ['admin'],
    },
  },
});

function addresses(nics: unknown): string | undefined {
  if (!Array.isArray(nics)) return undefined;
  return (nics as { ip: string | null }[]).flatMap((nic) => (nic.ip === null ? [] : [nic.ip])).join(',');
}
