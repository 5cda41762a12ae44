import { type Duplex, duplexPair } from 'node:stream';
import { Connection, type ConnectionOptions } from './connection.ts';
import {
  encodeHead,
  encodePacket,
  messageStatus,
  messageType,
  type Packet,
  PacketDecoder,
  type PacketHeader,
} from './framing.ts';
import { ManualTimers } from './manual-timers.fixture.ts';
import { remoteProgram } from './procedure.ts';
import { type Codec, int, nullable, string, struct } from './xdr.ts';

/** The far end of a connection, for what no real libvirtd does: it sends what a test says, right or wrong. */
class ScriptedPeer {
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

/** A connection to a scripted peer, on manual time and without keepalive. */
export function connect(options: ConnectionOptions = {}) {
  const timers = new ManualTimers();
  const peer = new ScriptedPeer();
  const events: Packet[] = [];
  const connection = new Connection(peer.socket, { keepalive: null, timers, ...options }, (packet) =>
    events.push(packet),
  );
  return { connection, peer, timers, events };
}

const textOrNull = nullable(string());
const errorShape = struct({
  code: int,
  domain: int,
  message: textOrNull,
  level: int,
  dom: nullable(int),
  str1: textOrNull,
  str2: textOrNull,
  str3: textOrNull,
  int1: int,
  int2: int,
  net: nullable(int),
});

/** The codec and value of an error's payload. */
export function errorOf(code: number, message: string | null) {
  const nothing = { dom: null, str1: null, str2: null, str3: null, int1: 0, int2: 0, net: null };
  return { codec: errorShape, value: { code, domain: 10, message, level: 2, ...nothing } };
}
