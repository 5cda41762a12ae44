import type { MachineSpec } from '../../port.ts';
import { findOwn, ownElement } from './ownership.ts';
import type { XmlElement } from './tree.ts';

/**
 * What our metadata element holds: whose the domain is, and those wishes that libvirt's XML cannot say or rewrites. `auto` is no
 * domain type, `q35` comes back as `pc-q35-7.2`, a CPU model left to the host comes back spelled out. Reading takes the wish
 * where what is there fulfils it, and what is there where it does not: so drift still shows.
 */
export interface Wish {
  uid: string;
  /** The domain's own UUID. A copy made with our metadata in it has another, and is not ours. */
  domainUuid: string;
  incarnation: number;
  installationId: string;
  accelerator: MachineSpec['accelerator'];
  machineType: string | null;
  cpuModel: string | null;
  bootOrder: MachineSpec['bootOrder'];
  /** Whether devices were given their own place in the boot order, or stand in the order of their class. */
  boots: 'byClass' | 'byDevice';
  cpuShares: number;
  cpuLimitMilli: number | null;
  /** False where the host has no CPU controller: then shares and limit are only noted here. */
  cpuTuned: boolean;
  autostart: boolean;
  /** Names in the order wished for: libvirt sorts disks by bus and target. */
  disks: readonly string[];
  nics: readonly string[];
}

export function wishOf(spec: MachineSpec, given: { domainUuid: string; cpuTuned: boolean }): Wish {
  const byDevice = [...spec.disks, ...spec.nics].some((device) => device.bootIndex !== null);
  return {
    uid: spec.uid,
    domainUuid: given.domainUuid,
    incarnation: spec.incarnation,
    installationId: spec.installationId,
    accelerator: spec.accelerator,
    machineType: spec.machineType,
    cpuModel: spec.cpuModel,
    bootOrder: spec.bootOrder,
    boots: byDevice ? 'byDevice' : 'byClass',
    cpuShares: spec.cpuShares,
    cpuLimitMilli: spec.cpuLimitMilli,
    cpuTuned: given.cpuTuned,
    autostart: spec.autostart,
    disks: spec.disks.map(({ name }) => name),
    nics: spec.nics.map(({ name }) => name),
  };
}

export function buildWish(wish: Wish): XmlElement {
  return ownElement('machine', {
    uid: wish.uid,
    domain: wish.domainUuid,
    incarnation: String(wish.incarnation),
    installationId: wish.installationId,
    accelerator: wish.accelerator,
    machineType: wish.machineType,
    cpuModel: wish.cpuModel,
    bootOrder: wish.bootOrder.join(' '),
    boots: wish.boots,
    cpuShares: String(wish.cpuShares),
    cpuLimitMilli: wish.cpuLimitMilli === null ? null : String(wish.cpuLimitMilli),
    cpuTuned: wish.cpuTuned ? 'yes' : 'no',
    autostart: wish.autostart ? 'yes' : 'no',
    disks: wish.disks.join(' '),
    nics: wish.nics.join(' '),
  });
}

/** Null for a domain without our element. Values that nobody but us could have written wrong fall back to the plainest. */
export function parseWish(domain: XmlElement): Wish | null {
  const given = findOwn(domain, 'machine')?.attributes;
  if (given === undefined) return null;
  const classes: readonly string[] = ['disk', 'cdrom', 'network'];
  return {
    uid: given.uid ?? '',
    domainUuid: given.domain ?? '',
    incarnation: wholeNumber(given.incarnation) ?? 0,
    installationId: given.installationId ?? '',
    accelerator: given.accelerator === 'kvm' || given.accelerator === 'tcg' ? given.accelerator : 'auto',
    machineType: given.machineType ?? null,
    cpuModel: given.cpuModel ?? null,
    bootOrder: (given.bootOrder ?? '').split(' ').filter((name) => classes.includes(name)) as Wish['bootOrder'],
    boots: given.boots === 'byDevice' ? 'byDevice' : 'byClass',
    cpuShares: wholeNumber(given.cpuShares) ?? 1024,
    cpuLimitMilli: wholeNumber(given.cpuLimitMilli),
    cpuTuned: given.cpuTuned !== 'no',
    autostart: given.autostart === 'yes',
    disks: (given.disks ?? '').split(' '),
    nics: (given.nics ?? '').split(' '),
  };
}

/** Whose a domain is, from our element alone, as libvirt hands it out without its namespace. */
export function parseOwner(own: XmlElement): Pick<Wish, 'uid' | 'domainUuid' | 'installationId'> {
  const { uid = '', domain = '', installationId = '' } = own.attributes;
  return { uid, domainUuid: domain, installationId };
}

export function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}
