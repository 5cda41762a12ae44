import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type {
  Capabilities,
  DiskSpec,
  MachineSight,
  MachineSpec,
  NetworkSpec,
  NicSpec,
  PortErrorCode,
  Result,
  VolumeAddress,
} from '../../hypervisor/port.ts';
import type { HypervisorUnderTest } from './hypervisor.ts';

/** The host under test, with what the running test has made there. */
export interface Scene extends HypervisorUnderTest {
  /** Undone in reverse after each test. */
  made: (() => Promise<unknown>)[];
  /** Capabilities and verbs that turned out to be missing. */
  lacks: Set<string>;
  timeoutMs: number;
}

export const MIB = 1_048_576;

export async function cleanUp(scene: Scene): Promise<void> {
  for (const undo of scene.made.splice(0).reverse()) await undo();
}

/** Takes the value out of a result; a failure fails the test with its message. */
export async function good<T>(result: Promise<Result<T>>): Promise<T> {
  const answer = await result;
  if (answer.ok) return answer.value;
  throw new Error(`Expected success, got ${answer.error.code}: ${answer.error.message}`);
}

export async function codeOf(result: Promise<Result<unknown>>): Promise<PortErrorCode | 'ok'> {
  const answer = await result;
  return answer.ok ? 'ok' : answer.error.code;
}

/** True if the capability is there; else the call must say Unsupported, and the lack is noted. */
export async function can(
  scene: Scene,
  { capability, call }: { capability: keyof Capabilities; call: () => Promise<Result<unknown>> },
): Promise<boolean> {
  if (scene.hypervisor.capabilities[capability]) return true;
  scene.lacks.add(capability);
  expect(await codeOf(call())).toBe('Unsupported');
  return false;
}

/** For verbs that no capability stands for: an Unsupported is noted, anything else must be as expected. */
export async function doesOrLacks(scene: Scene, verb: string, result: Promise<Result<unknown>>): Promise<boolean> {
  const code = await codeOf(result);
  if (code === 'Unsupported') scene.lacks.add(verb);
  else expect(code).toBe('ok');
  return code !== 'Unsupported';
}

/** Looks again and again while time goes by, until the assertion holds. */
export async function eventually(scene: Scene, check: () => Promise<void>): Promise<void> {
  const stepMs = 100;
  for (let waitedMs = 0; waitedMs < scene.timeoutMs / 2; waitedMs += stepMs) {
    try {
      return await check();
    } catch {
      await scene.pass(stepMs);
    }
  }
  await check();
}

export function machineSpec(scene: Scene, more: Partial<MachineSpec> = {}): MachineSpec {
  const uid = more.uid ?? randomUUID();
  return {
    uid,
    incarnation: 0,
    title: `shop/m-${uid.slice(0, 8)}`,
    installationId: scene.installationId,
    cpus: 1,
    maxCpus: 2,
    memoryMiB: 64,
    maxMemoryMiB: 64,
    cpuShares: 1024,
    cpuLimitMilli: null,
    accelerator: 'tcg',
    machineType: null,
    cpuModel: null,
    firmware: 'bios',
    secureBoot: false,
    bootOrder: ['disk'],
    disks: [],
    nics: [],
    serialLog: false,
    vnc: false,
    autostart: false,
    ...more,
  };
}

/** Makes sure that nothing of this uid is left after the test. */
export function willClearMachine(scene: Scene, uid: string): void {
  const { machines } = scene.hypervisor;
  scene.made.push(async () => {
    await machines.destroy(uid);
    await good(machines.undefine(uid));
  });
}

export async function defined(scene: Scene, more: Partial<MachineSpec> = {}): Promise<MachineSpec> {
  const spec = machineSpec(scene, more);
  willClearMachine(scene, spec.uid);
  await good(scene.hypervisor.machines.define(spec));
  return spec;
}

export async function running(scene: Scene, more: Partial<MachineSpec> = {}): Promise<MachineSpec> {
  const spec = await defined(scene, more);
  await good(scene.hypervisor.machines.start(spec.uid));
  return spec;
}

export async function sightOf(scene: Scene, uid: string): Promise<MachineSight | undefined> {
  const sights = await good(scene.hypervisor.machines.sight([uid]));
  expect(sights.length).toBeLessThanOrEqual(1);
  return sights[0];
}

let networks = 0;

export function networkSpec(scene: Scene, more: Partial<NetworkSpec> = {}): NetworkSpec {
  networks = (networks + 1) % 250;
  const net = `10.213.${networks}`;
  const uid = more.uid ?? randomUUID();
  return {
    uid,
    installationId: scene.installationId,
    bridge: `swt${uid.slice(0, 8)}`,
    domain: 'web.internal',
    forward: 'none',
    cidr: `${net}.0/24`,
    gateway: `${net}.1`,
    dhcp: { first: `${net}.100`, last: `${net}.200` },
    dns: true,
    mtu: null,
    ...more,
  };
}

export async function network(scene: Scene, more: Partial<NetworkSpec> = {}): Promise<NetworkSpec> {
  const spec = networkSpec(scene, more);
  scene.made.push(() => good(scene.hypervisor.networks.remove(spec.uid)));
  await good(scene.hypervisor.networks.ensure(spec));
  return spec;
}

/** An address of the network's block: `10.213.7.20`. */
export function addressIn(spec: NetworkSpec, last: number): string {
  return spec.gateway.replace(/\.1$/, `.${last}`);
}

/** A pool that is emptied and removed after the test. */
export async function pool(scene: Scene): Promise<string> {
  const uid = randomUUID();
  const { pools, volumes } = scene.hypervisor;
  await good(pools.ensure({ uid, type: 'dir', path: scene.poolPath() }));
  scene.made.push(async () => {
    const left = await volumes.sight({ poolUid: uid });
    for (const { name } of left.ok ? left.value : []) await volumes.remove({ poolUid: uid, name });
    await good(pools.remove(uid));
  });
  return uid;
}

export async function volume(
  scene: Scene,
  { poolUid, bytes = MIB, format = 'qcow2' }: { poolUid: string; bytes?: number; format?: 'qcow2' | 'raw' },
): Promise<VolumeAddress> {
  const address = { poolUid, name: `${randomUUID()}.${format}` };
  await good(scene.hypervisor.volumes.create({ volume: address, bytes, format }));
  return address;
}

export async function volumeNames(scene: Scene, poolUid: string): Promise<string[]> {
  const sights = await good(scene.hypervisor.volumes.sight({ poolUid }));
  return sights.map(({ name }) => name).sort();
}

export function disk(source: VolumeAddress | null, more: Partial<DiskSpec> = {}): DiskSpec {
  return {
    name: 'data',
    device: 'disk',
    bus: 'virtio',
    source,
    format: 'qcow2',
    readOnly: false,
    bootIndex: null,
    iops: null,
    cache: null,
    ...more,
  };
}

let macs = 0;

export function nic(networkUid: string, more: Partial<NicSpec> = {}): NicSpec {
  macs = (macs + 1) % 256;
  const mac = `52:54:00:5e:00:${macs.toString(16).padStart(2, '0')}`;
  return { name: 'eth0', mac, networkUid, model: 'virtio', bootIndex: null, rateMbps: null, ...more };
}
