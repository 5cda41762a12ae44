import { domainRef, uuid } from '../refs.ts';
import { flag, int, nullable, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, qemu, remote, remoteStream } from './define.ts';

const theDomain = struct({ domain: domainRef });
const withFlags = struct({ domain: domainRef, flags: uint });

/** A domain's life: define, start, stop, look up, describe. */
export const domainProcedures = {
  domainDefineXmlFlags: remote('domainDefineXmlFlags', 350, {
    args: struct({ xml: string(), flags: uint }),
    result: theDomain,
  }),
  /** Start a defined domain. Flags: domainFlags.start. */
  domainCreateWithFlags: remote('domainCreateWithFlags', 196, { args: withFlags, result: theDomain }),
  /** Start a domain that vanishes when it stops. */
  domainCreateXml: remote('domainCreateXml', 10, { args: struct({ xml: string(), flags: uint }), result: theDomain }),
  /** Pull the plug. GRACEFUL gives qemu time to flush, and may then fail. */
  domainDestroyFlags: remote('domainDestroyFlags', 234, { args: withFlags, result: nothing }),
  /** Ask the guest to stop; returns at once, long before it does. */
  domainShutdownFlags: remote('domainShutdownFlags', 258, { args: withFlags, result: nothing }),
  domainReboot: remote('domainReboot', 27, { args: withFlags, result: nothing }),
  domainReset: remote('domainReset', 245, { args: withFlags, result: nothing }),
  domainSuspend: remote('domainSuspend', 34, { args: theDomain, result: nothing }),
  domainResume: remote('domainResume', 28, { args: theDomain, result: nothing }),
  domainUndefineFlags: remote('domainUndefineFlags', 231, { args: withFlags, result: nothing }),
  domainGetXmlDesc: remote('domainGetXmlDesc', 14, { args: withFlags, result: struct({ xml: string() }) }),
  /** Memory in KiB, CPU time in nanoseconds. Asks the guest's monitor when it runs. */
  domainGetInfo: remote('domainGetInfo', 16, {
    args: theDomain,
    result: struct({ state: int, maxMemoryKiB: uint64, memoryKiB: uint64, vcpus: int, cpuTimeNs: uint64 }),
  }),
  /** Answers without asking the guest's monitor. */
  domainGetState: remote('domainGetState', 212, { args: withFlags, result: struct({ state: int, reason: int }) }),
  /** What libvirt is doing with the monitor: state 0 is free, 1 a job, 2 occupied, 3 broken; time in milliseconds. */
  domainGetControlInfo: remote('domainGetControlInfo', 229, {
    args: withFlags,
    result: struct({ state: uint, details: uint, stateTimeMs: uint64 }),
  }),
  domainIsActive: remote('domainIsActive', 150, { args: theDomain, result: struct({ active: flag }) }),
  domainIsPersistent: remote('domainIsPersistent', 151, { args: theDomain, result: struct({ persistent: flag }) }),
  domainSetAutostart: remote('domainSetAutostart', 29, {
    args: struct({ domain: domainRef, autostart: flag }),
    result: nothing,
  }),
  domainGetAutostart: remote('domainGetAutostart', 15, { args: theDomain, result: struct({ autostart: flag }) }),
  domainLookupByUuid: remote('domainLookupByUuid', 24, { args: struct({ uuid }), result: theDomain }),
  domainLookupByName: remote('domainLookupByName', 23, { args: struct({ name: string() }), result: theDomain }),
  domainLookupById: remote('domainLookupById', 22, { args: struct({ id: int }), result: theDomain }),
  domainRename: remote('domainRename', 358, {
    args: struct({ domain: domainRef, newName: nullable(string()), flags: uint }),
    result: struct({ code: int }),
  }),
  domainHasManagedSaveImage: remote('domainHasManagedSaveImage', 183, {
    args: withFlags,
    result: struct({ present: flag }),
  }),
  domainManagedSaveRemove: remote('domainManagedSaveRemove', 184, { args: withFlags, result: nothing }),
  /** Type 0 description, 1 title, 2 element; the last is chosen by `uri`. NO_DOMAIN_METADATA when there is none. */
  domainGetMetadata: remote('domainGetMetadata', 265, {
    args: struct({ domain: domainRef, type: int, uri: nullable(string()), flags: uint }),
    result: struct({ metadata: string() }),
  }),
  /** A null `metadata` removes it. `key` is the XML prefix of the element. */
  domainSetMetadata: remote('domainSetMetadata', 264, {
    args: struct({
      domain: domainRef,
      type: int,
      metadata: nullable(string()),
      key: nullable(string()),
      uri: nullable(string()),
      flags: uint,
    }),
    result: nothing,
  }),
  /** A stream in both directions. A null device means the first console or serial port. */
  domainOpenConsole: remoteStream('domainOpenConsole', 201, {
    args: struct({ domain: domainRef, device: nullable(string()), flags: uint }),
    result: nothing,
  }),
  domainOpenChannel: remoteStream('domainOpenChannel', 296, {
    args: struct({ domain: domainRef, channel: nullable(string()), flags: uint }),
    result: nothing,
  }),
  /** A stream to download; `mime` says what it is (qemu: a PPM or PNG image). */
  domainScreenshot: remoteStream('domainScreenshot', 211, {
    args: struct({ domain: domainRef, screen: uint, flags: uint }),
    result: struct({ mime: nullable(string()) }),
  }),
  /** Timeout in seconds; -2 blocks, -1 is libvirt's default (5 s), 0 does not wait. Command and result are JSON. */
  qemuDomainAgentCommand: qemu('qemuDomainAgentCommand', 3, {
    args: struct({ domain: domainRef, command: string(), timeoutSeconds: int, flags: uint }),
    result: struct({ result: nullable(string()) }),
  }),
} as const;
