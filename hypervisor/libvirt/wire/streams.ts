/** Data streams beside the calls of a connection: chunks both ways, then a finish that the server confirms, or an abort. */
import { StreamAborted } from './errors.ts';
import { messageStatus, messageType, type Packet } from './framing.ts';
import { decodeError, decodeWhole } from './remote-error.ts';
import type { Timers } from './timers.ts';
import { int64, struct, uint } from './xdr.ts';

/** A run of zeros in a sparse stream, sent as its length alone. Only in streams opened with a sparse flag. */
export interface Hole {
  readonly holeBytes: number;
}
export type StreamPiece = Uint8Array | Hole;

export interface StreamOptions {
  /** How long the stream may stand still (no data, no room, no reader) before it is aborted. */
  readonly stallTimeoutMs: number;
  /** How long the server may take to confirm the end: it writes everything out first. */
  readonly finishTimeoutMs: number;
  /** Wait for data without limit, as a console does. */
  readonly patient?: boolean;
}

/** What a stream needs of its connection. */
export interface StreamPort {
  readonly procedure: string;
  readonly timers: Timers;
  sendData(piece: StreamPiece, sent: (error?: Error | null) => void): void;
  sendEnd(status: number): void;
  /** Stop reading from the socket until release: this stream's buffer is full. */
  hold(): void;
  release(): void;
  forget(): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Buffered beyond this, the socket is paused. */
const highWaterBytes = 1_048_576;

export const streamHole = struct({ length: int64, flags: uint });

export class WireStream implements AsyncIterable<StreamPiece> {
  readonly #port: StreamPort;
  readonly #options: StreamOptions;
  #phase: 'open' | 'ending' | 'closed' = 'open';
  #failure: Error | null = null;
  #incoming: StreamPiece[] = [];
  #incomingBytes = 0;
  #atEnd = false;
  #held: unknown = null;
  #reader: Waiter | null = null;
  #writer: Waiter | null = null;
  #ender: Waiter | null = null;

  constructor(port: StreamPort, options: StreamOptions) {
    this.#port = port;
    this.#options = options;
  }

  /** Sends one piece; resolves when the socket took it, so that its memory may be used again. One write at a time. */
  async write(piece: StreamPiece): Promise<void> {
    this.#mustBeOpen();
    if (piece instanceof Uint8Array && piece.length === 0) return; // An empty packet would mean the end.
    await this.#wait('room to send', this.#options.stallTimeoutMs, (waiter) => {
      this.#writer = waiter;
      // A failed write means that the socket is going; the loss of the connection says so in better words.
      this.#port.sendData(piece, (error) => {
        if (!error) waiter.resolve();
      });
    });
  }

  /** Says that nothing more is sent or wanted, and resolves when the server confirmed that everything arrived. */
  async finish(): Promise<void> {
    this.#mustBeOpen();
    await this.#end(messageStatus.ok, this.#options.finishTimeoutMs);
    if (this.#failure) throw this.#failure;
  }

  /** Gives the stream up. Never rejects; data still coming is dropped. */
  async abort(reason = 'given up by its caller'): Promise<void> {
    if (this.#phase === 'closed') return;
    this.#failure ??= new StreamAborted(`${this.#port.procedure}: the stream was aborted: ${reason}`);
    this.#clear();
    this.#wake(this.#failure);
    if (this.#phase === 'open')
      await this.#end(messageStatus.error, this.#options.stallTimeoutMs).catch(() => undefined);
    this.#close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPiece> {
    for (;;) {
      const piece = this.#take();
      if (piece) yield piece;
      else if (this.#failure) throw this.#failure;
      else if (this.#atEnd || this.#phase === 'closed') return;
      else
        await this.#wait('data', this.#options.patient ? null : this.#options.stallTimeoutMs, (waiter) => {
          this.#reader = waiter;
        });
    }
  }

  /** For the connection: a packet of this stream came. */
  receive(packet: Packet): void {
    if (packet.status === messageStatus.error) {
      this.fail(decodeError(this.#port.procedure, packet.payload));
    } else if (packet.status === messageStatus.ok) {
      this.#atEnd = true;
      this.#close();
    } else if (this.#phase === 'open') {
      this.#accept(packet);
    }
  }

  /** For the connection: the stream is over, and not well. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#close();
  }

  #accept(packet: Packet): void {
    if (packet.type === messageType.streamHole) {
      this.#keep({ holeBytes: decodeWhole(streamHole, packet.payload).length });
    } else if (packet.payload.length > 0) {
      this.#keep(packet.payload);
    } else {
      this.#atEnd = true;
      this.#reader?.resolve();
    }
  }

  #mustBeOpen(): void {
    if (this.#failure) throw this.#failure;
    if (this.#phase !== 'open') throw new StreamAborted(`${this.#port.procedure}: the stream has ended already`);
  }

  async #end(status: number, timeoutMs: number): Promise<void> {
    this.#phase = 'ending';
    await this.#wait('the end to be confirmed', timeoutMs, (waiter) => {
      this.#ender = waiter;
      this.#port.sendEnd(status);
    });
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#port.forget();
    this.#letGo();
    this.#ender?.resolve();
    this.#wake(this.#failure);
  }

  #wake(failure: Error | null): void {
    for (const waiter of [this.#reader, this.#writer]) {
      if (failure) waiter?.reject(failure);
      else waiter?.resolve();
    }
  }

  #keep(piece: StreamPiece): void {
    this.#incoming.push(piece);
    this.#incomingBytes += costOf(piece);
    this.#reader?.resolve();
    if (this.#held !== null || this.#incomingBytes <= highWaterBytes) return;
    this.#port.hold();
    this.#held = this.#port.timers.setTimeout(() => {
      void this.abort(`its reader took nothing for ${this.#options.stallTimeoutMs} ms`);
    }, this.#options.stallTimeoutMs);
  }

  #take(): StreamPiece | undefined {
    const piece = this.#incoming.shift();
    if (piece) this.#incomingBytes -= costOf(piece);
    if (this.#incomingBytes <= highWaterBytes / 2) this.#letGo();
    return piece;
  }

  #clear(): void {
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#letGo();
  }

  #letGo(): void {
    if (this.#held === null) return;
    this.#port.timers.clearTimeout(this.#held);
    this.#held = null;
    this.#port.release();
  }

  /** Waits for whatever `begin` hands its waiter to. When it takes too long, the stream is aborted and the wait rejects. */
  async #wait(what: string, timeoutMs: number | null, begin: (waiter: Waiter) => void): Promise<void> {
    let timer: unknown = null;
    try {
      await new Promise<void>((resolve, reject) => {
        if (timeoutMs !== null) {
          timer = this.#port.timers.setTimeout(() => {
            reject(new StreamAborted(`${this.#port.procedure}: waited ${timeoutMs} ms for ${what}`));
            void this.abort(`waited ${timeoutMs} ms for ${what}`);
          }, timeoutMs);
        }
        begin({ resolve, reject });
      });
    } finally {
      this.#port.timers.clearTimeout(timer);
    }
  }
}

/** A piece's share of the buffer. Even an empty one costs something, or holes and crumbs would pile up without limit. */
function costOf(piece: StreamPiece): number {
  return 128 + (piece instanceof Uint8Array ? piece.length : 0);
}
