import { type Duplex, duplexPair } from 'node:stream';
import {
  encodeHead,
  encodePacket,
  messageStatus,
  messageType,
  type Packet,
  PacketDecoder,
  type PacketHeader,
} from './framing.ts';
import { remoteProgram } from './procedure.ts';
import type { Codec } from './xdr.ts';

/** The far end of a connection, for what no real libvirtd does: it sends what a test says, right or wrong. */
export class ScriptedPeer {
  /** The end to build a connection on. */
  readonly socket: Duplex;
  readonly received: Packet[] = [];
  readonly #far: Duplex;
  readonly #decoder = new PacketDecoder();

  constructor() {
    [this.socket, this.#far] = duplexPair();
    this.#far.on('data', (chunk: Buffer) => this.received.push(...this.#decoder.push(chunk)));
    this.#far.on('error', () => undefined);
  }

  /** Answers the n-th received packet; by default with an empty success. */
  reply<T>(index: number, with_: Partial<PacketHeader> & { codec?: Codec<T>; value?: T; raw?: Buffer } = {}): void {
    const call = this.received[index];
    if (!call) throw new Error(`no packet ${index} was received`);
    this.send({ procedure: call.procedure, serial: call.serial, type: messageType.reply, ...with_ });
  }

  send<T>({
    codec,
    value,
    raw,
    ...header
  }: Partial<PacketHeader> & { codec?: Codec<T>; value?: T; raw?: Buffer }): void {
    const base = {
      program: remoteProgram,
      version: 1,
      procedure: 0,
      type: messageType.message,
      serial: 0,
      status: messageStatus.ok,
    };
    if (raw) this.sendBytes(Buffer.concat([encodeHead({ ...base, ...header }, raw.length), raw]));
    else this.sendBytes(encodePacket({ ...base, ...header }, (writer) => codec?.write(writer, value as T)));
  }

  sendBytes(bytes: Buffer): void {
    this.#far.write(bytes);
  }

  hangUp(): void {
    this.#far.end();
  }
}
