import type { PoolSpec } from '../../port.ts';
import { descend, element, textOf, type XmlElement } from './tree.ts';
import { wholeNumber } from './wish.ts';

/** A pool's XML as plain data. libvirt keeps no metadata in pools and volumes: a pool of ours is one named by its own UUID. */
export interface Pool {
  uuid: string;
  name: string;
  type: string;
  path: string;
}

export interface Volume {
  name: string;
  path: string;
  capacityBytes: number;
  allocatedBytes: number;
  format: 'qcow2' | 'raw';
  /** When its file was last written to, as libvirt writes it; empty where it does not tell. */
  modifiedAt: string;
}

export function buildPool(spec: PoolSpec): XmlElement {
  return element('pool', { type: spec.type }, [
    element('name', {}, spec.uid),
    element('uuid', {}, spec.uid),
    element('target', {}, [element('path', {}, spec.path)]),
  ]);
}

export function parsePool(pool: XmlElement): Pool {
  return {
    uuid: textOf(descend(pool, 'uuid')),
    name: textOf(descend(pool, 'name')),
    type: pool.attributes.type ?? '',
    path: textOf(descend(pool, 'target', 'path')),
  };
}

/** Sparse: nothing is allocated before it is written. */
export function buildVolume(volume: { name: string; bytes: number; format: 'qcow2' | 'raw' }): XmlElement {
  return element('volume', {}, [
    element('name', {}, volume.name),
    element('capacity', { unit: 'bytes' }, volume.bytes),
    element('allocation', { unit: 'bytes' }, 0),
    element('target', {}, [element('format', { type: volume.format })]),
  ]);
}

export function parseVolume(volume: XmlElement): Volume {
  return {
    name: textOf(descend(volume, 'name')),
    path: textOf(descend(volume, 'target', 'path')),
    capacityBytes: wholeNumber(textOf(descend(volume, 'capacity'))) ?? 0,
    allocatedBytes: wholeNumber(textOf(descend(volume, 'allocation'))) ?? 0,
    format: descend(volume, 'target', 'format')?.attributes.type === 'qcow2' ? 'qcow2' : 'raw',
    modifiedAt: textOf(descend(volume, 'target', 'timestamps', 'mtime')),
  };
}
