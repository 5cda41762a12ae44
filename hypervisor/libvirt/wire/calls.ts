/** The calls of one connection: numbered, pipelined within a window, matched to replies by serial, each with a deadline. */
import { CallTimeout, ConnectionLost, QueueFull } from './errors.ts';
import type { Packet } from './framing.ts';
import type { Timers } from './timers.ts';

export interface CallRequest<T> {
  readonly name: string;
  readonly timeoutMs: number;
  encode(serial: number): Buffer;
  /** Makes the result from the reply, at once, before any packet behind it is looked at. Throws what the call rejects with. */
  complete(reply: Packet): T;
  /** Cleans up after a reply that came when the caller had gone. */
  late?(reply: Packet): void;
}

interface Call {
  readonly request: CallRequest<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  timer: unknown;
  /** Set once the deadline passed while the call was with the server; to be called when its reply comes after all. */
  answered: (() => void) | null;
}

interface Options {
  readonly window: number;
  readonly queueLimit: number;
  readonly timers: Timers;
  send(packet: Buffer): void;
}

const lastSerial = 0xffff_ffff;

export class Calls {
  readonly #options: Options;
  readonly #queue = new Set<Call>();
  readonly #inFlight = new Map<number, Call>();
  #serial = 0;
  #lost: Error | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Calls that were sent and not answered, those past their deadline included. */
  get unanswered(): number {
    return this.#inFlight.size;
  }

  run<T>(request: CallRequest<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost) return reject(new ConnectionLost({ procedure: request.name, sent: false, cause: this.#lost }));
      if (this.#queue.size >= this.#options.queueLimit)
        return reject(new QueueFull(request.name, `${this.#options.queueLimit} calls waiting`));
      const call: Call = { request, resolve: resolve as (value: unknown) => void, reject, timer: null, answered: null };
      call.timer = this.#options.timers.setTimeout(() => this.#expire(call), request.timeoutMs);
      this.#queue.add(call);
      this.#pump();
    });
  }

  /** Settles the call that this reply belongs to; false when there is none. */
  reply(packet: Packet): boolean {
    const call = this.#inFlight.get(packet.serial);
    if (!call) return false;
    this.#inFlight.delete(packet.serial);
    this.#options.timers.clearTimeout(call.timer);
    if (call.answered) {
      call.request.late?.(packet);
      call.answered();
    } else {
      settle(call, packet);
    }
    this.#pump();
    return true;
  }

  /** The connection is gone: everything under way rejects, and nothing is taken any more. */
  lose(cause: Error): void {
    if (this.#lost) return;
    this.#lost = cause;
    for (const call of this.#inFlight.values()) this.#drop(call, { sent: true, cause });
    for (const call of this.#queue) this.#drop(call, { sent: false, cause });
    this.#inFlight.clear();
    this.#queue.clear();
  }

  #drop(call: Call, fate: { sent: boolean; cause: Error }): void {
    this.#options.timers.clearTimeout(call.timer);
    if (call.answered) call.answered();
    else call.reject(new ConnectionLost({ procedure: call.request.name, ...fate }));
  }

  #pump(): void {
    for (const call of this.#queue) {
      if (this.#inFlight.size >= this.#options.window) return;
      this.#queue.delete(call);
      this.#transmit(call);
    }
  }

  #transmit(call: Call): void {
    const serial = this.#nextSerial();
    try {
      const packet = call.request.encode(serial);
      this.#inFlight.set(serial, call);
      this.#options.send(packet);
    } catch (error) {
      this.#inFlight.delete(serial);
      this.#options.timers.clearTimeout(call.timer);
      call.reject(error);
    }
  }

  #nextSerial(): number {
    do {
      this.#serial = this.#serial === lastSerial ? 1 : this.#serial + 1;
    } while (this.#inFlight.has(this.#serial));
    return this.#serial;
  }

  #expire(call: Call): void {
    const { name, timeoutMs } = call.request;
    if (this.#queue.delete(call)) {
      call.reject(new CallTimeout({ procedure: name, timeoutMs, sent: false, answered: Promise.resolve() }));
      return;
    }
    // The server is still at it and has a slot busy with it, so the call keeps its place here too until the reply comes.
    const answered = new Promise<void>((resolve) => {
      call.answered = resolve;
    });
    call.reject(new CallTimeout({ procedure: name, timeoutMs, sent: true, answered }));
  }
}

function settle(call: Call, packet: Packet): void {
  try {
    call.resolve(call.request.complete(packet));
  } catch (error) {
    call.reject(error);
  }
}
