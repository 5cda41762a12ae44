import type { MachineSpec } from '../../port.ts';
import { forgetBuses, mergeDevices } from './device-merge.ts';
import { buildDomain, type Dialect, ownedElements } from './domain-build.ts';
import { findOwn } from './ownership.ts';
import { descend, element, elementsOf, setChild, textOf, type XmlElement } from './tree.ts';
import { parseWish } from './wish.ts';

/**
 * `spec` written into the definition that is there: what a MachineSpec says is replaced, everything else is kept — a foreign
 * domain's own devices and settings, and the addresses libvirt gave ours, by which the guest knows its disks and NICs.
 */
export function mergeDomain(existing: XmlElement, spec: MachineSpec, dialect: Dialect): XmlElement {
  const identity = { name: textOf(descend(existing, 'name')), uuid: textOf(descend(existing, 'uuid')) };
  const built = buildDomain(spec, dialect, identity);
  if (descend(existing, 'devices') === undefined) return built;
  const merged = structuredClone(existing);
  merged.attributes.type = built.attributes.type ?? '';
  delete merged.attributes.id;
  for (const name of ownedElements) setChild(merged, name, mergeElement(name, existing, built));
  if (spec.machineType === null) keepMachineType(merged, existing, spec);
  if (familyOf(merged) !== familyOf(existing)) forgetBuses(merged);
  mergeDevices(merged, { spec, dialect, uuid: identity.uuid });
  return merged;
}

function mergeElement(name: string, from: XmlElement, built: XmlElement): XmlElement | null {
  const existing = descend(from, name);
  const wanted = descend(built, name) ?? null;
  if (existing === undefined) return wanted;
  if (name === 'metadata' && wanted !== null) return mergeMetadata(from, wanted);
  if (name === 'features') return mergeFeatures(existing, wanted);
  if (name === 'os') return mergeOs(existing, wanted);
  if (name === 'cputune') return mergeTuning(existing, wanted);
  if (name === 'cpu') return mergeCpu(existing, wanted, from, built);
  if (wanted !== null && name !== 'title') return keepAttributes(existing, wanted);
  return wanted;
}

/** Pinning, dump settings and other attributes of sizes that no spec speaks of. */
function keepAttributes(existing: XmlElement, wanted: XmlElement): XmlElement {
  const others = Object.entries(existing.attributes).filter(([key]) => key !== 'current' && key !== 'unit');
  return { ...wanted, attributes: { ...Object.fromEntries(others), ...wanted.attributes } };
}

function mergeMetadata(from: XmlElement, wanted: XmlElement): XmlElement {
  const previous = findOwn(from, 'machine');
  const others = elementsOf(descend(from, 'metadata')).filter((child) => child !== previous);
  return element('metadata', {}, [...wanted.children, ...others]);
}

function mergeFeatures(existing: XmlElement, wanted: XmlElement | null): XmlElement {
  const merged = structuredClone(existing);
  for (const feature of elementsOf(wanted ?? undefined)) setChild(merged, feature.name, feature);
  return merged;
}

/** Pinning, weights of emulator threads and the like stay. */
function mergeTuning(existing: XmlElement, wanted: XmlElement | null): XmlElement | null {
  const merged = structuredClone(existing);
  for (const name of ['shares', 'global_period', 'global_quota']) {
    setChild(merged, name, descend(wanted ?? undefined, name) ?? null);
  }
  return merged.children.length === 0 ? null : merged;
}

/** A model left to the host keeps what libvirt chose for it, unless a model had been asked for or the accelerator changes. */
function mergeCpu(
  existing: XmlElement,
  wanted: XmlElement | null,
  from: XmlElement,
  built: XmlElement,
): XmlElement | null {
  if (from.attributes.type !== built.attributes.type) return wanted;
  if (wanted === null) return parseWish(from)?.cpuModel ? null : existing;
  const sameMode = existing.attributes.mode === wanted.attributes.mode;
  const sameModel = textOf(descend(existing, 'model')) === textOf(descend(wanted, 'model'));
  return sameMode && sameModel ? existing : wanted;
}

/** Kernel, menu and SMBIOS settings stay; the loader and its variables stay as long as the firmware does. */
function mergeOs(existing: XmlElement, wanted: XmlElement | null): XmlElement {
  const merged = structuredClone(existing);
  setChild(merged, 'boot', null);
  mergeOsType(merged, wanted ?? undefined);
  const before = firmwareOf(existing);
  const after = firmwareOf(wanted ?? undefined);
  if (before.uefi === after.uefi && before.secure === after.secure) return merged;
  delete merged.attributes.firmware;
  if (after.uefi) merged.attributes.firmware = 'efi';
  for (const name of ['firmware', 'loader', 'nvram'])
    setChild(merged, name, descend(wanted ?? undefined, name) ?? null);
  return merged;
}

function firmwareOf(os: XmlElement | undefined): { uefi: boolean; secure: boolean } {
  const loader = descend(os, 'loader')?.attributes;
  return { uefi: os?.attributes.firmware === 'efi' || loader?.type === 'pflash', secure: loader?.secure === 'yes' };
}

/** An alias such as `q35` would jump to a newer version at each redefinition; the version that is there stays. */
function mergeOsType(merged: XmlElement, wanted: XmlElement | undefined): void {
  const type = descend(merged, 'type');
  const machine = descend(wanted, 'type')?.attributes.machine;
  if (type === undefined || machine === undefined) return;
  const family = machine === 'q35' ? 'pc-q35-' : machine === 'pc' ? 'pc-i440fx-' : machine;
  if (type.attributes.machine?.startsWith(family) !== true) type.attributes.machine = machine;
}

/** A machine type left to the host is whatever is there, as long as the firmware runs on it. */
function keepMachineType(merged: XmlElement, existing: XmlElement, spec: MachineSpec): void {
  const type = descend(merged, 'os', 'type');
  const had = descend(existing, 'os', 'type')?.attributes.machine;
  if (type === undefined || had === undefined) return;
  if (spec.firmware === 'bios' || had.includes('q35')) type.attributes.machine = had;
}

function familyOf(domain: XmlElement): string {
  const machine = descend(domain, 'os', 'type')?.attributes.machine ?? '';
  return machine.includes('q35') ? 'q35' : machine === 'pc' || machine.startsWith('pc-i440fx-') ? 'pc' : machine;
}
