import { domainRef } from '../refs.ts';
import { typedParam } from '../typed-params.ts';
import { array, int, int64, nullable, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const listMax = 16_384;
const withFlags = struct({ domain: domainRef, flags: uint });
const withPath = struct({ domain: domainRef, path: string() });

const guestAddress = struct({ type: int, address: string(), prefix: uint });

/** Figures about domains and their jobs. All but state-only bulk stats ask the guest's monitor. */
export const domainStatsProcedures = {
  /**
   * Figures of many domains in one call. An empty list means all that `flags` selects; `stats` are domainStats groups, of which
   * only `state` never enters a guest's monitor.
   */
  connectGetAllDomainStats: remote('connectGetAllDomainStats', 344, {
    args: struct({ domains: array(domainRef, listMax), stats: uint, flags: uint }),
    result: struct({ records: array(struct({ domain: domainRef, params: array(typedParam, 262_144) }), listMax) }),
  }),
  /** Counters are -1 where the hypervisor has none. */
  domainBlockStats: remote('domainBlockStats', 64, {
    args: withPath,
    result: struct({ readRequests: int64, readBytes: int64, writeRequests: int64, writeBytes: int64, errors: int64 }),
  }),
  /** Bytes. */
  domainGetBlockInfo: remote('domainGetBlockInfo', 194, {
    args: struct({ domain: domainRef, path: string(), flags: uint }),
    result: struct({ allocation: uint64, capacity: uint64, physical: uint64 }),
  }),
  domainInterfaceStats: remote('domainInterfaceStats', 65, {
    args: struct({ domain: domainRef, device: string() }),
    result: struct({
      receivedBytes: int64,
      receivedPackets: int64,
      receiveErrors: int64,
      receiveDrops: int64,
      sentBytes: int64,
      sentPackets: int64,
      sendErrors: int64,
      sendDrops: int64,
    }),
  }),
  /** Tags are domainMemoryStat; values in KiB except faults (counts) and lastUpdate (seconds). */
  domainMemoryStats: remote('domainMemoryStats', 159, {
    args: struct({ domain: domainRef, maxStats: uint, flags: uint }),
    result: struct({ stats: array(struct({ tag: int, value: uint64 }), 1024) }),
  }),
  /** Source 0 DHCP leases, 1 guest agent, 2 ARP table. */
  domainInterfaceAddresses: remote('domainInterfaceAddresses', 353, {
    args: struct({ domain: domainRef, source: uint, flags: uint }),
    result: struct({
      interfaces: array(
        struct({ name: string(), mac: nullable(string()), addresses: array(guestAddress, 2048) }),
        2048,
      ),
    }),
  }),
  domainAbortJob: remote('domainAbortJob', 164, { args: struct({ domain: domainRef }), result: nothing }),
  /** Type is domainJobType; times in milliseconds, amounts in bytes. */
  domainGetJobInfo: remote('domainGetJobInfo', 163, {
    args: struct({ domain: domainRef }),
    result: struct({
      type: int,
      timeElapsedMs: uint64,
      timeRemainingMs: uint64,
      dataTotal: uint64,
      dataProcessed: uint64,
      dataRemaining: uint64,
      memoryTotal: uint64,
      memoryProcessed: uint64,
      memoryRemaining: uint64,
      fileTotal: uint64,
      fileProcessed: uint64,
      fileRemaining: uint64,
    }),
  }),
  /** Begins a job that copies disks as they are at that instant. The XML says which and where to. */
  domainBackupBegin: remote('domainBackupBegin', 421, {
    args: struct({ domain: domainRef, backupXml: string(), checkpointXml: nullable(string()), flags: uint }),
    result: nothing,
  }),
  domainBackupGetXmlDesc: remote('domainBackupGetXmlDesc', 422, {
    args: withFlags,
    result: struct({ xml: string() }),
  }),
  domainGetJobStats: remote('domainGetJobStats', 298, {
    args: withFlags,
    result: struct({ type: int, params: array(typedParam, 64) }),
  }),
} as const;
