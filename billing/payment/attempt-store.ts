import type { Instant } from '../calendar/interval.ts';
import type { Attempt } from './attempt.ts';
import type { GatewayEvent } from './gateway.ts';

/**
 * Where attempts are kept. Every method is one transaction of its own; a row is changed only by whoever read it as it still is (`version`), so
 * that of a poll, a webhook and a late answer one is first and the others see what it did.
 */
export interface AttemptStore {
  /** False, and nothing written, where the key is known, or another open attempt stands for the same charge. */
  begin(attempt: Attempt): Promise<boolean>;
  /** False, and nothing written, where the row has changed since. */
  update(kept: Kept, to: Attempt): Promise<boolean>;
  byId(id: string): Promise<Kept | undefined>;
  byKey(key: string): Promise<Kept | undefined>;
  /** What the gateway calls by this id: a charge, or a refund. */
  byExternalId(which: { gateway: string; verb: Attempt['verb']; externalId: string }): Promise<Kept | undefined>;
  /** Oldest first; at most 1000. */
  ofAccount(account: string): Promise<Kept[]>;
  due(which: { now: Instant; limit: number }): Promise<Kept[]>;
  inbox: GatewayInbox;
}

export interface Kept {
  attempt: Attempt;
  version: number;
}

/** Webhooks that were verified, each once, until they are understood. */
export interface GatewayInbox {
  /** False: it was there already. */
  take(mail: Mail): Promise<boolean>;
  due(which: { now: Instant; limit: number }): Promise<Mail[]>;
  /** `dueAt` null: done. */
  done(mail: Mail, next: { tries: number; dueAt: Instant | null; code: string | null }): Promise<void>;
}

export interface Mail {
  gateway: string;
  id: string;
  event: GatewayEvent;
  receivedAt: Instant;
  tries: number;
}
