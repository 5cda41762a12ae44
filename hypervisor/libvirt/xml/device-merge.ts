import type { MachineSpec } from '../../port.ts';
import { bootPlaces } from './boot.ts';
import { buildDisk, buildNic, diskName, disksOf, nicsOf, targetNames, targetOf } from './devices.ts';
import { buildSerialLog, buildVnc, type Dialect } from './domain-build.ts';
import { childrenNamed, descend, element, elementsOf, setChild, type XmlElement } from './tree.ts';

/** Makes the disks, NICs, serial log and VNC of `domain` those of `spec`. All other devices stay as they are. */
export function mergeDevices(domain: XmlElement, given: { spec: MachineSpec; dialect: Dialect; uuid: string }): void {
  const devices = descend(domain, 'devices');
  if (devices === undefined) return;
  const disks = disksOf(domain);
  const nics = nicsOf(domain);
  const spoken = new Set([...disks, ...nics]);
  const others = elementsOf(devices).filter((device) => !spoken.has(device));
  devices.children = [...mergeDisks(disks, given.spec), ...mergeNics(nics, given.spec), ...others];
  mergeConsoles(devices, given);
  mergeVnc(devices, given.spec);
}

/** What a guest of another machine type cannot keep: its buses, and the places on them. */
export function forgetBuses(domain: XmlElement): void {
  const devices = descend(domain, 'devices');
  if (devices === undefined) return;
  devices.children = elementsOf(devices).filter(
    ({ name, attributes }) => name !== 'controller' || attributes.type === 'scsi',
  );
  for (const device of elementsOf(devices)) setChild(device, 'address', null);
}

/** Children of a disk or NIC that a spec decides; the others (address, target of a NIC, …) stay. */
const diskParts = ['driver', 'source', 'target', 'iotune', 'readonly', 'serial', 'boot', 'alias'];
const nicParts = ['mac', 'source', 'bandwidth', 'model', 'boot', 'alias'];

function mergeDisks(existing: readonly XmlElement[], spec: MachineSpec): XmlElement[] {
  const previous = new Map(existing.map((disk) => [diskName(disk), disk]));
  const staying = spec.disks.filter(({ name }) => previous.has(name));
  const targets = targetNames(spec.disks, new Map(staying.map(({ name }) => [name, targetOf(previous.get(name)!)])));
  const places = bootPlaces(spec);
  return spec.disks.map((disk) => {
    const target = targets.get(disk.name) ?? '';
    const built = buildDisk(disk, { target, place: places.get(disk) });
    const before = previous.get(disk.name);
    return before === undefined || targetOf(before) !== target ? built : mergeDevice(before, built, diskParts);
  });
}

function mergeNics(existing: readonly XmlElement[], spec: MachineSpec): XmlElement[] {
  const previous = new Map(existing.map((nic) => [macOf(nic), nic]));
  const places = bootPlaces(spec);
  return spec.nics.map((nic) => {
    const built = buildNic(nic, places.get(nic));
    const before = previous.get(nic.mac.toLowerCase());
    return before === undefined ? built : mergeDevice(before, built, nicParts);
  });
}

function macOf(nic: XmlElement): string {
  return (descend(nic, 'mac')?.attributes.address ?? '').toLowerCase();
}

function mergeDevice(before: XmlElement, built: XmlElement, parts: readonly string[]): XmlElement {
  const merged = structuredClone(before);
  Object.assign(merged.attributes, built.attributes);
  for (const name of parts) {
    const wanted = descend(built, name) ?? null;
    const was = descend(before, name);
    setChild(merged, name, wanted === null || was === undefined ? wanted : keepOptions(was, wanted));
  }
  return merged;
}

/** A driver keeps options that no spec speaks of (discard, io, queues, …). */
function keepOptions(was: XmlElement, wanted: XmlElement): XmlElement {
  if (wanted.name !== 'driver') return wanted;
  const others = Object.entries(was.attributes).filter(([key]) => key !== 'cache');
  return { ...wanted, attributes: { ...Object.fromEntries(others), ...wanted.attributes } };
}

function mergeConsoles(devices: XmlElement, given: { spec: MachineSpec; dialect: Dialect; uuid: string }): void {
  for (const port of [childrenNamed(devices, 'serial')[0], childrenNamed(devices, 'console')[0]]) {
    if (port === undefined || (descend(port, 'log') !== undefined) === given.spec.serialLog) continue;
    setChild(port, 'log', buildSerialLog(given.spec, given.dialect, given.uuid));
  }
}

function mergeVnc(devices: XmlElement, spec: MachineSpec): void {
  const vnc = childrenNamed(devices, 'graphics').find(({ attributes }) => attributes.type === 'vnc');
  if ((vnc !== undefined) === spec.vnc) return;
  devices.children = devices.children.filter((device) => device !== vnc);
  if (!spec.vnc) return;
  devices.children.push(buildVnc());
  const type = descend(devices, 'video', 'model')?.attributes.type;
  if (type === undefined || type === 'none') {
    setChild(devices, 'video', element('video', {}, [element('model', { type: 'vga' })]));
  }
}
