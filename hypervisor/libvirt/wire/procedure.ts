import type { Codec } from './xdr.ts';

/** One remote procedure: its place in the protocol and the types of both directions. */
export interface Procedure<A, R> {
  readonly name: string;
  readonly program: number;
  readonly number: number;
  readonly args: Codec<A>;
  readonly result: Codec<R>;
}

/** A procedure whose reply opens a stream under the call's serial. */
export interface StreamProcedure<A, R> extends Procedure<A, R> {
  readonly stream: true;
}

/** An event the server sends after it was asked to: how to ask, how to stop, and how to read it. */
export interface EventKind<E> {
  readonly name: string;
  readonly family: 'domain' | 'network' | 'storagePool';
  /** libvirt's number of the event within its family, used to register. */
  readonly eventId: number;
  /** The procedure number under which its messages come. */
  readonly number: number;
  readonly message: Codec<E>;
}

export const remoteProgram = 0x20008086;
export const qemuProgram = 0x20008087;
export const keepaliveProgram = 0x6b656570;
/** Every program of the protocol is at version 1. */
export const programVersion = 1;
