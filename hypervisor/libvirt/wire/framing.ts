/** Packets of libvirt's RPC: a length word that counts itself, six header words, then the payload. */
import { ProtocolError } from './errors.ts';
import { XdrWriter } from './xdr-cursor.ts';

export const messageType = {
  call: 0,
  reply: 1,
  /** An event or a keepalive: nothing answers it by serial. */
  message: 2,
  stream: 3,
  callWithFds: 4,
  replyWithFds: 5,
  streamHole: 6,
} as const;

export const messageStatus = { ok: 0, error: 1, continue: 2 } as const;

export interface PacketHeader {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface Packet extends PacketHeader {
  /** A view into received memory: whoever keeps it longer than a call copies it. */
  readonly payload: Buffer;
}

const headBytes = 28;
/** libvirt's own limit on one message, plus the length word. */
const libvirtMaxBytes = 33_554_432 + 4;

/** A whole packet whose payload is written by `body`. Throws XdrError when the body does, or when the packet gets too big. */
export function encodePacket(header: PacketHeader, body?: (writer: XdrWriter) => void): Buffer {
  const writer = new XdrWriter();
  writeHead(writer, header, headBytes);
  body?.(writer);
  if (writer.length > libvirtMaxBytes) {
    throw new ProtocolError(`a packet of ${writer.length} bytes; libvirt takes at most ${libvirtMaxBytes}`);
  }
  const packet = writer.take();
  packet.writeUInt32BE(packet.length, 0);
  return packet;
}

/** The head of a packet whose payload is sent right behind it as it is, without a copy. */
export function encodeHead(header: PacketHeader, payloadBytes: number): Buffer {
  const writer = new XdrWriter(headBytes);
  writeHead(writer, header, headBytes + payloadBytes);
  return writer.take();
}

function writeHead(writer: XdrWriter, header: PacketHeader, length: number): void {
  writer.uint32(length);
  writer.uint32(header.program);
  writer.uint32(header.version);
  writer.int32(header.procedure);
  writer.int32(header.type);
  writer.uint32(header.serial);
  writer.int32(header.status);
}

/**
 * Finds packets in whatever chunks the socket delivers. Memory held is at most twice what was received of one unfinished
 * packet, never what its length word promises. After a ProtocolError the stream of packets is lost for good.
 */
export class PacketDecoder {
  readonly #maxBytes: number;
  #partial = Buffer.alloc(0);
  #filled = 0;

  constructor(maxBytes: number = libvirtMaxBytes) {
    this.#maxBytes = maxBytes;
  }

  /** The packets that this chunk completes, in order. Throws ProtocolError on anything that cannot be one. */
  push(chunk: Buffer): Packet[] {
    const packets: Packet[] = [];
    let offset = this.#finishPartial(chunk, packets);
    while (chunk.length - offset >= 4) {
      const length = this.#packetLength(chunk, offset);
      if (chunk.length - offset < length) break;
      packets.push(parsePacket(chunk.subarray(offset, offset + length)));
      offset += length;
    }
    if (offset < chunk.length) this.#keep(chunk, offset, chunk.length);
    return packets;
  }

  /** Fills the packet begun in earlier chunks; returns how much of this chunk it took. */
  #finishPartial(chunk: Buffer, packets: Packet[]): number {
    if (this.#filled === 0) return 0;
    const lengthEnd = Math.min(4 - this.#filled, chunk.length);
    const begun = lengthEnd > 0 ? this.#keep(chunk, 0, lengthEnd) : 0;
    if (this.#filled < 4) return begun;
    const length = this.#packetLength(this.#partial, 0);
    const end = Math.min(begun + length - this.#filled, chunk.length);
    this.#keep(chunk, begun, end);
    if (this.#filled < length) return end;
    packets.push(parsePacket(this.#partial.subarray(0, length)));
    this.#partial = Buffer.alloc(0);
    this.#filled = 0;
    return end;
  }

  #keep(chunk: Buffer, start: number, end: number): number {
    const needed = this.#filled + end - start;
    if (needed > this.#partial.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#partial.length * 2, 64));
      this.#partial.copy(larger, 0, 0, this.#filled);
      this.#partial = larger;
    }
    chunk.copy(this.#partial, this.#filled, start, end);
    this.#filled = needed;
    return end;
  }

  #packetLength(buffer: Buffer, offset: number): number {
    const length = buffer.readUInt32BE(offset);
    if (length < headBytes || length > this.#maxBytes) {
      throw new ProtocolError(
        `a packet length of ${length} bytes; between ${headBytes} and ${this.#maxBytes} is possible`,
      );
    }
    return length;
  }
}

function parsePacket(packet: Buffer): Packet {
  const type = packet.readInt32BE(16);
  const status = packet.readInt32BE(24);
  if (type < 0 || type > messageType.streamHole) throw new ProtocolError(`a packet of unknown type ${type}`);
  if (status < 0 || status > messageStatus.continue) throw new ProtocolError(`a packet of unknown status ${status}`);
  return {
    program: packet.readUInt32BE(4),
    version: packet.readUInt32BE(8),
    procedure: packet.readInt32BE(12),
    type,
    serial: packet.readUInt32BE(20),
    status,
    payload: packet.subarray(headBytes),
  };
}
