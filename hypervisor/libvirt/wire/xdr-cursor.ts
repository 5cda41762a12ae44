/** The two cursors under every codec: one that writes into a growing buffer, one that reads and never passes its end. */
import { XdrError } from './errors.ts';

const twoTo32 = 4_294_967_296;

/** Writes XDR primitives. Integers out of range and over-long items are refused with XdrError. */
export class XdrWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes written so far. The writer must not be used afterwards: the result shares its memory. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw new XdrError(`${shown(value)} is not a signed 32-bit integer`);
    this.#length = this.#room(4).writeInt32BE(value, this.#length);
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw new XdrError(`${shown(value)} is not an unsigned 32-bit integer`);
    this.#length = this.#room(4).writeUInt32BE(value, this.#length);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value))
      throw new XdrError(`${shown(value)} is not an integer between -(2^53-1) and 2^53-1`);
    this.#length = this.#room(8).writeBigInt64BE(BigInt(value), this.#length);
  }

  uint64(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new XdrError(`${shown(value)} is not an integer between 0 and 2^53-1`);
    this.#length = this.#room(8).writeBigUInt64BE(BigInt(value), this.#length);
  }

  double(value: number): void {
    if (typeof value !== 'number') throw new XdrError(`${shown(value)} is not a number`);
    this.#length = this.#room(8).writeDoubleBE(value, this.#length);
  }

  string(value: string, maxBytes: number): void {
    if (typeof value !== 'string') throw new XdrError(`${shown(value)} is not a string`);
    const bytes = Buffer.byteLength(value);
    if (bytes > maxBytes) throw new XdrError(`a string of ${bytes} bytes; at most ${maxBytes} are allowed`);
    if (value.includes('\0'))
      throw new XdrError('a string with a NUL character, which the other end would cut off there');
    this.uint32(bytes);
    const buffer = this.#room(bytes);
    buffer.write(value, this.#length);
    this.#length += bytes;
    this.#pad(bytes);
  }

  opaque(value: Uint8Array, maxBytes: number): void {
    if (value.length > maxBytes) throw new XdrError(`${value.length} bytes; at most ${maxBytes} are allowed`);
    this.uint32(value.length);
    this.fixedOpaque(value, value.length);
  }

  fixedOpaque(value: Uint8Array, bytes: number): void {
    if (value.length !== bytes) throw new XdrError(`${value.length} bytes; exactly ${bytes} are needed`);
    this.#room(bytes).set(value, this.#length);
    this.#length += bytes;
    this.#pad(bytes);
  }

  #pad(bytes: number): void {
    const padding = -bytes & 3;
    this.#room(padding).fill(0, this.#length, this.#length + padding);
    this.#length += padding;
  }

  #room(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}

/** Reads XDR primitives from one packet's payload. Reading past the end or over a limit throws XdrError. */
export class XdrReader {
  readonly #buffer: Buffer;
  #offset = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  get remaining(): number {
    return this.#buffer.length - this.#offset;
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4));
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#advance(4));
  }

  int64(): number {
    const offset = this.#advance(8);
    return this.#buffer.readInt32BE(offset) * twoTo32 + this.#buffer.readUInt32BE(offset + 4);
  }

  uint64(): number {
    const offset = this.#advance(8);
    return this.#buffer.readUInt32BE(offset) * twoTo32 + this.#buffer.readUInt32BE(offset + 4);
  }

  double(): number {
    return this.#buffer.readDoubleBE(this.#advance(8));
  }

  string(maxBytes: number): string {
    const bytes = this.#length(maxBytes, 'string');
    const offset = this.#advancePadded(bytes);
    return this.#buffer.toString('utf8', offset, offset + bytes);
  }

  opaque(maxBytes: number): Buffer {
    return this.fixedOpaque(this.#length(maxBytes, 'byte string'));
  }

  fixedOpaque(bytes: number): Buffer {
    const offset = this.#advancePadded(bytes);
    return this.#buffer.subarray(offset, offset + bytes);
  }

  #length(maxBytes: number, what: string): number {
    const bytes = this.uint32();
    if (bytes > maxBytes) throw new XdrError(`a ${what} of ${bytes} bytes; at most ${maxBytes} are allowed`);
    return bytes;
  }

  #advance(bytes: number): number {
    const offset = this.#offset;
    if (bytes > this.#buffer.length - offset) {
      throw new XdrError(
        `the packet ends after ${this.#buffer.length} bytes, ${bytes} more are needed at byte ${offset}`,
      );
    }
    this.#offset = offset + bytes;
    return offset;
  }

  #advancePadded(bytes: number): number {
    const offset = this.#advance(bytes + (-bytes & 3));
    for (let at = offset + bytes; at < this.#offset; at++) {
      if (this.#buffer[at] !== 0) throw new XdrError(`the padding at byte ${at} is not zero`);
    }
    return offset;
  }
}

/** Values appear in messages by their type, unless they are numbers: a string argument may hold a secret. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a value of type ${value === null ? 'null' : typeof value}`;
}
