import { childrenNamed, descend, textOf, type XmlElement } from './tree.ts';

/** What a connection says its host can run. Claims, not proof: `kvm` means only that libvirt lists the domain type. */
export interface HostClaims {
  /** Null: not told, as by the test driver. */
  uuid: string | null;
  arch: string;
  cpuModel: string;
  machineTypes: string[];
  kvm: boolean;
}

/** Takes the guest of the host's own architecture, else the first one that runs whole machines. */
export function parseCapabilities(capabilities: XmlElement): HostClaims {
  const host = descend(capabilities, 'host');
  const hostArch = textOf(descend(host, 'cpu', 'arch'));
  const whole = childrenNamed(capabilities, 'guest').filter((guest) => textOf(descend(guest, 'os_type')) === 'hvm');
  const guest = whole.find((it) => descend(it, 'arch')?.attributes.name === hostArch) ?? whole[0];
  const arch = descend(guest, 'arch');
  const machines = childrenNamed(arch, 'machine');
  const kvm = childrenNamed(arch, 'domain').find(({ attributes }) => attributes.type === 'kvm');
  return {
    uuid: textOf(descend(host, 'uuid')) || null,
    arch: arch?.attributes.name ?? hostArch,
    cpuModel: textOf(descend(host, 'cpu', 'model')),
    machineTypes: [...new Set([...machines, ...childrenNamed(kvm, 'machine')].map(textOf))],
    kvm: kvm !== undefined,
  };
}

/** Firmware named by the domain capabilities of a host. */
export function parseFirmware(domainCapabilities: XmlElement): ('bios' | 'uefi')[] {
  const os = descend(domainCapabilities, 'os');
  const firmware = childrenNamed(os, 'enum').find(({ attributes }) => attributes.name === 'firmware');
  const efi = childrenNamed(firmware, 'value').some((value) => textOf(value) === 'efi');
  return efi ? ['bios', 'uefi'] : ['bios'];
}
