import type { HostState, MachineState } from '../../../hypervisor/memory/state.ts';
import type { ManifestInput } from '../../../reconciler/admission/manifest.ts';
import type { JsonObject } from '../../../reconciler/json.ts';
import { type Cloud, createCloud, hostManifest, PROJECT, poolManifest } from '../../../test/fixtures/cloud.ts';

export const RESYNC_MS = 400_000;
export const WEB = { kind: 'VirtualMachine', project: 'default', name: 'web' };
export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM6hFcxLIDDxphluw23eW7WONTu69nDGtoQs7tz0LFR0 admin';

export function machine(
  name: string,
  spec: JsonObject = {},
  metadata: Partial<ManifestInput['metadata']> = {},
): ManifestInput {
  return { kind: 'VirtualMachine', metadata: { name, ...metadata }, spec: { cpus: 1, memoryMiB: 512, ...spec } };
}

export function network(name: string, spec: JsonObject = {}): ManifestInput {
  return { kind: 'Network', metadata: { name }, spec };
}

export function volume(name: string, spec: JsonObject = {}): ManifestInput {
  return { kind: 'Volume', metadata: { name }, spec };
}

/** One host with one pool, and whatever else; settled. */
export async function cloudWith(...manifests: ManifestInput[]): Promise<Cloud> {
  const cloud = createCloud();
  const applied = await cloud.apply([...PROJECT, hostManifest('h1'), poolManifest('main', ['h1'])]);
  if (!applied.ok) throw new Error(JSON.stringify(applied.issues));
  await cloud.settle();
  await applyAll(cloud, ...manifests);
  return cloud;
}

export async function applyAll(cloud: Cloud, ...manifests: ManifestInput[]): Promise<void> {
  const applied = await cloud.apply(manifests, { allowedRisk: 'dataLoss' });
  if (!applied.ok) throw new Error(JSON.stringify(applied.issues));
  await cloud.settle();
}

export function hostOf(cloud: Cloud, name = 'h1'): HostState {
  const host = cloud.world.state.hosts[name];
  if (!host) throw new Error(`No host ${name}.`);
  return host;
}

export async function uidOf(cloud: Cloud, name: string, kind = 'VirtualMachine'): Promise<string> {
  return (await cloud.get(kind, name))?.metadata.uid ?? '';
}

/** The machine as its host has it. */
export async function seen(cloud: Cloud, name = 'web', host = 'h1'): Promise<MachineState> {
  const found = hostOf(cloud, host).machines[await uidOf(cloud, name)];
  if (!found) throw new Error(`${name} is not on ${host}.`);
  return found;
}

export async function status(cloud: Cloud, name = 'web', kind = 'VirtualMachine'): Promise<JsonObject> {
  return ((await cloud.get(kind, name))?.status ?? {}) as unknown as JsonObject;
}

/** Deeds since a mark, without those of pools, volumes' making and networks. */
export function deedsSince(cloud: Cloud, mark: number): string[] {
  return cloud.deeds().slice(mark);
}
