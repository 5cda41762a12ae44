import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProtocolError } from './errors.ts';
import {
  encodeHead,
  encodePacket,
  messageStatus,
  messageType,
  type Packet,
  PacketDecoder,
  type PacketHeader,
} from './framing.ts';

const headers: fc.Arbitrary<PacketHeader> = fc.record({
  program: fc.nat({ max: 0xffff_ffff }),
  version: fc.nat(),
  procedure: fc.integer(),
  type: fc.constantFrom(...Object.values(messageType)),
  serial: fc.nat({ max: 0xffff_ffff }),
  status: fc.constantFrom(...Object.values(messageStatus)),
});
const packets = fc.array(fc.tuple(headers, fc.uint8Array({ maxLength: 300, size: 'max' })), { maxLength: 8 });

describe('packets', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(packets, fc.infiniteStream(fc.integer({ min: 1, max: 200 })), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(([header, payload]) => packetOf(header, payload)));
        const decoder = new PacketDecoder();
        const received = [...chunksOf(bytes, sizes)].flatMap((chunk) => decoder.push(chunk));
        expect(received.map(comparable)).toEqual(
          sent.map(([header, payload]) => ({ ...header, payload: hex(payload) })),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('survive the reuse of the memory they came in only when they were pieced together', () => {
    const packet = packetOf(aReply, Buffer.from('abcd'));
    const decoder = new PacketDecoder();
    const first = Buffer.from(packet.subarray(0, 30));
    decoder.push(first);
    first.fill(0);
    expect(decoder.push(Buffer.from(packet.subarray(30)))[0]?.payload.toString()).toBe('abcd');
  });

  it('have a head that is the same whether the payload follows or is inside', () => {
    const payload = Buffer.alloc(5, 1);
    expect(Buffer.concat([encodeHead(aReply, 5), payload]).equals(packetOf(aReply, payload))).toBe(true);
  });

  it('are refused when their length is impossible, at its fourth byte', () => {
    for (const length of [0, 4, 27, 33_554_437, 0x8000_0000, 0xffff_ffff]) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(length);
      expect(() => new PacketDecoder().push(bytes)).toThrow(ProtocolError);
      const decoder = new PacketDecoder();
      decoder.push(bytes.subarray(0, 3));
      expect(() => decoder.push(bytes.subarray(3))).toThrow(`a packet length of ${length} bytes`);
    }
  });

  it('are refused when their type or status is none', () => {
    for (const header of [
      { ...aReply, type: 7 },
      { ...aReply, type: -1 },
      { ...aReply, status: 3 },
    ]) {
      expect(() => new PacketDecoder().push(packetOf(header, Buffer.alloc(0)))).toThrow(/unknown (type|status)/);
    }
  });

  it('never cost more memory than arrived, whatever their length promises', () => {
    const promise = Buffer.alloc(28);
    promise.writeUInt32BE(33_554_436);
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 100 }, () => new PacketDecoder());
    for (const decoder of decoders) expect(decoder.push(promise)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_048_576);
  });

  it('arrive byte by byte without work growing beyond their size', () => {
    const payload = Buffer.alloc(1_048_576, 3);
    const bytes = packetOf(aReply, payload);
    const decoder = new PacketDecoder();
    const received: Packet[] = [];
    for (let at = 0; at < bytes.length; at++) received.push(...decoder.push(bytes.subarray(at, at + 1)));
    expect(received.map(({ payload: { length } }) => length)).toEqual([payload.length]);
  });

  it('end in a ProtocolError or in nothing, never in anything else, when the bytes are noise', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
        (noise, sizes) => {
          const decoder = new PacketDecoder(4096);
          try {
            for (const chunk of chunksOf(Buffer.from(noise), sizes)) decoder.push(chunk);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
    );
  });
});

const aReply: PacketHeader = { program: 0x20008086, version: 1, procedure: 7, type: 1, serial: 3, status: 0 };

function packetOf(header: PacketHeader, payload: Uint8Array): Buffer {
  const head = encodePacket(header);
  const packet = Buffer.concat([head, payload]);
  packet.writeUInt32BE(packet.length);
  return packet;
}

function* chunksOf(bytes: Buffer, sizes: Iterator<number>): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const size = Number(sizes.next().value);
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const comparable = ({ payload, ...header }: Packet) => ({ ...header, payload: hex(payload) });
