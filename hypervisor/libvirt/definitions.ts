import type { MachineSpec } from '../port.ts';
import { isRefusal, PortFailure, unlessRefused } from './errors.ts';
import type { HostConnection } from './host-connection.ts';
import { affect, domainFlags, domainLifecycle, domainMetadataType } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { DomainRef } from './wire/refs.ts';
import { buildDomain } from './xml/domain-build.ts';
import { mergeDomain } from './xml/domain-merge.ts';
import { type Domain, parseDomain } from './xml/domain-parse.ts';
import { stewardNamespace, stewardPrefix } from './xml/ownership.ts';
import { readXml } from './xml/read.ts';
import type { XmlElement } from './xml/tree.ts';
import { buildWish, parseOwner, wishOf } from './xml/wish.ts';
import { writeXml } from './xml/write.ts';

/** A domain as it stands in libvirt, read just now. */
export interface Definition {
  ref: DomainRef;
  tree: XmlElement;
  domain: Domain;
}

/** Writes the persistent definition of a machine, into the one that is there if there is one. */
export async function define(host: HostConnection, spec: MachineSpec): Promise<void> {
  const existing = await readDefinition(host, spec.uid, domainFlags.xmlInactive);
  if (existing !== null) requireOurs(host, spec.uid, existing.domain);
  await write(host, spec, existing);
}

/** Changes the persistent definition of a machine of ours. A transient domain has none; then nothing happens. */
export async function redefine(
  host: HostConnection,
  uid: string,
  change: (spec: MachineSpec) => MachineSpec,
): Promise<void> {
  const existing = await readOurs(host, uid, domainFlags.xmlInactive);
  const { persistent } = await host.lanes.inventory.call(procedures.domainIsPersistent, { domain: existing.ref });
  if (!persistent) return;
  const before = { ...existing.domain.spec, uid };
  const after = change(before);
  if (after !== before) await write(host, after, existing);
}

/** Writes our ownership into a foreign domain, live and persistent, and changes nothing else in it. */
export async function adopt(
  host: HostConnection,
  request: { foreignUid: string; uid: string; title: string; installationId: string },
): Promise<void> {
  const found = await readDefinition(host, request.foreignUid, domainFlags.xmlInactive);
  if (found === null) throw new PortFailure('NotFound', `There is no domain ${request.foreignUid}.`);
  const owner = ownerOf(found.domain);
  if (owner !== null && owner.installationId !== host.installationId) throw notOwned(request.foreignUid);
  if (owner !== null && owner.uid !== request.uid) {
    throw new PortFailure('Exists', `The domain ${request.foreignUid} belongs to machine ${owner.uid} already.`);
  }
  const flags = await whereToWrite(host, found.ref);
  const spec = { ...found.domain.spec, uid: request.uid, installationId: request.installationId };
  const wish = buildWish(wishOf(spec, { domainUuid: found.domain.uuid, cpuTuned: true }));
  const plain = { ...wish, name: 'machine', attributes: withoutNamespace(wish.attributes) };
  const element = {
    type: domainMetadataType.element,
    metadata: writeXml(plain),
    key: stewardPrefix,
    uri: stewardNamespace,
  };
  const title = { type: domainMetadataType.title, metadata: request.title, key: null, uri: null };
  for (const metadata of [title, element]) {
    await host.gate.call(found.domain.uuid, procedures.domainSetMetadata, { domain: found.ref, ...metadata, flags });
  }
  host.inventory.markMeddled(found.domain.uuid);
}

/** Removes the definition of a machine of ours with its NVRAM and saved states. None there is fine. */
export async function undefine(host: HostConnection, uid: string): Promise<void> {
  const domain = await lookForOurs(host, uid);
  if (domain === null) return;
  const call = (flags: number) => host.lanes.acts.call(procedures.domainUndefineFlags, { domain, flags });
  // A driver without NVRAM or saved states (test) does not know the flags; a transient domain has no definition.
  await unlessRefused(
    unlessRefused(call(undefineEverything), ['INVALID_ARG'], () => call(0)),
    ['NO_DOMAIN', 'OPERATION_INVALID'],
    undefined,
  );
  host.inventory.markChanged(domain.uuid);
}

/** Asks libvirt whose the domain of `uid` is now, before it is destroyed or removed. Null when there is none. */
export async function lookForOurs(host: HostConnection, uid: string): Promise<DomainRef | null> {
  const domain = { name: '', uuid: host.inventory.domainOf(uid), id: -1 };
  const args = { domain, type: domainMetadataType.element, uri: stewardNamespace, flags: affect.current };
  const call = host.lanes.inventory.call(procedures.domainGetMetadata, args);
  const answer = await unlessRefused(call, ['NO_DOMAIN', 'NO_DOMAIN_METADATA'], (refusal) => {
    if (refusal.codeName === 'NO_DOMAIN') return null;
    throw notOwned(uid);
  });
  if (answer === null) return null;
  const owner = parseOwner(readXml(answer.metadata));
  requireOwner(host, uid, owner.domainUuid === domain.uuid ? owner : null);
  return domain;
}

/** The domain that carries `uid`, or null. `flags` choose the XML: 0 for the running one, xmlInactive for the definition. */
export async function readDefinition(host: HostConnection, uid: string, flags: number): Promise<Definition | null> {
  const ref = { name: '', uuid: host.inventory.domainOf(uid), id: -1 };
  const answer = await unlessRefused(
    host.lanes.inventory.call(procedures.domainGetXmlDesc, { domain: ref, flags }),
    ['NO_DOMAIN'],
    null,
  );
  if (answer === null) return null;
  const tree = readXml(answer.xml);
  return { ref, tree, domain: parseDomain(tree) };
}

/** As readDefinition, for a machine that must be there and ours. */
export async function readOurs(host: HostConnection, uid: string, flags: number): Promise<Definition> {
  const found = await readDefinition(host, uid, flags);
  if (found === null) throw new PortFailure('NotFound', `There is no machine ${uid}.`);
  requireOurs(host, uid, found.domain);
  return found;
}

/** A machine of ours as a reference for a call. What the inventory has seen as ours is believed; anything else is asked for. */
export async function ownDomain(host: HostConnection, uid: string): Promise<DomainRef> {
  if (host.inventory.isOurs(uid)) return { name: '', uuid: host.inventory.domainOf(uid), id: -1 };
  const domain = await lookForOurs(host, uid);
  if (domain === null) throw new PortFailure('NotFound', `There is no machine ${uid}.`);
  return domain;
}

function notOwned(uid: string): PortFailure {
  return new PortFailure('NotOwned', `The domain ${uid} was not made by this installation.`);
}

const undefineEverything =
  domainFlags.undefineManagedSave |
  domainFlags.undefineSnapshotsMetadata |
  domainFlags.undefineNvram |
  domainFlags.undefineCheckpointsMetadata;

async function write(host: HostConnection, spec: MachineSpec, existing: Definition | null): Promise<void> {
  checkSpec(spec);
  const dialect = await host.dialect({ tryKvm: spec.accelerator === 'auto' });
  const tree = existing === null ? buildDomain(spec, dialect) : mergeDomain(existing.tree, spec, dialect);
  host.echoes.expect(host.inventory.domainOf(spec.uid), [domainLifecycle.defined]);
  const defined = await host.lanes.acts.call(procedures.domainDefineXmlFlags, { xml: writeXml(tree), flags: 0 });
  host.inventory.markChanged(defined.domain.uuid);
  const { autostart } = existing === null ? { autostart: false } : await autostartOf(host, defined.domain);
  if (autostart !== spec.autostart) {
    await host.lanes.acts.call(procedures.domainSetAutostart, { domain: defined.domain, autostart: spec.autostart });
  }
}

async function autostartOf(host: HostConnection, domain: DomainRef): Promise<{ autostart: boolean }> {
  return await host.lanes.inventory.call(procedures.domainGetAutostart, { domain });
}

function ownerOf(domain: Domain): { uid: string; installationId: string } | null {
  return domain.wish !== null && domain.wish.domainUuid === domain.uuid ? domain.wish : null;
}

function requireOurs(host: HostConnection, uid: string, domain: Domain): void {
  requireOwner(host, uid, ownerOf(domain));
}

function requireOwner(host: HostConnection, uid: string, owner: { uid: string; installationId: string } | null): void {
  if (owner === null || owner.installationId !== host.installationId || owner.uid !== uid) throw notOwned(uid);
}

async function whereToWrite(host: HostConnection, domain: DomainRef): Promise<number> {
  const [{ active }, { persistent }] = await Promise.all([
    host.lanes.inventory.call(procedures.domainIsActive, { domain }),
    host.lanes.inventory.call(procedures.domainIsPersistent, { domain }),
  ]);
  return (active ? affect.live : 0) | (persistent ? affect.config : 0);
}

/** libvirt adds the declaration itself. */
function withoutNamespace(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !key.startsWith('xmlns')));
}

/** What libvirt would take and misunderstand, or refuse without saying where. */
function checkSpec(spec: MachineSpec): void {
  const problems: string[] = [];
  if (spec.cpus < 1 || spec.maxCpus < spec.cpus)
    problems.push(`cpus ${spec.cpus} must be from 1 to maxCpus ${spec.maxCpus}`);
  if (spec.memoryMiB < 1 || spec.maxMemoryMiB < spec.memoryMiB) {
    problems.push(`memoryMiB ${spec.memoryMiB} must be from 1 to maxMemoryMiB ${spec.maxMemoryMiB}`);
  }
  if (/[\r\n]/.test(spec.title)) problems.push('title must be one line');
  const devices = [
    ...spec.disks.map((disk) => ['disk', disk] as const),
    ...spec.nics.map((nic) => ['nic', nic] as const),
  ];
  for (const [noun, { name }] of devices) {
    if (!/^[A-Za-z0-9_-]{1,60}$/.test(name))
      problems.push(`${noun} name "${name}" must be 1 to 60 letters, digits, - or _`);
  }
  const places = devices.flatMap(([, { bootIndex }]) => (bootIndex === null ? [] : [bootIndex]));
  if (new Set(places).size < places.length) problems.push('each bootIndex may be given once');
  if (problems.length > 0) throw new PortFailure('Invalid', `Machine ${spec.uid}: ${problems.join('; ')}.`);
}

/** True for the refusal of a host without a CPU controller to give a guest shares or a quota. */
export function lacksCpuController(error: unknown): boolean {
  return isRefusal(error, 'CONFIG_UNSUPPORTED', 'OPERATION_INVALID') && /cgroup cpu|CPU tuning/i.test(error.message);
}
