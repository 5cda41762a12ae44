import { domainRef } from '../refs.ts';
import { flag, int, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const withXml = struct({ domain: domainRef, xml: string(), flags: uint });

/** Changing a domain's parts, live or in its definition (flags: affect.live, affect.config). */
export const domainDeviceProcedures = {
  domainAttachDeviceFlags: remote('domainAttachDeviceFlags', 160, { args: withXml, result: nothing }),
  /** Returns when the guest was asked; it has let go when the deviceRemoved event comes. */
  domainDetachDeviceFlags: remote('domainDetachDeviceFlags', 161, { args: withXml, result: nothing }),
  domainDetachDeviceAlias: remote('domainDetachDeviceAlias', 392, {
    args: struct({ domain: domainRef, alias: string(), flags: uint }),
    result: nothing,
  }),
  domainUpdateDeviceFlags: remote('domainUpdateDeviceFlags', 174, { args: withXml, result: nothing }),
  domainSetVcpusFlags: remote('domainSetVcpusFlags', 199, {
    args: struct({ domain: domainRef, vcpus: uint, flags: uint }),
    result: nothing,
  }),
  domainGetVcpusFlags: remote('domainGetVcpusFlags', 200, {
    args: struct({ domain: domainRef, flags: uint }),
    result: struct({ vcpus: int }),
  }),
  domainSetMemoryFlags: remote('domainSetMemoryFlags', 204, {
    args: struct({ domain: domainRef, memoryKiB: uint64, flags: uint }),
    result: nothing,
  }),
  /** Size in KiB, or in bytes with domainFlags.blockResizeBytes. */
  domainBlockResize: remote('domainBlockResize', 251, {
    args: struct({ domain: domainRef, disk: string(), size: uint64, flags: uint }),
    result: nothing,
  }),
  domainBlockJobAbort: remote('domainBlockJobAbort', 237, {
    args: struct({ domain: domainRef, path: string(), flags: uint }),
    result: nothing,
  }),
  domainGetBlockJobInfo: remote('domainGetBlockJobInfo', 238, {
    args: struct({ domain: domainRef, path: string(), flags: uint }),
    result: struct({ found: flag, type: int, bandwidth: uint64, current: uint64, end: uint64 }),
  }),
} as const;
