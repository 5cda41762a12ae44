import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootHost, type LabHost, type LabHostOptions } from './host.ts';
import { addressOf, startSwitch } from './switch.ts';

/** Several hypervisor hosts on one switch. */
export type Lab = {
  hosts: LabHost[];
  /** A folder that all hosts see under the same path, as shared storage; guests' emulators may write in it. */
  sharedDir: string;
  stop(): Promise<void>;
};

/** Starts hosts named by `names`, or `host1`, `host2`, … Needs root, and the parts in `labParts`. */
export async function startLab(
  options: { hosts: number | readonly string[] } & Omit<LabHostOptions, 'name'>,
): Promise<Lab> {
  removeLeftovers();
  const names = typeof options.hosts === 'number' ? numbered(options.hosts) : options.hosts;
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  chmodSync(folder, 0o755);
  const sharedDir = join(folder, 'shared');
  mkdirSync(sharedDir);
  chmodSync(sharedDir, 0o777);
  const plugged = await startSwitch();
  const neighbours = names.map((name, index) => ({ name, address: addressOf(index + 1) }));
  const { hosts: _, ...settings } = options;
  const booting = names.map((name, index) => {
    const dir = join(folder, name);
    return bootHost({ ...settings, name }, { number: index + 1, dir, plugged, neighbours });
  });
  const booted = await Promise.allSettled(booting);
  const hosts = booted.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await plugged.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = booted.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { hosts, sharedDir, stop };
}

/** A lab of one host, whose stop() stops the lab. */
export async function startLabHost(options: LabHostOptions): Promise<LabHost> {
  const { name, ...settings } = options;
  const lab = await startLab({ ...settings, hosts: [name] });
  const [host] = lab.hosts;
  if (host === undefined) throw new Error('a lab of one host has one host');
  return { ...host, stop: lab.stop };
}

const prefix = 'steward-lab-';
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `host${index + 1}`);

/** A killed test takes its namespaces with it, but not its folder. The name says whose it was. */
function removeLeftovers(): void {
  for (const entry of readdirSync(tmpdir())) {
    const owner = entry.startsWith(prefix) ? entry.slice(prefix.length).split('-')[0] : undefined;
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    rmSync(join(tmpdir(), entry), { recursive: true, force: true });
  }
}
