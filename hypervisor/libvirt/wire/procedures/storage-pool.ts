import { storagePoolRef, storageVolumeRef, uuid } from '../refs.ts';
import { array, flag, int, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

const thePool = struct({ pool: storagePoolRef });
const withFlags = struct({ pool: storagePoolRef, flags: uint });
const fromXml = struct({ xml: string(), flags: uint });

/** Storage pools. */
export const storagePoolProcedures = {
  storagePoolDefineXml: remote('storagePoolDefineXml', 77, { args: fromXml, result: thePool }),
  storagePoolCreate: remote('storagePoolCreate', 78, { args: withFlags, result: nothing }),
  storagePoolDestroy: remote('storagePoolDestroy', 80, { args: thePool, result: nothing }),
  storagePoolUndefine: remote('storagePoolUndefine', 82, { args: thePool, result: nothing }),
  storagePoolBuild: remote('storagePoolBuild', 79, { args: withFlags, result: nothing }),
  /** Deletes what lies under the pool (the folder, the volume group). */
  storagePoolDelete: remote('storagePoolDelete', 81, { args: withFlags, result: nothing }),
  storagePoolRefresh: remote('storagePoolRefresh', 83, { args: withFlags, result: nothing }),
  /** State is storagePoolState; amounts in bytes. */
  storagePoolGetInfo: remote('storagePoolGetInfo', 87, {
    args: thePool,
    result: struct({ state: int, capacity: uint64, allocation: uint64, available: uint64 }),
  }),
  storagePoolGetXmlDesc: remote('storagePoolGetXmlDesc', 88, { args: withFlags, result: struct({ xml: string() }) }),
  storagePoolLookupByName: remote('storagePoolLookupByName', 84, { args: struct({ name: string() }), result: thePool }),
  storagePoolLookupByUuid: remote('storagePoolLookupByUuid', 85, { args: struct({ uuid }), result: thePool }),
  storagePoolLookupByVolume: remote('storagePoolLookupByVolume', 86, {
    args: struct({ volume: storageVolumeRef }),
    result: thePool,
  }),
  storagePoolLookupByTargetPath: remote('storagePoolLookupByTargetPath', 391, {
    args: struct({ path: string() }),
    result: thePool,
  }),
  storagePoolSetAutostart: remote('storagePoolSetAutostart', 90, {
    args: struct({ pool: storagePoolRef, autostart: flag }),
    result: nothing,
  }),
  storagePoolGetAutostart: remote('storagePoolGetAutostart', 89, {
    args: thePool,
    result: struct({ autostart: flag }),
  }),
  storagePoolIsActive: remote('storagePoolIsActive', 154, { args: thePool, result: struct({ active: flag }) }),
  storagePoolListAllVolumes: remote('storagePoolListAllVolumes', 282, {
    args: struct({ pool: storagePoolRef, needResults: flag, flags: uint }),
    result: struct({ volumes: array(storageVolumeRef, 16_384), count: uint }),
  }),
} as const;
