/** What callers want to hear about, kept across connections: registered once a connection, handed to every listener. */
import type { Connection } from './connection.ts';
import { LibvirtError } from './errors.ts';
import type { Packet } from './framing.ts';
import { notify } from './notify.ts';
import { type EventKind, remoteProgram } from './procedure.ts';
import { procedures } from './procedures.ts';
import { decodeWhole } from './remote-error.ts';
import type { Subscription } from './session-types.ts';

type Listener = (event: unknown) => void;

interface Wanted {
  readonly kind: EventKind<unknown>;
  readonly listeners: Set<Listener>;
  readonly settled: Promise<void>;
  readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  /** The connection that it is registered on, and the number it got there. */
  at: { readonly connection: Connection; readonly callbackId: Promise<number> } | null;
}

export class Subscriptions {
  readonly #wanted = new Map<number, Wanted>();
  #connection: Connection | null = null;

  add<E>(kind: EventKind<E>, listener: (event: E) => void): Subscription {
    const wanted = this.#wanted.get(kind.number) ?? this.#want(kind as EventKind<unknown>);
    // A listener of its own each time, so that one function may subscribe twice and leave once.
    const mine: Listener = (event) => listener(event as E);
    wanted.listeners.add(mine);
    if (this.#connection) void this.#register(wanted, this.#connection).catch(() => undefined);
    return { ready: wanted.settled, close: () => this.#remove(wanted, mine) };
  }

  /** Registers everything on a fresh connection. Kinds that its driver does not have are left out; a lost connection rejects. */
  async attach(connection: Connection): Promise<void> {
    this.#connection = connection;
    const registering = [...this.#wanted.values()].map((wanted) => this.#register(wanted, connection));
    for (const result of await Promise.allSettled(registering)) {
      if (result.status === 'rejected' && !(result.reason instanceof LibvirtError)) throw result.reason;
    }
  }

  detach(): void {
    this.#connection = null;
  }

  /** Hands an event's packet to its listeners. One that cannot be read is as good as missed: events are hints. */
  deliver(packet: Packet): void {
    const wanted = packet.program === remoteProgram ? this.#wanted.get(packet.procedure) : undefined;
    if (!wanted) return;
    const event = readEvent(wanted.kind, packet);
    if (event === undefined) return;
    for (const listener of [...wanted.listeners]) notify(listener, event);
  }

  #want(kind: EventKind<unknown>): Wanted {
    const { promise: settled, ...settle } = deferred();
    // Nobody has to look at `ready`: a refusal is no crash.
    settled.catch(() => undefined);
    const wanted: Wanted = { kind, listeners: new Set(), settled, settle, at: null };
    this.#wanted.set(kind.number, wanted);
    return wanted;
  }

  async #register(wanted: Wanted, connection: Connection): Promise<void> {
    if (wanted.at?.connection !== connection) wanted.at = { connection, callbackId: register(wanted.kind, connection) };
    try {
      await wanted.at.callbackId;
      wanted.settle.resolve();
    } catch (error) {
      if (error instanceof LibvirtError) wanted.settle.reject(error);
      throw error;
    }
  }

  #remove(wanted: Wanted, listener: Listener): void {
    wanted.listeners.delete(listener);
    if (wanted.listeners.size > 0 || this.#wanted.get(wanted.kind.number) !== wanted) return;
    this.#wanted.delete(wanted.kind.number);
    const { at } = wanted;
    if (at && at.connection === this.#connection) {
      void at.callbackId
        .then((callbackId) => deregister(wanted.kind, at.connection, callbackId))
        .catch(() => undefined);
    }
  }
}

async function register(kind: EventKind<unknown>, connection: Connection): Promise<number> {
  const { eventId } = kind;
  const registered =
    kind.family === 'domain'
      ? connection.call(procedures.domainEventRegister, { eventId, domain: null })
      : kind.family === 'network'
        ? connection.call(procedures.networkEventRegister, { eventId, network: null })
        : connection.call(procedures.storagePoolEventRegister, { eventId, pool: null });
  return (await registered).callbackId;
}

async function deregister(kind: EventKind<unknown>, connection: Connection, callbackId: number): Promise<void> {
  const procedure = {
    domain: procedures.domainEventDeregister,
    network: procedures.networkEventDeregister,
    storagePool: procedures.storagePoolEventDeregister,
  }[kind.family];
  await connection.call(procedure, { callbackId });
}

function readEvent(kind: EventKind<unknown>, packet: Packet): unknown {
  try {
    return decodeWhole(kind.message, packet.payload);
  } catch {
    return undefined;
  }
}

function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((settled, failed) => {
    resolve = settled;
    reject = failed;
  });
  return { promise, resolve, reject };
}
