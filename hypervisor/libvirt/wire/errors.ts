/** Everything this client can throw or reject with. Each is aborted I/O or a refused call; none carries arguments or secrets. */
import { types } from 'node:util';
import { errorCodeName } from './error-codes.ts';

/** A value that does not fit its XDR type, or bytes that are not what they should be. `path` leads to the field. */
export class XdrError extends Error {
  override readonly name = 'XdrError';
  readonly reason: string;
  readonly path: string;

  constructor(reason: string, path = '') {
    super(path === '' ? reason : `${path.replace(/^\./, '')}: ${reason}`);
    this.reason = reason;
    this.path = path;
  }

  inside(place: string): XdrError {
    return new XdrError(this.reason, place + this.path);
  }
}

/**
 * The peer sent something that is not libvirt's protocol. When the packets themselves are broken the connection is closed; when
 * one reply cannot be read, that call alone rejects, with its outcome unknown.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** The fields of libvirt's error that say something. Their meaning is in libvirt's virterror.h. */
export interface LibvirtErrorFields {
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly message: string | null;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
}

/** libvirt served the call and answered with an error: the outcome is known, and it is a refusal. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly procedure: string;
  readonly code: number;
  /** The code in words (`NO_DOMAIN`), or `CODE_n` for one that is not in error-codes.ts. */
  readonly codeName: string;
  /** The part of libvirt that raised it (virErrorDomain). */
  readonly domain: number;
  readonly level: number;
  readonly details: LibvirtErrorFields;

  constructor(procedure: string, details: LibvirtErrorFields) {
    super(details.message ?? `libvirt error ${details.code} without a message`);
    this.procedure = procedure;
    this.code = details.code;
    this.codeName = errorCodeName(details.code);
    this.domain = details.domain;
    this.level = details.level;
    this.details = details;
  }
}

/** The connection ended before the reply came. `sent` false: it certainly did not happen; true: nobody knows. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  readonly procedure: string;
  readonly sent: boolean;

  constructor(options: { procedure: string; sent: boolean; cause: unknown }) {
    const fate = options.sent ? 'after the call was sent: its outcome is unknown' : 'before the call was sent';
    super(`${options.procedure}: the connection was lost ${fate} (${reasonOf(options.cause)})`, {
      cause: options.cause,
    });
    this.procedure = options.procedure;
    this.sent = options.sent;
  }
}

/**
 * No reply within the deadline. When `sent`, the server may still be at it, and the call keeps its slot until it answers:
 * `answered` resolves then, or when the connection ends.
 */
export class CallTimeout extends Error {
  override readonly name = 'CallTimeout';
  readonly procedure: string;
  readonly timeoutMs: number;
  readonly sent: boolean;
  readonly answered: Promise<void>;

  constructor(options: { procedure: string; timeoutMs: number; sent: boolean; answered: Promise<void> }) {
    const fate = options.sent ? 'its outcome is unknown' : 'it was never sent';
    super(`${options.procedure}: no reply within ${options.timeoutMs} ms; ${fate}`);
    this.procedure = options.procedure;
    this.timeoutMs = options.timeoutMs;
    this.sent = options.sent;
    this.answered = options.answered;
  }
}

/** The connection's queue (or its table of streams) is full: the call was refused at once and never sent. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';

  constructor(procedure: string, what: string) {
    super(`${procedure}: this connection has ${what} already; call again when some are done`);
  }
}

/** The session has no connection now. The call was never sent. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly uri: string;

  constructor(uri: string, cause: unknown) {
    super(`${uri} cannot be reached: ${reasonOf(cause)}`, { cause });
    this.uri = uri;
  }
}

/** A stream was given up: by its caller, or because nothing moved for too long. */
export class StreamAborted extends Error {
  override readonly name = 'StreamAborted';
}

/** A connection URI that cannot be used; the message says what is wrong and what would be right. */
export class InvalidUri extends Error {
  override readonly name = 'InvalidUri';
}

/** Whatever was thrown, as an Error. Errors of Node's own realm count as such where `instanceof` would deny it. */
export function asError(thrown: unknown): Error {
  return types.isNativeError(thrown) ? thrown : new Error(String(thrown));
}

/** The words of an error, for use inside another one's message. */
export function reasonOf(cause: unknown): string {
  return asError(cause).message;
}
