/** One libvirt connection over any duplex stream: calls, data streams, events and keepalive, until it ends for good. */
import type { Duplex } from 'node:stream';
import { Calls } from './calls.ts';
import { asError, ConnectionLost, ProtocolError, QueueFull, reasonOf } from './errors.ts';
import { encodeHead, encodePacket, messageStatus, messageType, type Packet, PacketDecoder } from './framing.ts';
import { Keepalive, type KeepaliveOptions, keepaliveAnswer } from './keepalive.ts';
import { keepaliveProgram, type Procedure, programVersion, type StreamProcedure } from './procedure.ts';
import { decodeError, decodeWhole } from './remote-error.ts';
import { type StreamOptions, type StreamPiece, type StreamPort, streamHole, WireStream } from './streams.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface ConnectionOptions {
  /**
   * Calls sent and not yet answered. Default 4: libvirtd serves five of a connection at once and reads nothing more, not even
   * a keepalive, while all five are busy. More is only for calls that are certain to be quick.
   */
  readonly window?: number;
  /** Calls waiting for a place in the window; beyond it calls are refused. Default 16,384. */
  readonly queueLimit?: number;
  /** Deadline of a call that does not name its own. Default 30 s. */
  readonly callTimeoutMs?: number;
  /** Default: a ping after 5 s of silence, dead after 5 unanswered ones. `null` turns it off. */
  readonly keepalive?: KeepaliveOptions | null;
  /** Longest packet accepted. Default: libvirt's own limit, 32 MiB. */
  readonly maxPacketBytes?: number;
  readonly timers?: Timers;
}

/** libvirtd's default for max_client_requests. */
const serverSlots = 5;
const streamLimit = 64;

export class Connection {
  readonly timers: Timers;
  /** Resolves with the reason when the connection has ended. Never rejects. */
  readonly ended: Promise<Error>;
  readonly #socket: Duplex;
  readonly #callTimeoutMs: number;
  readonly #decoder: PacketDecoder;
  readonly #calls: Calls;
  readonly #streams = new Map<number, WireStream>();
  readonly #holders = new Set<number>();
  readonly #keepalive: Keepalive | null;
  readonly #onEvent: (packet: Packet) => void;
  #end: ((cause: Error) => void) | null = null;
  #corked = false;

  /** Takes over an established socket. `onEvent` gets every message that is neither a reply, a stream's nor a keepalive. */
  constructor(socket: Duplex, options: ConnectionOptions = {}, onEvent: (packet: Packet) => void = () => undefined) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    this.timers = options.timers ?? systemTimers;
    this.#callTimeoutMs = options.callTimeoutMs ?? 30_000;
    this.#decoder = new PacketDecoder(options.maxPacketBytes);
    this.#calls = new Calls({
      window: options.window ?? 4,
      queueLimit: options.queueLimit ?? 16_384,
      timers: this.timers,
      send: (packet) => this.#write(packet),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#keepalive = this.#startKeepalive(
      options.keepalive === undefined ? { intervalMs: 5000, count: 5 } : options.keepalive,
    );
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.close(error));
    socket.on('end', () => this.close(new Error('the peer closed the connection')));
    socket.on('close', () => this.close(new Error('the socket was closed')));
  }

  /** Calls that the server has not answered, those past their deadline included. */
  get unanswered(): number {
    return this.#calls.unanswered;
  }

  call<A, R>(procedure: Procedure<A, R>, args: A, options: { timeoutMs?: number } = {}): Promise<R> {
    return this.#calls.run({
      name: procedure.name,
      timeoutMs: options.timeoutMs ?? this.#callTimeoutMs,
      encode: (serial) => encodeCall(procedure, args, serial),
      complete: (reply) => decodeReply(procedure, reply),
    });
  }

  /** A call whose reply opens a stream. */
  openStream<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    options: StreamOptions & { timeoutMs?: number },
  ): Promise<{ result: R; stream: WireStream }> {
    if (this.#streams.size >= streamLimit) {
      return Promise.reject(new QueueFull(procedure.name, `${streamLimit} streams open`));
    }
    let stream: WireStream;
    return this.#calls.run({
      name: procedure.name,
      timeoutMs: options.timeoutMs ?? this.#callTimeoutMs,
      encode: (serial) => {
        const packet = encodeCall(procedure, args, serial);
        // libvirtd can send the first data ahead of the reply, so the stream is there before the call goes out.
        stream = new WireStream(this.#port(procedure, serial), options);
        this.#streams.set(serial, stream);
        return packet;
      },
      complete: (reply) => {
        try {
          return { result: decodeReply(procedure, reply), stream };
        } catch (error) {
          stream.fail(asError(error));
          throw error;
        }
      },
      late: (reply) => {
        if (reply.status === messageStatus.ok) void stream.abort('its opener had given up waiting');
        else stream.fail(decodeError(procedure.name, reply.payload));
      },
    });
  }

  /** Ends the connection at once. Everything under way rejects with ConnectionLost. */
  close(cause: Error = new Error('closed by this side')): void {
    if (!this.#end) return;
    this.#end(cause);
    this.#end = null;
    this.#keepalive?.stop();
    this.#socket.destroy();
    this.#calls.lose(cause);
    for (const stream of [...this.#streams.values()]) {
      stream.fail(new ConnectionLost({ procedure: 'stream', sent: true, cause }));
    }
  }

  #startKeepalive(options: KeepaliveOptions | null): Keepalive | null {
    if (options === null) return null;
    return new Keepalive(options, {
      timers: this.timers,
      send: (packet) => this.#write(packet),
      excused: () => this.#holders.size > 0 || this.#calls.unanswered >= serverSlots,
      dead: (reason) => this.close(new Error(reason)),
    });
  }

  #receive(chunk: Buffer): void {
    try {
      for (const packet of this.#decoder.push(chunk)) {
        this.#keepalive?.heard();
        this.#dispatch(packet);
      }
    } catch (error) {
      this.close(asError(error));
    }
  }

  #dispatch(packet: Packet): void {
    if (packet.program === keepaliveProgram) {
      const answer = keepaliveAnswer(packet);
      if (answer) this.#write(answer);
    } else if (packet.type === messageType.reply) {
      this.#reply(packet);
    } else if (packet.type === messageType.stream || packet.type === messageType.streamHole) {
      // A stream that this side forgot may still have packets on their way; libvirtd ignores ours in the same case.
      this.#streams.get(packet.serial)?.receive(packet);
    } else if (packet.type === messageType.message) {
      this.#onEvent(packet);
    } else if (packet.type === messageType.replyWithFds) {
      throw new ProtocolError('a reply with file descriptors, which this client never asks for and cannot receive');
    } else {
      throw new ProtocolError(`a packet of type ${packet.type}, which only clients send`);
    }
  }

  #reply(packet: Packet): void {
    if (this.#calls.reply(packet)) return;
    const stream = this.#streams.get(packet.serial);
    if (!stream || packet.status !== messageStatus.error)
      throw new ProtocolError(`a reply to no call (serial ${packet.serial})`);
    stream.receive(packet);
  }

  #port<A, R>(procedure: StreamProcedure<A, R>, serial: number): StreamPort {
    const header = (type: number, status: number) => ({
      program: procedure.program,
      version: programVersion,
      procedure: procedure.number,
      type,
      serial,
      status,
    });
    return {
      procedure: procedure.name,
      timers: this.timers,
      sendData: (piece, sent) => this.#sendPiece(piece, header, sent),
      sendEnd: (status) => this.#write(encodePacket(header(messageType.stream, status))),
      hold: () => this.#hold(serial),
      release: () => this.#release(serial),
      forget: () => this.#streams.delete(serial),
    };
  }

  #sendPiece(
    piece: StreamPiece,
    header: (type: number, status: number) => Parameters<typeof encodeHead>[0],
    sent: (error?: Error | null) => void,
  ): void {
    if (!(piece instanceof Uint8Array)) {
      const hole = { length: piece.holeBytes, flags: 0 };
      const head = header(messageType.streamHole, messageStatus.continue);
      this.#write(
        encodePacket(head, (writer) => streamHole.write(writer, hole)),
        sent,
      );
      return;
    }
    this.#write(encodeHead(header(messageType.stream, messageStatus.continue), piece.length));
    this.#write(piece, sent);
  }

  #hold(serial: number): void {
    this.#holders.add(serial);
    this.#socket.pause();
  }

  #release(serial: number): void {
    if (this.#holders.delete(serial) && this.#holders.size === 0) this.#socket.resume();
  }

  /** What is written in one turn leaves in one system call. */
  #write(bytes: Uint8Array, sent?: (error?: Error | null) => void): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes, sent);
  }
}

function encodeCall<A>(procedure: Procedure<A, unknown>, args: A, serial: number): Buffer {
  const header = {
    program: procedure.program,
    version: programVersion,
    procedure: procedure.number,
    type: messageType.call,
    serial,
    status: messageStatus.ok,
  };
  return encodePacket(header, (writer) => procedure.args.write(writer, args));
}

function decodeReply<A, R>(procedure: Procedure<A, R>, reply: Packet): R {
  if (reply.status === messageStatus.error) throw decodeError(procedure.name, reply.payload);
  try {
    return decodeWhole(procedure.result, reply.payload);
  } catch (error) {
    throw new ProtocolError(`${procedure.name}: the reply cannot be read: ${reasonOf(error)}`);
  }
}
