import type { DiskSpec, NicSpec } from '../../port.ts';
import { childrenNamed, descend, element, textOf, type XmlElement } from './tree.ts';
import { wholeNumber } from './wish.ts';

/** User aliases must begin with `ua-`; a disk and a NIC may share a name, aliases may not. */
const diskAlias = 'ua-disk-';
const nicAlias = 'ua-nic-';
/** libvirt counts kilobytes a second. */
const kilobytesPerMbit = 125;

/** `target` is the name within the machine (`vda`), `place` the one in the boot order. */
export function buildDisk(disk: DiskSpec, given: { target: string; place: number | undefined }): XmlElement {
  const { source } = disk;
  return element('disk', { type: source === null ? 'file' : 'volume', device: disk.device }, [
    element('driver', { name: 'qemu', type: disk.format, cache: disk.cache }),
    source === null ? null : element('source', { pool: source.poolUid, volume: source.name }),
    element('target', { dev: given.target, bus: disk.bus }),
    disk.iops === null ? null : element('iotune', {}, [element('total_iops_sec', {}, disk.iops)]),
    disk.readOnly ? element('readonly') : null,
    element('serial', {}, disk.name),
    given.place === undefined ? null : element('boot', { order: given.place }),
    element('alias', { name: `${diskAlias}${disk.name}` }),
  ]);
}

export function buildNic(nic: NicSpec, place: number | undefined): XmlElement {
  const rate = nic.rateMbps === null ? null : { average: nic.rateMbps * kilobytesPerMbit };
  return element('interface', { type: 'network' }, [
    element('mac', { address: nic.mac }),
    element('source', { network: nic.networkUid }),
    rate === null ? null : element('bandwidth', {}, [element('inbound', rate), element('outbound', rate)]),
    element('model', { type: nic.model }),
    place === undefined ? null : element('boot', { order: place }),
    element('alias', { name: `${nicAlias}${nic.name}` }),
  ]);
}

/**
 * The disk with the boot place left out. A disk that is no volume of a pool has an empty pool uid and its path as the name.
 * A name is its alias, else its serial, else its target.
 */
export function parseDisk(disk: XmlElement): DiskSpec {
  const driver = descend(disk, 'driver')?.attributes;
  const bus = descend(disk, 'target')?.attributes.bus;
  const cache = driver?.cache;
  return {
    name: diskName(disk),
    device: disk.attributes.device === 'cdrom' ? 'cdrom' : 'disk',
    bus: bus === 'scsi' || bus === 'sata' ? bus : 'virtio',
    source: diskSource(disk),
    format: driver?.type === 'qcow2' ? 'qcow2' : 'raw',
    readOnly: descend(disk, 'readonly') !== undefined,
    bootIndex: null,
    iops: wholeNumber(textOf(descend(disk, 'iotune', 'total_iops_sec'))),
    cache: cache === 'none' || cache === 'writeback' || cache === 'writethrough' ? cache : null,
  };
}

export function macOf(nic: XmlElement): string {
  return descend(nic, 'mac')?.attributes.address ?? '';
}

export function parseNic(nic: XmlElement, index: number): NicSpec {
  const average = wholeNumber(descend(nic, 'bandwidth', 'inbound')?.attributes.average);
  const mac = macOf(nic);
  return {
    name: aliasOf(nic, nicAlias) ?? `net${index}`,
    mac,
    networkUid: descend(nic, 'source')?.attributes.network ?? '',
    model: descend(nic, 'model')?.attributes.type === 'e1000' ? 'e1000' : 'virtio',
    bootIndex: null,
    rateMbps: average === null ? null : Math.floor(average / kilobytesPerMbit),
  };
}

export function diskName(disk: XmlElement): string {
  const serial = textOf(descend(disk, 'serial'));
  return aliasOf(disk, diskAlias) ?? (serial === '' ? targetOf(disk) : serial);
}

export function targetOf(device: XmlElement): string {
  return descend(device, 'target')?.attributes.dev ?? '';
}

export function placeOf(device: XmlElement): number | null {
  return wholeNumber(descend(device, 'boot')?.attributes.order);
}

/** Floppies and host devices are no disks of ours. */
export function disksOf(domain: XmlElement): XmlElement[] {
  return childrenNamed(descend(domain, 'devices'), 'disk').filter(
    ({ attributes }) =>
      attributes.device === 'disk' || attributes.device === 'cdrom' || attributes.device === undefined,
  );
}

export function nicsOf(domain: XmlElement): XmlElement[] {
  return childrenNamed(descend(domain, 'devices'), 'interface');
}

/** Target names for disks in order: those in `kept` stay, the others take the first free letter of their bus. */
export function targetNames(disks: readonly DiskSpec[], kept: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Map<string, string>();
  for (const disk of disks) {
    const had = kept.get(disk.name);
    if (had?.startsWith(prefixOf(disk.bus)) === true) names.set(disk.name, had);
  }
  const taken = new Set([...kept.values(), ...names.values()]);
  for (const disk of disks.filter(({ name }) => !names.has(name))) {
    const free = firstFree(prefixOf(disk.bus), taken);
    taken.add(free);
    names.set(disk.name, free);
  }
  return names;
}

function prefixOf(bus: DiskSpec['bus']): string {
  return bus === 'virtio' ? 'vd' : 'sd';
}

function firstFree(prefix: string, taken: ReadonlySet<string>): string {
  for (let index = 0; ; index += 1) {
    const head = index < 26 ? '' : String.fromCharCode(96 + Math.floor(index / 26));
    const name = `${prefix}${head}${String.fromCharCode(97 + (index % 26))}`;
    if (!taken.has(name)) return name;
  }
}

function diskSource(disk: XmlElement): DiskSpec['source'] {
  const source = descend(disk, 'source')?.attributes;
  if (source === undefined) return null;
  if (source.pool !== undefined && source.volume !== undefined) return { poolUid: source.pool, name: source.volume };
  const path = source.file ?? source.dev ?? source.name;
  return path === undefined ? null : { poolUid: '', name: path };
}

function aliasOf(device: XmlElement, prefix: string): string | null {
  const alias = descend(device, 'alias')?.attributes.name ?? '';
  return alias.startsWith(prefix) ? alias.slice(prefix.length) : null;
}
