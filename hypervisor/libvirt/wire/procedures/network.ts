import { networkRef, uuid } from '../refs.ts';
import { array, flag, int, int64, nullable, string, struct, uint } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const theNetwork = struct({ network: networkRef });
const textOrNull = nullable(string());

const dhcpLease = struct({
  interface: string(),
  /** Seconds since 1970; 0 for a lease without end. */
  expiryTime: int64,
  /** 0 IPv4, 1 IPv6. */
  type: int,
  mac: textOrNull,
  iaid: textOrNull,
  address: string(),
  prefix: uint,
  hostname: textOrNull,
  clientId: textOrNull,
});

const port = struct({ network: networkRef, uuid });

/** Virtual networks. */
export const networkProcedures = {
  networkDefineXml: remote('networkDefineXml', 41, { args: struct({ xml: string() }), result: theNetwork }),
  /** Since libvirt 7.7; older servers answer RPC "unknown procedure". */
  networkDefineXmlFlags: remote('networkDefineXmlFlags', 432, {
    args: struct({ xml: string(), flags: uint }),
    result: theNetwork,
  }),
  networkCreate: remote('networkCreate', 39, { args: theNetwork, result: nothing }),
  networkDestroy: remote('networkDestroy', 42, { args: theNetwork, result: nothing }),
  networkUndefine: remote('networkUndefine', 49, { args: theNetwork, result: nothing }),
  networkGetXmlDesc: remote('networkGetXmlDesc', 43, {
    args: struct({ network: networkRef, flags: uint }),
    result: struct({ xml: string() }),
  }),
  /**
   * Command and section are networkUpdateCommand and networkUpdateSection. Servers without connection feature 16 (libvirt before
   * 7.1 and 6.10) take these two in the opposite order: ask connectSupportsFeature before relying on it.
   */
  networkUpdate: remote('networkUpdate', 291, {
    args: struct({ network: networkRef, command: uint, section: uint, parentIndex: int, xml: string(), flags: uint }),
    result: nothing,
  }),
  networkSetAutostart: remote('networkSetAutostart', 48, {
    args: struct({ network: networkRef, autostart: flag }),
    result: nothing,
  }),
  networkGetAutostart: remote('networkGetAutostart', 44, { args: theNetwork, result: struct({ autostart: flag }) }),
  networkLookupByUuid: remote('networkLookupByUuid', 47, { args: struct({ uuid }), result: theNetwork }),
  networkLookupByName: remote('networkLookupByName', 46, { args: struct({ name: string() }), result: theNetwork }),
  networkIsActive: remote('networkIsActive', 152, { args: theNetwork, result: struct({ active: flag }) }),
  networkIsPersistent: remote('networkIsPersistent', 153, { args: theNetwork, result: struct({ persistent: flag }) }),
  networkGetBridgeName: remote('networkGetBridgeName', 45, { args: theNetwork, result: struct({ name: string() }) }),
  /** Since libvirt 5.5; older servers answer RPC "unknown procedure". */
  networkListAllPorts: remote('networkListAllPorts', 404, {
    args: struct({ network: networkRef, needResults: flag, flags: uint }),
    result: struct({ ports: array(port, 16_384), count: uint }),
  }),
  /** A null `mac` lists every lease. */
  networkGetDhcpLeases: remote('networkGetDhcpLeases', 341, {
    args: struct({ network: networkRef, mac: textOrNull, needResults: flag, flags: uint }),
    result: struct({ leases: array(dhcpLease, 65_536), count: uint }),
  }),
} as const;
