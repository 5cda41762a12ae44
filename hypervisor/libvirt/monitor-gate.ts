import { PortFailure } from './errors.ts';
import type { Lane } from './lanes.ts';
import { CallTimeout } from './wire/errors.ts';
import type { Procedure } from './wire/procedure.ts';

/**
 * The way into guests' monitors. A guest gets one call at a time; the connection carries four. A call that was not answered in time
 * keeps its place until its answer comes, since libvirtd still works on it, and its guest is stuck until then: it gets no other
 * call. So a hung guest costs one caller its deadline, once, and never its neighbours.
 */
export class MonitorGate {
  readonly #lane: Lane;
  readonly #turns = new Map<string, Promise<void>>();
  readonly #stuck = new Set<string>();
  readonly #onChange: (domainUuid: string) => void;

  /** `onChange` is told when a guest has become stuck, and when it answers again. */
  constructor(lane: Lane, onChange: (domainUuid: string) => void) {
    this.#lane = lane;
    this.#onChange = onChange;
  }

  isStuck(domainUuid: string): boolean {
    return this.#stuck.has(domainUuid);
  }

  /** Half of the places may wait for guests that do not answer: what is only looked at periodically leaves the rest to acts. */
  get isHalfStuck(): boolean {
    return this.#stuck.size >= places / 2;
  }

  call<A, R>(domainUuid: string, procedure: Procedure<A, R>, args: A, timeoutMs: number = usualTimeoutMs): Promise<R> {
    return this.run(domainUuid, () => this.#lane.call(procedure, args, { timeoutMs }));
  }

  /** Runs `work`, which calls the monitor through this gate's connection, when the guest's turn comes. */
  async run<T>(domainUuid: string, work: () => Promise<T>): Promise<T> {
    this.#refuseStuck(domainUuid);
    const before = this.#turns.get(domainUuid) ?? Promise.resolve();
    let release: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      release = resolve;
    });
    const mine = before.then(() => turn);
    this.#turns.set(domainUuid, mine);
    void mine.then(() => this.#turns.get(domainUuid) === mine && this.#turns.delete(domainUuid));
    await before;
    try {
      this.#refuseStuck(domainUuid);
      return await work();
    } catch (error) {
      if (!(error instanceof CallTimeout)) throw error;
      throw error.sent ? this.#becomeStuck(domainUuid, error) : new PortFailure('Unresponsive', crowded);
    } finally {
      release();
    }
  }

  #refuseStuck(domainUuid: string): void {
    if (this.#stuck.size >= places) throw new PortFailure('Unresponsive', crowded);
    if (this.#stuck.has(domainUuid)) {
      throw new PortFailure(
        'Unresponsive',
        `The guest ${domainUuid} has not answered an earlier call; it gets no other.`,
      );
    }
  }

  #becomeStuck(domainUuid: string, timeout: CallTimeout): PortFailure {
    this.#stuck.add(domainUuid);
    this.#onChange(domainUuid);
    void timeout.answered.then(() => {
      this.#stuck.delete(domainUuid);
      this.#onChange(domainUuid);
    });
    return new PortFailure('Unresponsive', `The guest ${domainUuid} does not answer: ${timeout.message}.`);
  }
}

/** The window of the connection (lanes.ts). */
const places = 4;
const usualTimeoutMs = 15_000;
const crowded = 'Too many guests of this host do not answer; the call was not sent.';
