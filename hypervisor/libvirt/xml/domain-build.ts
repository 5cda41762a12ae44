import type { MachineSpec } from '../../port.ts';
import { bootPlaces } from './boot.ts';
import { buildDisk, buildNic, targetNames } from './devices.ts';
import { metadataWith } from './ownership.ts';
import { element, type XmlElement } from './tree.ts';
import { buildWish, wishOf } from './wish.ts';

/** What the host decides about the XML of its domains. */
export interface Dialect {
  /** libvirt's driver: `QEMU`, `TEST`, … */
  driver: string;
  arch: string;
  /** A KVM guest was really started there. */
  kvm: boolean;
  /** The host has a CPU controller for shares and quota. */
  cpuTuned: boolean;
  /** Where serial output is logged; null where the driver has no such log. */
  serialLogFolder: string | null;
  /** Machine types on offer; empty where the driver names none. */
  machineTypes: readonly string[];
}

/** Who the domain is to libvirt: an adopted one keeps its own name and UUID. */
export interface DomainIdentity {
  name: string;
  uuid: string;
}

/** A new domain with all that a machine needs. Everything in `spec` is text or numbers: nothing in it can become markup. */
export function buildDomain(spec: MachineSpec, dialect: Dialect, identity?: DomainIdentity): XmlElement {
  const { name, uuid } = identity ?? { name: spec.uid, uuid: spec.uid };
  const wish = wishOf(spec, { domainUuid: uuid, cpuTuned: dialect.cpuTuned });
  return element('domain', { type: domainType(spec, dialect) }, [
    element('name', {}, name),
    element('uuid', {}, uuid),
    spec.title === '' ? null : element('title', {}, spec.title),
    metadataWith(buildWish(wish), undefined, 'machine'),
    element('memory', { unit: 'KiB' }, spec.maxMemoryMiB * 1024),
    element('currentMemory', { unit: 'KiB' }, spec.memoryMiB * 1024),
    element('vcpu', { placement: 'static', current: spec.cpus < spec.maxCpus ? spec.cpus : null }, spec.maxCpus),
    buildCpuTuning(spec, dialect),
    buildOs(spec, dialect),
    element('features', {}, [
      element('acpi'),
      element('apic'),
      spec.secureBoot ? element('smm', { state: 'on' }) : null,
    ]),
    buildCpu(spec, dialect),
    element('clock', { offset: 'utc' }),
    element('on_poweroff', {}, 'destroy'),
    element('on_reboot', {}, 'restart'),
    element('on_crash', {}, 'destroy'),
    element('devices', {}, buildDevices(spec, { ...dialect, uuid })),
  ]);
}

/** Names of the top-level elements that `buildDomain` decides, each in its order. */
export const ownedElements = [
  'title',
  'metadata',
  'memory',
  'currentMemory',
  'vcpu',
  'cputune',
  'os',
  'features',
  'cpu',
] as const;

const quotaPeriodUs = 100_000;

function domainType(spec: MachineSpec, dialect: Dialect): string {
  if (dialect.driver === 'TEST') return 'test';
  const wanted = spec.accelerator === 'kvm' || (spec.accelerator === 'auto' && dialect.kvm);
  return wanted ? 'kvm' : 'qemu';
}

/** The quota is for the whole guest: libvirt's plain `quota` would count for each CPU by itself. */
function buildCpuTuning(spec: MachineSpec, dialect: Dialect): XmlElement | null {
  if (!dialect.cpuTuned) return null;
  const limit = spec.cpuLimitMilli;
  return element('cputune', {}, [
    element('shares', {}, spec.cpuShares),
    limit === null ? null : element('global_period', {}, quotaPeriodUs),
    limit === null ? null : element('global_quota', {}, limit * (quotaPeriodUs / 1000)),
  ]);
}

/**
 * BIOS guests are `pc` unless a type is asked for: devices can be plugged into it without ports kept free for them. UEFI needs `q35`.
 * The name is left out where the driver knows no machine types.
 */
function buildOs(spec: MachineSpec, dialect: Dialect): XmlElement {
  const uefi = spec.firmware === 'uefi';
  const plain = uefi ? 'q35' : 'pc';
  const machine = spec.machineType ?? (dialect.machineTypes.includes(plain) ? plain : null);
  const type = element('type', { arch: dialect.arch, machine }, 'hvm');
  if (!uefi) return element('os', {}, [type]);
  const enabled = spec.secureBoot ? 'yes' : 'no';
  return element('os', { firmware: 'efi' }, [
    type,
    element('firmware', {}, [
      element('feature', { enabled, name: 'enrolled-keys' }),
      element('feature', { enabled, name: 'secure-boot' }),
    ]),
    spec.secureBoot ? element('loader', { secure: 'yes' }) : null,
  ]);
}

function buildCpu(spec: MachineSpec, dialect: Dialect): XmlElement | null {
  const model = spec.cpuModel;
  if (model === null) return domainType(spec, dialect) === 'kvm' ? element('cpu', { mode: 'host-model' }) : null;
  if (model === 'host-model' || model === 'host-passthrough') return element('cpu', { mode: model });
  return element('cpu', { mode: 'custom', match: 'exact' }, [element('model', { fallback: 'forbid' }, model)]);
}

function buildDevices(spec: MachineSpec, dialect: Dialect & { uuid: string }): XmlElement[] {
  const places = bootPlaces(spec);
  const targets = targetNames(spec.disks, new Map());
  const disks = spec.disks.map((disk) =>
    buildDisk(disk, { target: targets.get(disk.name) ?? '', place: places.get(disk) }),
  );
  const nics = spec.nics.map((nic) => buildNic(nic, places.get(nic)));
  return [...disks, buildScsiController(), ...nics, ...buildConsoles(spec, dialect), ...buildComforts(spec)];
}

/** Always there, so that a SCSI disk can be plugged in later. */
function buildScsiController(): XmlElement {
  return element('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' });
}

function buildConsoles(spec: MachineSpec, dialect: Dialect & { uuid: string }): XmlElement[] {
  const log = buildSerialLog(spec, dialect, dialect.uuid);
  return [
    element('serial', { type: 'pty' }, [log, element('target', { port: 0 })]),
    element('console', { type: 'pty' }, [log, element('target', { type: 'serial', port: 0 })]),
    element('channel', { type: 'unix' }, [element('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })]),
  ];
}

export function buildSerialLog(spec: MachineSpec, dialect: Dialect, uuid: string): XmlElement | null {
  if (!spec.serialLog) return null;
  return element('log', { file: `${dialect.serialLogFolder ?? ''}/${uuid}.serial.log`, append: 'on' });
}

/** Listens on loopback only: the console proxy is the way in. */
export function buildVnc(): XmlElement {
  return element('graphics', { type: 'vnc', port: -1, autoport: 'yes', listen: '127.0.0.1' }, [
    element('listen', { type: 'address', address: '127.0.0.1' }),
  ]);
}

function buildComforts(spec: MachineSpec): XmlElement[] {
  return [
    ...(spec.vnc ? [buildVnc()] : []),
    element('video', {}, [element('model', { type: spec.vnc ? 'vga' : 'none' })]),
    element('memballoon', { model: 'virtio' }),
    element('rng', { model: 'virtio' }, [element('backend', { model: 'random' }, '/dev/urandom')]),
  ];
}
