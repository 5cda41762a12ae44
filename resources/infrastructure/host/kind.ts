import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { allocation, cell, percent, tags } from '../../schema.ts';
import { allocateHost, fitsHost } from './allocate.ts';
import { hostCapacity } from './capacity.ts';
import { observeHost } from './observe.ts';
import { planHost } from './plan.ts';
import { reportHost } from './report.ts';

const spec = z.object({
  uri: z
    .string()
    .max(1024)
    .regex(/^[a-z][a-z0-9+.-]*:\/\/\S*$/, 'a hypervisor URI such as qemu:///system or qemu+ssh://root@host/system')
    .meta({ update: 'immutable' })
    .describe('Where its hypervisor answers: qemu:///system, qemu+tls://host/system, qemu+ssh://root@host/system, …'),
  cluster: ref('Cluster').optional().meta({ update: 'live' }).describe('Cluster it belongs to; none is needed.'),
  tags: tags().describe('What it offers to placement, e.g. gpu or ssd.'),
  allocation: allocation(),
  cpuOvercommitPercent: percent().optional().describe('CPUs promised, in percent; overrides the cluster (100).'),
  memoryOvercommitPercent: percent().optional().describe('Memory promised, in percent; overrides the cluster (100).'),
  reservedCpus: z
    .int()
    .min(0)
    .max(4096)
    .default(0)
    .meta({ update: 'live', group: 'Placement' })
    .describe('CPUs kept for the host itself.'),
  reservedMemoryMiB: z
    .int()
    .min(0)
    .max(67_108_864)
    .default(512)
    .meta({ update: 'live', group: 'Placement' })
    .describe('Memory kept for the host itself.'),
});

const status = z.object({
  uuid: z.string().optional().describe('What the machine calls itself, by whatever URI it is reached.'),
  hostname: z.string().optional(),
  hypervisor: z.string().optional().describe('Driver that answers, e.g. QEMU.'),
  hypervisorVersion: z.string().optional(),
  arch: z.string().optional(),
  cpuModel: z.string().optional(),
  cpus: z.int().optional(),
  memoryMiB: z.int().optional(),
  kvm: z.boolean().optional().describe('True if a KVM guest was really started.'),
  firmware: z.array(z.enum(['bios', 'uefi'])).optional(),
  machineTypes: z.array(z.string()).optional(),
  unmanagedTotal: z.int().optional(),
  unmanaged: z
    .array(z.object({ uid: z.string(), name: z.string() }))
    .optional()
    .describe('Machines that Steward did not make: listed, never touched. At most 100.'),
});

export type HostSpec = z.output<typeof spec>;
export type HostStatus = z.output<typeof status>;

/** A machine that runs guests, known by the URI of its hypervisor. What it has is read from it, never typed in. */
export const Host = defineKind({
  kind: 'Host',
  plural: 'hosts',
  group: 'infrastructure',
  scope: 'global',
  shortNames: [],
  description: 'A hypervisor host, known by its URI. CPUs, memory and abilities are read from it.',
  spec,
  status,
  conditions: ['Reachable'],
  columns: [
    { header: 'URI', value: (host) => cell(host.spec.uri) },
    { header: 'CPUS', value: (host) => cell(host.status.cpus) },
    { header: 'MEMORY MIB', value: (host) => cell(host.status.memoryMiB) },
    { header: 'KVM', value: (host) => cell(host.status.kvm) },
    { header: 'ALLOCATION', value: (host) => cell(host.spec.allocation) },
    { header: 'UNMANAGED', wide: true, value: (host) => cell(host.status.unmanagedTotal) },
    { header: 'HYPERVISOR', wide: true, value: (host) => cell(host.status.hypervisorVersion) },
  ],
  messages: {
    HostAnswers: 'Its hypervisor answers.',
    HostUnreachable: 'No answer at {uri}: {message}',
    HostSilentWhileDeleting:
      'No answer at {uri}, so what is still on it cannot be known: {message} Bring it back, or give it up with the request "forget".',
    HostIdentifying: 'It has told which machine it is: whether another host has that one is looked up.',
    SameMachine:
      'It says that it is the machine {uuid}, which Host "{host}" is: nothing is placed on it. If both URIs reach one machine, delete one of the two; if it is a clone, set a host_uuid of its own in its libvirtd.conf and restart libvirtd.',
    HostHoldsMachines: '{count} machines of this installation are still on it ({first}, …): delete or move them first.',
  },
  requests: { forget: 'Lets a host be deleted that will never answer again; what is on it is given up.' },
  // One machine under two names would have all that it has promised twice.
  uniqueKeys: ({ spec: { uri } }) => [`connection ${uri}`],
  uniqueField: '/uri',
  consult: () => ({ kinds: ['Host'] }),
  allocate: allocateHost,
  fits: fitsHost,
  observe: observeHost,
  plan: planHost,
  report: reportHost,
  capacity: hostCapacity,
  locality: ({ object }) => object.metadata.uid,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Host',
    metadata: { name: 'local' },
    spec: { uri: 'qemu:///system', tags: ['ssd'] },
  },
});
