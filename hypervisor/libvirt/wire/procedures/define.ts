import { type Procedure, qemuProgram, remoteProgram, type StreamProcedure } from '../procedure.ts';
import { type Codec, struct } from '../xdr.ts';

/** For procedures without arguments or without a result. */
export const nothing = struct({});

interface Shape<A, R> {
  readonly args: Codec<A>;
  readonly result: Codec<R>;
}

/** A procedure of the main program. Numbers are those of libvirt's remote_protocol.x and never change. */
export function remote<A, R>(name: string, number: number, shape: Shape<A, R>): Procedure<A, R> {
  return { name, program: remoteProgram, number, args: shape.args, result: shape.result };
}

/** A procedure whose reply opens a stream. */
export function remoteStream<A, R>(name: string, number: number, shape: Shape<A, R>): StreamProcedure<A, R> {
  return { ...remote(name, number, shape), stream: true };
}

/** A procedure of the qemu program, which only the qemu driver serves. */
export function qemu<A, R>(name: string, number: number, shape: Shape<A, R>): Procedure<A, R> {
  return { name, program: qemuProgram, number, args: shape.args, result: shape.result };
}
