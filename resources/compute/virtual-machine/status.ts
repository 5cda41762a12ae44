import { z } from 'zod';

const nic = z.object({
  name: z.string(),
  mac: z.string(),
  ip: z.string().nullable(),
  dnsName: z.string().nullable().describe("Its name in the network's DNS."),
  network: z.string().describe('Uid of the network.'),
});

const disk = z.object({
  name: z.string(),
  volume: z.string().describe('Name of the Volume.'),
  attached: z.boolean().describe('The running guest has it; for a stopped one, its next start will.'),
});

export const machineStatus = z.object({
  power: z.enum(['running', 'paused', 'stopping', 'off', 'crashed', 'absent', 'unknown']).optional(),
  powerReason: z.string().optional().describe('Why, in the words of the hypervisor: shutdown, destroyed, crashed, …'),
  host: z.string().optional().describe('Name of its host.'),
  runId: z.string().nullable().optional().describe('Changes with every start.'),
  accelerator: z.enum(['kvm', 'tcg']).nullable().optional(),
  cpus: z.int().optional().describe('CPUs it has now; its wished ones while it is off.'),
  memoryMiB: z.int().optional().describe('Memory it has now; its wished one while it is off.'),
  vnc: z.string().nullable().optional().describe('Address of its screen, as seen from its host.'),
  serialLog: z.string().nullable().optional().describe('File of its serial output on its host.'),
  nics: z.array(nic).optional(),
  disks: z.array(disk).optional(),
  stoppingSince: z.string().nullable().optional().describe('Since when it has been asked to stop.'),
  pressedAt: z.string().nullable().optional().describe('When its power button was pressed last, since then.'),
  finished: z
    .boolean()
    .optional()
    .describe('Its guest shut itself down, or a stop request did: RerunOnFailure leaves it off.'),
  restartedFrom: z
    .string()
    .nullable()
    .optional()
    .describe('The run that a restart request is ending; `off` if it was off.'),
  asked: z
    .object({ runId: z.string(), changes: z.record(z.string(), z.object({ at: z.string(), times: z.int() })) })
    .nullable()
    .optional()
    .describe('Changes that this run of the guest was asked for and has not followed yet: when last, and how often.'),
  gone: z
    .array(z.string())
    .optional()
    .describe('Things that it no longer wants and that were seen gone: their names and addresses become free.'),
});

export type MachineStatus = z.output<typeof machineStatus>;
