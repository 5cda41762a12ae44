/** What callers see: a session is one libvirt connection that comes back when it was lost. */
import type { ConnectionOptions } from './connection.ts';
import type { EventKind, Procedure, StreamProcedure } from './procedure.ts';
import type { StreamPiece, WireStream } from './streams.ts';
import type { DownloadOptions, UploadOptions } from './transfer.ts';

export interface CallOptions {
  /** Deadline of this call, from the moment it is made. Default: the connection's callTimeoutMs. */
  readonly timeoutMs?: number;
}

/** Where a session stands. `epoch` counts connections; every new one may have missed events before it. */
export type SessionState =
  | { readonly name: 'connecting'; readonly attempt: number; readonly cause?: Error }
  | { readonly name: 'up'; readonly epoch: number }
  | { readonly name: 'down'; readonly attempt: number; readonly retryInMs: number; readonly cause: Error }
  | { readonly name: 'closed' };

export interface Subscription {
  /** Settles when the server took (or refused) the first registration. Afterwards the session renews it by itself. */
  readonly ready: Promise<void>;
  close(): void;
}

export interface Session {
  readonly uri: string;
  readonly state: SessionState;
  /** Settles when the session is up; rejects with Unreachable after timeoutMs, naming the last reason. */
  connected(timeoutMs?: number): Promise<void>;
  /**
   * Rejects with LibvirtError (refused), CallTimeout, ConnectionLost (both say whether the outcome is unknown), Unreachable or
   * QueueFull (never sent), XdrError (an argument breaks the protocol's limits; never sent).
   */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions): Promise<R>;
  /**
   * Calls, then sends `source` with back-pressure, never holding more than one chunk; resolves once libvirt confirmed it all.
   * Holes are for streams opened with storageVolumeFlags.uploadSparse. When the call itself fails, `source` was not touched.
   */
  upload<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    source: AsyncIterable<StreamPiece>,
    options?: UploadOptions,
  ): Promise<{ readonly bytes: number }>;
  /** Calls, then yields what comes, holes filled with zeros. Leaving the loop early aborts the stream. */
  download<A, R>(procedure: StreamProcedure<A, R>, args: A, options?: DownloadOptions): AsyncIterable<Uint8Array>;
  /** The same with holes as they come (storageVolumeFlags.downloadSparse): what can go straight into a sparse upload. */
  downloadSparse<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    options?: DownloadOptions,
  ): AsyncIterable<StreamPiece>;
  /** Calls and hands over the stream itself, for what flows both ways (a console). */
  openStream<A, R>(
    procedure: StreamProcedure<A, R>,
    args: A,
    options?: CallOptions,
  ): Promise<{ result: R; stream: WireStream }>;
  /** Events while a connection is up; after each reconnection list again, since events were missed. */
  subscribe<E>(kind: EventKind<E>, listener: (event: E) => void): Subscription;
  /** Called after each change; on `up` the event registrations are in place already. Returns how to stop listening. */
  onState(listener: (state: SessionState) => void): () => void;
  /** Ends the connection and all attempts. Calls under way reject with ConnectionLost. */
  close(): Promise<void>;
}

export interface SessionOptions extends ConnectionOptions {
  /** A libvirt URI, see transport/uri.ts for the forms. */
  readonly uri: string;
  /** Deadline for dialling, authenticating and opening, together. Default 15 s. */
  readonly connectTimeoutMs?: number;
  /** Default: first 250 ms, doubled up to 30 s, each with full jitter over its upper half. */
  readonly backoff?: { readonly firstMs: number; readonly maxMs: number };
  /** A number in [0, 1), for jitter. */
  readonly random?: () => number;
}
