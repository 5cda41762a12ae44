import { domainRef, networkRef, storagePoolRef } from '../refs.ts';
import { array, flag, int, nullable, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const listMax = 16_384;
const textOrNull = nullable(string());
/** `needResults: false` asks for the count alone. */
const listArgs = struct({ needResults: flag, flags: uint });

/** The connection itself: opening, versions, capabilities, listings. */
export const connectProcedures = {
  /** 0 none, 1 SASL, 2 polkit. */
  authList: remote('authList', 66, { args: nothing, result: struct({ types: array(int, 20) }) }),
  authPolkit: remote('authPolkit', 70, { args: nothing, result: struct({ complete: flag }) }),
  connectOpen: remote('connectOpen', 1, { args: struct({ name: textOrNull, flags: uint }), result: nothing }),
  connectClose: remote('connectClose', 2, { args: nothing, result: nothing }),
  connectGetType: remote('connectGetType', 3, { args: nothing, result: struct({ type: string() }) }),
  /** The hypervisor's version: major * 1,000,000 + minor * 1,000 + release. */
  connectGetVersion: remote('connectGetVersion', 4, { args: nothing, result: struct({ version: uint64 }) }),
  /** libvirt's version, in the same form. */
  connectGetLibVersion: remote('connectGetLibVersion', 157, { args: nothing, result: struct({ version: uint64 }) }),
  connectGetHostname: remote('connectGetHostname', 59, { args: nothing, result: struct({ hostname: string() }) }),
  connectGetUri: remote('connectGetUri', 110, { args: nothing, result: struct({ uri: string() }) }),
  connectGetCapabilities: remote('connectGetCapabilities', 7, {
    args: nothing,
    result: struct({ capabilities: string() }),
  }),
  connectSupportsFeature: remote('connectSupportsFeature', 60, {
    args: struct({ feature: int }),
    result: struct({ supported: flag }),
  }),
  connectGetMaxVcpus: remote('connectGetMaxVcpus', 5, {
    args: struct({ type: textOrNull }),
    result: struct({ maxVcpus: int }),
  }),
  /** Null leaves the choice to the hypervisor. The test driver does not have it (NO_SUPPORT). */
  connectGetDomainCapabilities: remote('connectGetDomainCapabilities', 342, {
    args: struct({
      emulatorBinary: textOrNull,
      arch: textOrNull,
      machine: textOrNull,
      virtType: textOrNull,
      flags: uint,
    }),
    result: struct({ capabilities: string() }),
  }),
  connectListAllDomains: remote('connectListAllDomains', 273, {
    args: listArgs,
    result: struct({ domains: array(domainRef, listMax), count: uint }),
  }),
  connectListAllNetworks: remote('connectListAllNetworks', 283, {
    args: listArgs,
    result: struct({ networks: array(networkRef, listMax), count: uint }),
  }),
  connectListAllStoragePools: remote('connectListAllStoragePools', 281, {
    args: listArgs,
    result: struct({ pools: array(storagePoolRef, listMax), count: uint }),
  }),
} as const;
