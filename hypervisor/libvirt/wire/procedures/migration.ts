import { domainRef } from '../refs.ts';
import { typedParam } from '../typed-params.ts';
import { array, flag, nullable, opaque, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const params = array(typedParam, 64);
const cookie = opaque(4_194_304);

/**
 * Migration, third version of the protocol. Peer to peer is perform3Params alone, called at the source with the destination's
 * URI and migrateFlags.peerToPeer. Managed by the client it is begin (source), prepare (destination), perform (source),
 * finish (destination), confirm (source), each handed the cookie that the one before returned.
 */
export const migrationProcedures = {
  domainMigrateBegin3Params: remote('domainMigrateBegin3Params', 302, {
    args: struct({ domain: domainRef, params, flags: uint }),
    result: struct({ cookieOut: cookie, xml: string() }),
  }),
  domainMigratePrepare3Params: remote('domainMigratePrepare3Params', 303, {
    args: struct({ params, cookieIn: cookie, flags: uint }),
    result: struct({ cookieOut: cookie, uriOut: nullable(string()) }),
  }),
  domainMigratePerform3Params: remote('domainMigratePerform3Params', 305, {
    args: struct({ domain: domainRef, destinationUri: nullable(string()), params, cookieIn: cookie, flags: uint }),
    result: struct({ cookieOut: cookie }),
  }),
  domainMigrateFinish3Params: remote('domainMigrateFinish3Params', 306, {
    args: struct({ params, cookieIn: cookie, flags: uint, cancelled: flag }),
    result: struct({ domain: domainRef, cookieOut: cookie }),
  }),
  domainMigrateConfirm3Params: remote('domainMigrateConfirm3Params', 307, {
    args: struct({ domain: domainRef, params, cookieIn: cookie, flags: uint, cancelled: flag }),
    result: nothing,
  }),
  /** Bandwidth in MiB/s. */
  domainMigrateSetMaxSpeed: remote('domainMigrateSetMaxSpeed', 207, {
    args: struct({ domain: domainRef, bandwidth: uint64, flags: uint }),
    result: nothing,
  }),
  domainMigrateSetMaxDowntime: remote('domainMigrateSetMaxDowntime', 166, {
    args: struct({ domain: domainRef, downtimeMs: uint64, flags: uint }),
    result: nothing,
  }),
} as const;
