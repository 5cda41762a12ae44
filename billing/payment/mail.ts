import type { Attempt } from './attempt.ts';
import type { Kept, Mail } from './attempt-store.ts';
import { type CollectorPorts, concluded, gatewayOf, lookupOf } from './collector.ts';
import type { GatewayEvent, StoredMethod } from './gateway.ts';
import { disputed } from './gateway-money.ts';

export interface MailPorts extends CollectorPorts {
  /** A form of the gateway's was filled in. */
  onMethod(stored: { gateway: string; customer: string; method: StoredMethod }): Promise<void>;
}

/** A webhook may come before the answer of the call that it is about, so it is looked for a while. */
const TRIES_MAX = 8;
const POSTPONED_MS = 300_000;
const PAUSE_MS = 5_000;

/** Reads what webhooks left in the inbox. Each letter may be read twice, and changes things once. */
export async function readMail(ports: MailPorts, limit: number): Promise<number> {
  const letters = await ports.attempts.inbox.due({ now: ports.now(), limit });
  for (const letter of letters) {
    try {
      await read(ports, letter);
    } catch (error) {
      ports.onError(error);
      const dueAt = ports.now() + POSTPONED_MS;
      await ports.attempts.inbox.done(letter, { tries: letter.tries, dueAt, code: 'Failed' });
    }
  }
  return letters.length;
}

async function read(ports: MailPorts, letter: Mail): Promise<void> {
  const code = ports.gateways.has(letter.gateway) ? await understood(ports, letter) : 'UnknownGateway';
  const tries = letter.tries + 1;
  const isOver = code !== 'NotFoundYet' || tries >= TRIES_MAX;
  const dueAt = isOver ? null : ports.now() + PAUSE_MS * 2 ** letter.tries;
  await ports.attempts.inbox.done(letter, { tries, dueAt, code });
}

/** Null: done. Otherwise why there is nothing to do, yet or ever. */
async function understood(ports: MailPorts, { gateway, event }: Mail): Promise<string | null> {
  switch (event.type) {
    case 'methodStored':
      await ports.onMethod({ gateway, customer: event.customer, method: event.method });
      return null;
    case 'dispute':
      return dispute(ports, gateway, event);
    case 'outcome': {
      const kept = await attemptOf(ports, gateway, event);
      if (kept === undefined) return 'NotFoundYet';
      // What was set aside is told of again when it is taken or let go: those have attempts of their own.
      if (kept.attempt.verb === 'AUTHORISE' && kept.attempt.state === 'SUCCEEDED') return null;
      await concluded(ports, kept.attempt.id, await evidenceOf(ports, kept.attempt, event));
      return null;
    }
  }
}

function attemptOf(
  { attempts }: MailPorts,
  gateway: string,
  { key, verb, externalId }: Extract<GatewayEvent, { type: 'outcome' }>,
): Promise<Kept | undefined> {
  return key === null ? attempts.byExternalId({ gateway, verb, externalId }) : attempts.byKey(key);
}

async function evidenceOf(
  ports: MailPorts,
  attempt: Attempt,
  { outcome, externalId }: Extract<GatewayEvent, { type: 'outcome' }>,
) {
  if (outcome !== null) return { from: 'webhook' as const, outcome };
  const found = await gatewayOf(ports, attempt.gateway).lookup(lookupOf(attempt, externalId));
  // That it is not there yet is no news where the gateway has just told of it.
  const unsure = { state: 'unknown' as const, code: 'told', externalId };
  return { from: 'webhook' as const, outcome: found.state === 'absent' ? unsure : found };
}

async function dispute(
  ports: MailPorts,
  gateway: string,
  { id, externalId, state, amount }: Extract<GatewayEvent, { type: 'dispute' }>,
): Promise<string | null> {
  const kept = await ports.attempts.byExternalId({ gateway, verb: 'CHARGE', externalId });
  if (kept === undefined) return 'NotFoundYet';
  const { purpose, account, key } = kept.attempt;
  ports.onAlert({ code: `Dispute/${state}`, key, gateway });
  if (purpose.type !== 'INVOICE') return 'DisputedTopUp';
  // A bank takes back what a charge brought, or part of it: more is no dispute of this charge, and nobody is asked to pay it.
  if (amount > kept.attempt.amount) return 'DisputeBeyondCharge';
  const about = { id: `${gateway}/${id}`, invoice: purpose.invoice, state, amount };
  await ports.books.change(account, (books, now) => disputed(books, about, now));
  return null;
}
