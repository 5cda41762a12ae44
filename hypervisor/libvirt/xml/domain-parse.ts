import type { MachineSpec } from '../../port.ts';
import { type BootDevice, bootIndexes } from './boot.ts';
import { disksOf, macOf, nicsOf, parseDisk, parseNic, placeOf, targetOf } from './devices.ts';
import { childrenNamed, descend, textOf, type XmlElement } from './tree.ts';
import { parseWish, type Wish, wholeNumber } from './wish.ts';

/** A domain's XML as plain data. */
export interface Domain {
  uuid: string;
  name: string;
  /** libvirt's id while it runs. */
  id: string | null;
  /** `kvm`, `qemu`, `test`, … */
  type: string;
  wish: Wish | null;
  spec: MachineSpec;
  /** `127.0.0.1:5901`, once a port is taken. */
  vnc: string | null;
  /** Log file of the serial port. */
  serialLog: string | null;
  /** What the host calls the devices of a running machine: taps of NICs by MAC, targets of disks by name. */
  targets: { nics: ReadonlyMap<string, string>; disks: ReadonlyMap<string, string> };
  /** Ports of networks that the NICs of a running machine were plugged into, by MAC. */
  ports: Readonly<Record<string, string>>;
}

/** Reads what `buildDomain` built, also after libvirt filled it in, and foreign domains as well as a MachineSpec can say them. */
export function parseDomain(domain: XmlElement): Domain {
  const wish = parseWish(domain);
  const uuid = textOf(descend(domain, 'uuid'));
  const serialLog = descend(domain, 'devices', 'serial', 'log')?.attributes.file ?? null;
  const nics = nicsOf(domain).map((nic) => ({ nic, mac: macOf(nic) }));
  return {
    uuid,
    name: textOf(descend(domain, 'name')),
    id: domain.attributes.id ?? null,
    type: domain.attributes.type ?? '',
    wish,
    spec: { ...parseSize(domain, wish), ...parseKind(domain, wish), ...parseParts(domain, wish, uuid) },
    vnc: parseVnc(domain),
    serialLog,
    targets: {
      nics: new Map(nics.map(({ nic, mac }) => [mac, targetOf(nic)])),
      disks: new Map(disksOf(domain).map((disk) => [parseDisk(disk).name, targetOf(disk)])),
    },
    ports: Object.fromEntries(nics.flatMap(({ nic, mac }) => portOf(nic, mac))),
  };
}

function portOf(nic: XmlElement, mac: string): [string, string][] {
  const port = descend(nic, 'source')?.attributes.portid;
  return port === undefined ? [] : [[mac, port]];
}

const mebibytesOf: Readonly<Record<string, number>> = {
  b: 1 / 1_048_576,
  bytes: 1 / 1_048_576,
  KiB: 1 / 1024,
  k: 1 / 1024,
  MiB: 1,
  M: 1,
  GiB: 1024,
  G: 1024,
};

type Size = 'cpus' | 'maxCpus' | 'memoryMiB' | 'maxMemoryMiB' | 'cpuShares' | 'cpuLimitMilli';

function parseSize(domain: XmlElement, wish: Wish | null): Pick<MachineSpec, Size> {
  const vcpu = descend(domain, 'vcpu');
  const maxCpus = wholeNumber(textOf(vcpu)) ?? 1;
  const memory = descend(domain, 'memory');
  return {
    cpus: wholeNumber(vcpu?.attributes.current) ?? maxCpus,
    maxCpus,
    memoryMiB: mebibytes(descend(domain, 'currentMemory') ?? memory),
    maxMemoryMiB: mebibytes(memory),
    ...parseCpuTuning(descend(domain, 'cputune'), wish),
  };
}

function mebibytes(amount: XmlElement | undefined): number {
  return Math.floor((wholeNumber(textOf(amount)) ?? 0) * (mebibytesOf[amount?.attributes.unit ?? 'KiB'] ?? 0));
}

/** libvirt's own weight where nothing is said. */
const usualShares = 1024;

function parseCpuTuning(
  tuning: XmlElement | undefined,
  wish: Wish | null,
): Pick<MachineSpec, 'cpuShares' | 'cpuLimitMilli'> {
  if (tuning === undefined && wish !== null && !wish.cpuTuned) {
    return { cpuShares: wish.cpuShares, cpuLimitMilli: wish.cpuLimitMilli };
  }
  const period = wholeNumber(textOf(descend(tuning, 'global_period'))) ?? 100_000;
  const quota = wholeNumber(textOf(descend(tuning, 'global_quota')));
  return {
    cpuShares: wholeNumber(textOf(descend(tuning, 'shares'))) ?? usualShares,
    cpuLimitMilli: quota === null ? null : Math.round((quota * 1000) / period),
  };
}

type KindOf = 'accelerator' | 'machineType' | 'cpuModel' | 'firmware' | 'secureBoot';

function parseKind(domain: XmlElement, wish: Wish | null): Pick<MachineSpec, KindOf> {
  const os = descend(domain, 'os');
  const loader = descend(os, 'loader')?.attributes;
  const features = childrenNamed(descend(os, 'firmware'), 'feature');
  const secure = features.find(({ attributes }) => attributes.name === 'secure-boot')?.attributes.enabled === 'yes';
  const type = domain.attributes.type;
  const accelerated = type === 'kvm' ? 'kvm' : 'tcg';
  return {
    accelerator: wish === null || contradicts(wish.accelerator, type) ? accelerated : wish.accelerator,
    machineType: parseMachineType(descend(os, 'type')?.attributes.machine ?? null, wish),
    cpuModel: parseCpuModel(descend(domain, 'cpu'), wish),
    firmware: os?.attributes.firmware === 'efi' || loader?.type === 'pflash' ? 'uefi' : 'bios',
    secureBoot: secure || loader?.secure === 'yes',
  };
}

function contradicts(wanted: MachineSpec['accelerator'], type: string | undefined): boolean {
  return (wanted === 'kvm' && type === 'qemu') || (wanted === 'tcg' && type === 'kvm');
}

/** libvirt writes `q35` down as the version it stands for now. */
function parseMachineType(actual: string | null, wish: Wish | null): string | null {
  if (wish === null || actual === null) return wish === null ? actual : wish.machineType;
  const wanted = wish.machineType;
  const fulfilled =
    wanted === null ||
    actual === wanted ||
    (wanted === 'pc' && actual.startsWith('pc-i440fx-')) ||
    (wanted === 'q35' && actual.startsWith('pc-q35-'));
  return fulfilled ? wanted : actual;
}

/** A model left to the host, and `host-model`, come back spelled out once the guest runs. */
function parseCpuModel(cpu: XmlElement | undefined, wish: Wish | null): string | null {
  const mode = cpu?.attributes.mode;
  const named = textOf(descend(cpu, 'model'));
  const actual = mode === 'host-model' || mode === 'host-passthrough' ? mode : named === '' ? null : named;
  if (wish === null) return actual;
  return wish.cpuModel === null || wish.cpuModel === 'host-model' ? wish.cpuModel : actual;
}

type Parts = Exclude<keyof MachineSpec, Size | KindOf>;

function parseParts(domain: XmlElement, wish: Wish | null, uuid: string): Pick<MachineSpec, Parts> {
  return {
    uid: wish !== null && wish.domainUuid === uuid ? wish.uid : uuid,
    incarnation: wish?.incarnation ?? 0,
    title: textOf(descend(domain, 'title')),
    installationId: wish?.installationId ?? '',
    bootOrder: wish?.bootOrder ?? [],
    ...parseDevices(domain, wish),
    serialLog: descend(domain, 'devices', 'serial', 'log') !== undefined,
    vnc: vncOf(domain) !== undefined,
    autostart: wish?.autostart ?? false,
  };
}

function parseDevices(domain: XmlElement, wish: Wish | null): Pick<MachineSpec, 'disks' | 'nics'> {
  const disks = inOrder(
    disksOf(domain).map((found) => ({ spec: parseDisk(found), place: placeOf(found) })),
    wish?.disks,
  );
  const nics = inOrder(
    nicsOf(domain).map((found, index) => ({ spec: parseNic(found, index), place: placeOf(found) })),
    wish?.nics,
  );
  const places = new Map<BootDevice, number>();
  for (const { spec, place } of [...disks, ...nics]) if (place !== null) places.set(spec, place);
  const byClass = wish?.boots === 'byClass';
  const found = {
    bootOrder: wish?.bootOrder ?? [],
    disks: disks.map((it) => it.spec),
    nics: nics.map((it) => it.spec),
  };
  const indexes = byClass ? bootIndexes(found, places) : places;
  return {
    disks: found.disks.map((disk) => ({ ...disk, bootIndex: indexes.get(disk) ?? null })),
    nics: found.nics.map((nic) => ({ ...nic, bootIndex: indexes.get(nic) ?? null })),
  };
}

/** The order of the wish; what it does not name comes last, in the order found. */
function inOrder<T extends { spec: { name: string } }>(found: T[], names: readonly string[] = []): T[] {
  const rank = new Map(names.map((name, index) => [name, index]));
  const rankOf = ({ spec }: T) => rank.get(spec.name) ?? names.length;
  return found.sort((one, other) => rankOf(one) - rankOf(other));
}

function vncOf(domain: XmlElement): XmlElement | undefined {
  return childrenNamed(descend(domain, 'devices'), 'graphics').find(({ attributes }) => attributes.type === 'vnc');
}

function parseVnc(domain: XmlElement): string | null {
  const vnc = vncOf(domain);
  const port = wholeNumber(vnc?.attributes.port);
  if (vnc === undefined || port === null) return null;
  return `${vnc.attributes.listen ?? descend(vnc, 'listen')?.attributes.address ?? '127.0.0.1'}:${port}`;
}
