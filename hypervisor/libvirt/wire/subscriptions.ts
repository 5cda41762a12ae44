/** What callers want to hear about, kept across connections: registered once a connection, handed to every listener. */
import type { Connection } from './connection.ts';
import { LibvirtError } from './errors.ts';
import type { Packet } from './framing.ts';
import { notify } from './notify.ts';
import { type EventKind, remoteProgram } from './procedure.ts';
import { procedures } from './procedures.ts';
import { decodeWhole } from './remote-error.ts';
import type { Subscription } from './session-types.ts';

interface Topic {
  readonly kind: EventKind<unknown>;
  readonly listeners: Set<(event: unknown) => void>;
  /** Subscribers who want to know when the server has taken the registration. */
  waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
  /** The connection that it is registered on, and the number it got there. */
  at: { readonly connection: Connection; readonly callbackId: number } | null;
  /** libvirtd refuses to register twice, so registering and deregistering one kind happen strictly one after the other. */
  work: Promise<void>;
}

export class Subscriptions {
  /** At most one for each kind of event there is. */
  readonly #topics = new Map<number, Topic>();
  #connection: Connection | null = null;

  add<E>(kind: EventKind<E>, listener: (event: E) => void): Subscription {
    const topic = this.#topicOf(kind as EventKind<unknown>);
    // A listener of its own each time, so that one function may subscribe twice and leave once.
    const mine = (event: unknown) => listener(event as E);
    topic.listeners.add(mine);
    const ready = new Promise<void>((resolve, reject) => topic.waiting.push({ resolve, reject }));
    // Nobody has to look at `ready`: a refusal is no crash.
    ready.catch(() => undefined);
    this.#update(topic).catch(() => undefined);
    const close = () => {
      topic.listeners.delete(mine);
      this.#update(topic).catch(() => undefined);
    };
    return { ready, close };
  }

  /** Registers everything on a fresh connection. Kinds that its driver does not have are left out; a lost connection rejects. */
  async attach(connection: Connection): Promise<void> {
    this.#connection = connection;
    for (const result of await Promise.allSettled([...this.#topics.values()].map((topic) => this.#update(topic)))) {
      if (result.status === 'rejected' && !(result.reason instanceof LibvirtError)) throw result.reason;
    }
  }

  /** Hands an event's packet to its listeners. One that cannot be read is as good as missed: events are hints. */
  deliver(packet: Packet): void {
    const topic = packet.program === remoteProgram ? this.#topics.get(packet.procedure) : undefined;
    if (!topic) return;
    const event = readEvent(topic.kind, packet);
    if (event === undefined) return;
    for (const listener of [...topic.listeners]) notify(listener, event);
  }

  #topicOf(kind: EventKind<unknown>): Topic {
    const known = this.#topics.get(kind.number);
    if (known) return known;
    const topic: Topic = { kind, listeners: new Set(), waiting: [], at: null, work: Promise.resolve() };
    this.#topics.set(kind.number, topic);
    return topic;
  }

  /** Brings the server's registration in line with whether anybody listens. Rejects as the call does. */
  #update(topic: Topic): Promise<void> {
    const done = topic.work.then(() => this.#register(topic));
    topic.work = done.catch(() => undefined);
    return done;
  }

  async #register(topic: Topic): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const registered = topic.at?.connection === connection ? topic.at : null;
    if (topic.listeners.size === 0) {
      topic.at = null;
      if (registered) await deregister(topic.kind, connection, registered.callbackId);
    } else if (!registered) {
      await this.#registerOn(connection, topic);
    }
    for (const { resolve } of topic.waiting.splice(0)) resolve();
  }

  async #registerOn(connection: Connection, topic: Topic): Promise<void> {
    try {
      topic.at = { connection, callbackId: await register(topic.kind, connection) };
    } catch (error) {
      // A refusal is final; after the loss of the connection the next one tries again.
      if (error instanceof LibvirtError) for (const { reject } of topic.waiting.splice(0)) reject(error);
      throw error;
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
