import { storagePoolRef, storageVolumeRef } from '../refs.ts';
import { int, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote, remoteStream } from './define.ts';

const theVolume = struct({ volume: storageVolumeRef });
const withFlags = struct({ volume: storageVolumeRef, flags: uint });
/** Bytes; a length of 0 means to the end. */
const range = struct({ volume: storageVolumeRef, offset: uint64, length: uint64, flags: uint });
/** Type is storageVolumeType; amounts in bytes. */
const info = struct({ type: int, capacity: uint64, allocation: uint64 });

/** Volumes within a pool. Create, delete, resize and wipe answer when they are done, which can take long. */
export const storageVolumeProcedures = {
  storageVolumeCreateXml: remote('storageVolumeCreateXml', 93, {
    args: struct({ pool: storagePoolRef, xml: string(), flags: uint }),
    result: theVolume,
  }),
  storageVolumeCreateXmlFrom: remote('storageVolumeCreateXmlFrom', 125, {
    args: struct({ pool: storagePoolRef, xml: string(), source: storageVolumeRef, flags: uint }),
    result: theVolume,
  }),
  storageVolumeDelete: remote('storageVolumeDelete', 94, { args: withFlags, result: nothing }),
  storageVolumeLookupByName: remote('storageVolumeLookupByName', 95, {
    args: struct({ pool: storagePoolRef, name: string() }),
    result: theVolume,
  }),
  storageVolumeLookupByKey: remote('storageVolumeLookupByKey', 96, {
    args: struct({ key: string() }),
    result: theVolume,
  }),
  storageVolumeLookupByPath: remote('storageVolumeLookupByPath', 97, {
    args: struct({ path: string() }),
    result: theVolume,
  }),
  storageVolumeGetInfo: remote('storageVolumeGetInfo', 98, { args: theVolume, result: info }),
  storageVolumeGetInfoFlags: remote('storageVolumeGetInfoFlags', 378, { args: withFlags, result: info }),
  storageVolumeGetXmlDesc: remote('storageVolumeGetXmlDesc', 99, {
    args: withFlags,
    result: struct({ xml: string() }),
  }),
  storageVolumeGetPath: remote('storageVolumeGetPath', 100, { args: theVolume, result: struct({ path: string() }) }),
  storageVolumeResize: remote('storageVolumeResize', 260, {
    args: struct({ volume: storageVolumeRef, capacity: uint64, flags: uint }),
    result: nothing,
  }),
  storageVolumeWipe: remote('storageVolumeWipe', 165, { args: withFlags, result: nothing }),
  /** A stream towards the volume. Use session.upload. */
  storageVolumeUpload: remoteStream('storageVolumeUpload', 208, { args: range, result: nothing }),
  /** A stream from the volume. Use session.download. */
  storageVolumeDownload: remoteStream('storageVolumeDownload', 209, { args: range, result: nothing }),
} as const;
