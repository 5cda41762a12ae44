/** Notices a peer that went silent: any packet counts as life, silence is answered by pings, and too many unanswered ones are death. */
import { encodePacket, messageStatus, messageType, type Packet, type PacketHeader } from './framing.ts';
import { keepaliveProgram, programVersion } from './procedure.ts';
import type { Timers } from './timers.ts';

const ping = 1;
const pong = 2;

export interface KeepaliveOptions {
  /** Silence before a ping, and between pings. */
  readonly intervalMs: number;
  /** Unanswered pings before the peer counts as dead. */
  readonly count: number;
}

interface Surroundings {
  readonly timers: Timers;
  send(packet: Buffer): void;
  /** True while silence proves nothing: libvirtd stops reading when all its slots for a connection are busy. */
  excused(): boolean;
  dead(reason: string): void;
}

export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #around: Surroundings;
  #timer: unknown = null;
  #lastHeard = 0;
  #unanswered = 0;
  #excusedTicks = 0;

  constructor(options: KeepaliveOptions, around: Surroundings) {
    this.#options = options;
    this.#around = around;
    this.#lastHeard = around.timers.now();
    this.#schedule(options.intervalMs);
  }

  stop(): void {
    this.#around.timers.clearTimeout(this.#timer);
  }

  /** To be called for every packet that came. */
  heard(): void {
    this.#lastHeard = this.#around.timers.now();
    this.#unanswered = 0;
    this.#excusedTicks = 0;
  }

  #schedule(delayMs: number): void {
    this.#timer = this.#around.timers.setTimeout(() => this.#tick(), delayMs);
  }

  #tick(): void {
    const { intervalMs } = this.#options;
    const quietMs = this.#around.timers.now() - this.#lastHeard;
    if (quietMs < intervalMs) {
      this.#schedule(Math.max(1, intervalMs - quietMs));
    } else if (this.#patient()) {
      this.#around.send(keepalivePacket(ping));
      this.#schedule(intervalMs);
    } else {
      this.#around.dead(
        `the peer was silent for ${Math.round(quietMs)} ms and left ${this.#options.count} pings unanswered`,
      );
    }
  }

  /**
   * Counts one more interval of silence; false when that was too many. The excuse is bounded as well: a peer that has been
   * silent for five times the usual patience is given up either way.
   */
  #patient(): boolean {
    const { count } = this.#options;
    if (this.#around.excused() && this.#excusedTicks < count * 4) this.#excusedTicks++;
    else this.#unanswered++;
    return this.#unanswered <= count;
  }
}

/** What to send back when this is a keepalive packet: a pong for a ping, nothing for a pong. */
export function keepaliveAnswer(packet: Packet): Buffer | null {
  return packet.procedure === ping ? keepalivePacket(pong) : null;
}

function keepalivePacket(procedure: number): Buffer {
  const header: PacketHeader = {
    program: keepaliveProgram,
    version: programVersion,
    procedure,
    type: messageType.message,
    serial: 0,
    status: messageStatus.ok,
  };
  return encodePacket(header);
}
