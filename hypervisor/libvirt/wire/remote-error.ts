import { LibvirtError, ProtocolError, reasonOf } from './errors.ts';
import { domainRef, networkRef } from './refs.ts';
import { type Codec, int, nullable, string, struct } from './xdr.ts';
import { XdrReader } from './xdr-cursor.ts';

const textOrNull = nullable(string());

const remoteError = struct({
  code: int,
  domain: int,
  message: textOrNull,
  level: int,
  dom: nullable(domainRef),
  str1: textOrNull,
  str2: textOrNull,
  str3: textOrNull,
  int1: int,
  int2: int,
  net: nullable(networkRef),
});

/** The error that a reply or stream packet with status `error` carries. */
export function decodeError(procedure: string, payload: Buffer): Error {
  try {
    return new LibvirtError(procedure, decodeWhole(remoteError, payload));
  } catch (error) {
    return new ProtocolError(`${procedure}: the error in the reply cannot be read: ${reasonOf(error)}`);
  }
}

/** One value that must fill the payload: bytes left over mean that the two ends do not speak of the same type. */
export function decodeWhole<T>(codec: Codec<T>, payload: Buffer): T {
  const reader = new XdrReader(payload);
  const value = codec.read(reader);
  if (reader.remaining > 0) throw new ProtocolError(`${reader.remaining} bytes are left over behind the value`);
  return value;
}
