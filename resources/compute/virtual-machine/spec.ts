import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { displayName, tags } from '../../schema.ts';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
const MAC = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/;
const HOSTNAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CPUS_MAX = 512;
const MEMORY_MAX_MIB = 16_777_216;
/** What cloud-init's NoCloud users know from other clouds: 32 KiB. */
export const USER_DATA_MAX_BYTES = 32_768;

const slot = (what: string) => z.string().regex(LABEL, 'lower-case letters, digits and "-", at most 32').describe(what);
const bootIndex = () =>
  z
    .int()
    .min(1)
    .max(64)
    .optional()
    .meta({ update: 'restart' })
    .describe('1 is tried first. Set on any device, it replaces bootOrder.');

const disk = z.object({
  name: slot('Name of the disk within the machine; also its serial number in the guest.'),
  volume: ref('Volume')
    .optional()
    .describe('A volume that outlives the machine. Or leave it out and give image or sizeGiB.'),
  image: ref('Image').optional().describe('Template that a volume is made from for this machine.'),
  sizeGiB: z.int().min(1).max(65_536).optional().describe("Size of the machine's own volume; may grow while it runs."),
  offering: ref('DiskOffering').optional().describe("Offering of the machine's own volume."),
  pool: ref('StoragePool')
    .optional()
    .describe("Pool of the machine's own volume. Without it one is chosen on its host."),
  format: z.enum(['qcow2', 'raw']).default('qcow2').describe("Format of the machine's own volume."),
  keep: z.boolean().default(false).describe("True: the machine's own volume stays when the disk or the machine goes."),
  bus: z
    .enum(['virtio', 'scsi', 'sata'])
    .default('virtio')
    .meta({ update: 'restart' })
    .describe('How the guest sees it.'),
  readOnly: z.boolean().default(false).meta({ update: 'restart' }).describe('The guest cannot write to it.'),
  bootIndex: bootIndex(),
});

const nic = z.object({
  name: slot('Name of the NIC within the machine. Its addresses belong to this name, whatever its position.'),
  network: ref('Network').describe('Network it is plugged into.'),
  mac: z
    .string()
    .regex(MAC, 'a unicast MAC address in lower case, e.g. 52:54:00:12:34:56')
    .optional()
    .describe('Fixed MAC address. Without it one is chosen, once and for life.'),
  ip: z
    .ipv4()
    .optional()
    .describe(
      'Fixed address within the network. Without it one is chosen, once and for life: beyond the first quarter of the network as long as there is room.',
    ),
  model: z.enum(['virtio', 'e1000']).default('virtio').describe('How the guest sees it.'),
  bootIndex: bootIndex(),
});

const userDataFrom = z.object({
  secret: ref('Secret').describe('Secret of the same project.'),
  key: z.string().min(1).max(253).default('user-data').describe('Key within the secret.'),
});

const placement = z.object({
  zone: ref('Zone').optional().meta({ update: 'immutable' }).describe('Only hosts of this zone.'),
  pod: ref('Pod').optional().meta({ update: 'immutable' }).describe('Only hosts of this pod.'),
  cluster: ref('Cluster').optional().meta({ update: 'immutable' }).describe('Only hosts of this cluster.'),
  host: ref('Host').optional().meta({ update: 'immutable' }).describe('Only this host. Needed with metadata.adopt.'),
  hostTags: tags().meta({ update: 'immutable' }).describe("Tags that the host must have, beside the offering's."),
  strategy: z
    .enum(['FirstFit', 'Pack', 'Spread'])
    .optional()
    .meta({ update: 'immutable' })
    .describe("How to choose among hosts with room; the offering's, else Spread."),
});

export const machineSpec = z.object({
  displayName: displayName(),
  runStrategy: z
    .enum(['Always', 'RerunOnFailure', 'Manual', 'Halted'])
    .default('Always')
    .meta({ update: 'live', group: 'Power' })
    .describe(
      'Always: runs, and is started again whatever stopped it. RerunOnFailure: runs until its guest shuts itself down; a crash or an outside stop starts it again. Manual: only the start and stop requests change it. Halted: off.',
    ),
  stopTimeoutSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(90)
    .meta({ update: 'live', group: 'Power' })
    .describe('How long the guest may take after the ACPI power button before its power is cut. 0: at once.'),
  offering: ref('ComputeOffering').optional().meta({ update: 'live', group: 'Size' }).describe('What it may be like.'),
  cpus: z
    .int()
    .min(1)
    .max(CPUS_MAX)
    .optional()
    .meta({ update: 'live', group: 'Size' })
    .describe("Virtual CPUs; the offering's when that is fixed."),
  memoryMiB: z
    .int()
    .min(64)
    .max(MEMORY_MAX_MIB)
    .optional()
    .meta({ update: 'live', group: 'Size' })
    .describe("Memory; the offering's when that is fixed."),
  maxCpus: z
    .int()
    .min(1)
    .max(CPUS_MAX)
    .optional()
    .meta({ update: 'restart', group: 'Size' })
    .describe('How many CPUs it can grow to without a restart. By default as many as it has.'),
  maxMemoryMiB: z
    .int()
    .min(64)
    .max(MEMORY_MAX_MIB)
    .optional()
    .meta({ update: 'restart', group: 'Size' })
    .describe('How much memory it can grow to without a restart. By default as much as it has.'),
  disks: z
    .array(disk)
    .max(64)
    .default([])
    .meta({ update: 'live', group: 'Disks' })
    .describe('Disks, in the order of booting.'),
  cdrom: ref('Image')
    .optional()
    .meta({ update: 'live', group: 'Disks' })
    .describe('ISO image in its CD-ROM drive. A running machine that has no drive yet gets it at its next start.'),
  nics: z.array(nic).max(32).default([]).meta({ update: 'live', group: 'Network' }).describe('Network interfaces.'),
  hostname: z
    .string()
    .regex(HOSTNAME, 'a host name: lower-case letters, digits and "-", at most 63')
    .optional()
    .meta({ update: 'restart', group: 'Guest' })
    .describe("Host name in the guest and in its networks' DNS; the machine's name by default."),
  sshKeys: z
    .array(ref('SshKey'))
    .max(64)
    .default([])
    .meta({ update: 'restart', group: 'Guest' })
    .describe('Keys that the guest lets in, through its seed.'),
  userData: z
    .string()
    .min(1)
    .max(USER_DATA_MAX_BYTES)
    .optional()
    .meta({ update: 'restart', group: 'Guest', widget: 'textarea' })
    .describe(
      'What cloud-init gets as user data, at most 32 KiB. Readable by all who can read the machine: secrets belong in userDataFrom.',
    ),
  userDataFrom: userDataFrom
    .optional()
    .meta({ update: 'restart', group: 'Guest' })
    .describe('User data out of a Secret.'),
  firmware: z
    .enum(['bios', 'uefi'])
    .default('bios')
    .meta({ update: 'restart', group: 'Hardware' })
    .describe('Firmware. UEFI keeps its settings with the definition.'),
  secureBoot: z
    .boolean()
    .default(false)
    .meta({ update: 'restart', group: 'Hardware' })
    .describe('UEFI boots only what is signed.'),
  bootOrder: z
    .array(z.enum(['disk', 'cdrom', 'network']))
    .max(3)
    .default(['disk', 'cdrom'])
    .meta({ update: 'restart', group: 'Hardware' })
    .describe('Kinds of device that are tried, in this order.'),
  machineType: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a machine type such as q35 or pc-q35-7.2')
    .optional()
    .meta({ update: 'restart', group: 'Hardware' })
    .describe("Machine type such as q35; the hypervisor's default without it."),
  cpuModel: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'host-passthrough, host-model, or a model such as Skylake-Server')
    .optional()
    .meta({ update: 'restart', group: 'Hardware' })
    .describe("host-passthrough, host-model, or a model's name; the hypervisor's default without it."),
  accelerator: z
    .enum(['auto', 'kvm', 'tcg'])
    .default('auto')
    .meta({ update: 'restart', group: 'Hardware' })
    .describe('auto: KVM where a KVM guest was really started, else TCG.'),
  serialLog: z
    .boolean()
    .default(true)
    .meta({ update: 'restart', group: 'Console' })
    .describe('Its serial output is kept in a file on the host.'),
  vnc: z
    .boolean()
    .default(true)
    .meta({ update: 'restart', group: 'Console' })
    .describe("A VNC screen on the host's loopback."),
  placement: placement
    .prefault({})
    .meta({ group: 'Placement' })
    .describe('Where it may be placed. It stays where it was placed.'),
});

export type MachineWish = z.output<typeof machineSpec>;
export type DiskWish = MachineWish['disks'][number];
export type NicWish = MachineWish['nics'][number];
