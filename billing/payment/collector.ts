import type { Instant } from '../calendar/interval.ts';
import type { AccountBooks } from '../loop/account-books.ts';
import type { Books } from '../settle/books.ts';
import {
  type Attempt,
  actionExpired,
  called,
  type Evidence,
  initiated,
  learned,
  mayCall,
  type Purpose,
  taken,
  told,
} from './attempt.ts';
import type { AttemptStore, Kept } from './attempt-store.ts';
import { wantedAuthorisations, wantedOfHeld } from './authorisations.ts';
import { type Payer, subjectOf, wantedCharges } from './collection.ts';
import type { GatewayOutcome, Lookup, PaymentGateway } from './gateway.ts';
import { booked } from './gateway-money.ts';
import { wantedRefunds } from './refunds.ts';

export interface CollectorPorts {
  attempts: AttemptStore;
  books: Pick<AccountBooks, 'load' | 'change'>;
  gateways: ReadonlyMap<string, PaymentGateway>;
  /** Null: the account does not pay by itself. */
  payerOf(account: string): Promise<Payer | null>;
  /** With the named method, or the account's default. Whether it pays by itself does not matter: somebody asks for it. */
  methodOf(account: string, method: string | null): Promise<Payer | null>;
  /** Goes before the keys: two installations on one gateway are strangers to each other. */
  installationId: string;
  now(): Instant;
  newId(): string;
  /** Told what a person must look at, beside the books' own events. Never holds secrets. */
  onAlert(alert: { code: string; key: string; gateway: string }): void;
  onError(error: unknown): void;
}

export interface NewAttempt {
  id?: string;
  account: string;
  gateway: string;
  verb: Attempt['verb'];
  purpose: Purpose;
  amount: bigint;
  currency: string;
  customer: string;
  method: string;
  generation: number;
}

const POSTPONED_MS = 300_000;
const CHARGES_AT_ONCE = 20;
const CONFLICTS_MAX = 20;

/** Charges what an account owes and pays by itself. Whatever happens in between, each thing is charged once. */
export async function collect(ports: CollectorPorts, account: string): Promise<number> {
  const payer = await ports.payerOf(account);
  // In this order: what was booked since is in the books, what was not is among the attempts.
  const attempts = (await ports.attempts.ofAccount(account)).map((kept) => kept.attempt);
  const card = payer ?? (await ports.methodOf(account, null));
  if (card === null && attempts.length === 0) return 0;
  const books = await ports.books.load(account);
  await sendRefunds(ports, books, attempts);
  const taken = await followUp(ports, books, attempts);
  if (card !== null) await setAside(ports, books, { attempts, payer: card });
  if (payer === null || !ports.gateways.has(payer.gateway)) return 0;
  const wanted = wantedCharges(books, { attempts, payer, now: ports.now() })
    .filter(({ purpose }) => purpose.type !== 'INVOICE' || !taken.has(purpose.invoice))
    .slice(0, CHARGES_AT_ONCE);
  const { gateway, customer, method } = payer;
  for (const each of wanted) {
    await attempt(ports, {
      ...each,
      account,
      gateway,
      verb: 'CHARGE',
      currency: books.account.currency,
      customer,
      method,
    });
  }
  return wanted.length;
}

/** Sets aside what waiting subscriptions need, also where the account pays nothing else by itself. */
async function setAside(
  ports: CollectorPorts,
  books: Books,
  { attempts, payer }: { attempts: readonly Attempt[]; payer: Payer },
): Promise<void> {
  const { name: account, currency } = books.account;
  if (!ports.gateways.has(payer.gateway)) return;
  const { gateway, customer, method } = payer;
  const wanted = wantedAuthorisations(books, { attempts, payer, now: ports.now() }).slice(0, CHARGES_AT_ONCE);
  for (const each of wanted)
    await attempt(ports, { ...each, account, gateway, verb: 'AUTHORISE', currency, customer, method });
}

/** Takes what was set aside, or lets it go. Answers the invoices that it is taken for. */
async function followUp(ports: CollectorPorts, books: Books, attempts: readonly Attempt[]): Promise<Set<string>> {
  const taken = new Set<string>();
  for (const { held, ...wish } of wantedOfHeld(books, { attempts, now: ports.now() }).slice(0, CHARGES_AT_ONCE)) {
    if (!ports.gateways.has(held.gateway)) continue;
    if (wish.purpose.type === 'INVOICE') {
      if (taken.has(wish.purpose.invoice)) continue;
      taken.add(wish.purpose.invoice);
    }
    const { account, gateway, customer, currency, externalId } = held;
    await attempt(ports, { ...wish, account, gateway, customer, currency, method: externalId ?? '' });
  }
  return taken;
}

/** What the books gave back goes out. */
async function sendRefunds(ports: CollectorPorts, books: Books, attempts: readonly Attempt[]): Promise<void> {
  for (const { charge, ...wish } of wantedRefunds(books, attempts).slice(0, CHARGES_AT_ONCE))
    if (ports.gateways.has(charge.gateway)) await attempt(ports, refundOf(charge, wish));
}

/** Sends what was just given back, without waiting for the next round. */
export async function sendGivenBack(ports: CollectorPorts, account: string): Promise<void> {
  const attempts = (await ports.attempts.ofAccount(account)).map((kept) => kept.attempt);
  await sendRefunds(ports, await ports.books.load(account), attempts);
}

/** A refund goes back through the gateway that charged, to the method that paid. */
export function refundOf(
  { account, gateway, currency, customer, externalId }: Attempt,
  wish: Pick<NewAttempt, 'id' | 'purpose' | 'amount' | 'generation'>,
): NewAttempt {
  return { ...wish, account, gateway, currency, customer, method: externalId ?? '', verb: 'REFUND' };
}

/** Writes the row, then calls. Null: another attempt stands for the same, and nothing was done. */
export async function attempt(ports: CollectorPorts, wish: NewAttempt): Promise<Attempt | null> {
  const gateway = gatewayOf(ports, wish.gateway);
  const row = called(newAttempt(ports, wish), ports.now(), gateway.capabilities);
  if (!(await ports.attempts.begin(row))) return null;
  return concluded(ports, row.id, await call(ports, row));
}

/** What comes due: outcomes to ask for, and money to book. */
export async function pursue(ports: CollectorPorts, limit: number): Promise<number> {
  const due = await ports.attempts.due({ now: ports.now(), limit });
  for (const kept of due) {
    try {
      await look(ports, kept);
    } catch (error) {
      // One that cannot go on does not keep the others from it.
      ports.onError(error);
      await postpone(ports, kept.attempt.id);
    }
  }
  return due.length;
}

async function postpone({ attempts, now }: CollectorPorts, id: string): Promise<void> {
  const kept = await attempts.byId(id);
  const dueAt = now() + POSTPONED_MS;
  if (kept !== undefined && kept.attempt.dueAt < dueAt) await attempts.update(kept, { ...kept.attempt, dueAt });
}

/** A piece of evidence from outside, such as a webhook. */
export async function concluded(
  ports: CollectorPorts,
  id: string,
  evidence: Evidence & { at?: Instant },
): Promise<Attempt> {
  let next = evidence;
  for (let conflicts = 0; conflicts < CONFLICTS_MAX; conflicts += 1) {
    const kept = await ports.attempts.byId(id);
    if (kept === undefined) throw new Error(`the attempt ${id} is gone`);
    const { capabilities } = gatewayOf(ports, kept.attempt.gateway);
    const {
      attempt: after,
      alert,
      repeat,
    } = learned(kept.attempt, next, { now: next.at ?? ports.now(), capabilities });
    if (alert !== null) ports.onAlert({ code: alert, key: after.key, gateway: after.gateway });
    if (repeat) {
      const row = called(after, ports.now(), capabilities);
      if (await ports.attempts.update(kept, row)) next = await call(ports, row);
      continue;
    }
    if (after === kept.attempt) return after;
    if (await ports.attempts.update(kept, after)) return tell(ports, { attempt: after, version: kept.version + 1 });
  }
  throw new Error(`the attempt ${id} changes all the time`);
}

async function look(ports: CollectorPorts, kept: Kept): Promise<void> {
  const { attempt: row } = kept;
  const gateway = gatewayOf(ports, row.gateway);
  const begun = ports.now();
  if (isEnded(row)) return void (await tell(ports, kept));
  if (!(await ports.attempts.update(kept, taken(row, begun, gateway.capabilities)))) return;
  await concluded(
    ports,
    row.id,
    actionExpired(row, begun) ? await withdrawn(gateway, row) : await asked(gateway, row, begun),
  );
}

async function asked(gateway: PaymentGateway, row: Attempt, at: Instant): Promise<Evidence & { at: Instant }> {
  const outcome = await gateway.lookup(lookupOf(row, row.externalId));
  // Absence is of the moment at which the question left.
  return { from: 'lookup', outcome, at };
}

/** What the payer did not confirm in time must not be confirmed later. */
async function withdrawn(gateway: PaymentGateway, { key, externalId, currency }: Attempt): Promise<Evidence> {
  const outcome = await gateway.void({ key: `${key}/void`, externalId: externalId ?? '', currency });
  if (outcome.state !== 'succeeded') return { from: 'lookup', outcome: { state: 'unknown', code: 'void', externalId } };
  return { from: 'lookup', outcome: { state: 'declined', code: 'not_confirmed', retryable: true, externalId } };
}

/** How a gateway is asked what became of an attempt. `externalId`: of what it made. */
export function lookupOf(
  { key, verb, customer, createdAt, method, purpose }: Attempt,
  externalId: string | null,
): Lookup {
  const isCapture = purpose.type === 'INVOICE' && purpose.authorised !== undefined && verb === 'CHARGE';
  const follows = isCapture || verb === 'REFUND' || verb === 'VOID';
  const asked = isCapture ? 'CAPTURE' : verb;
  return { key, verb: asked, customer, externalId: follows ? method : externalId, since: createdAt };
}

async function call(ports: CollectorPorts, row: Attempt): Promise<Evidence> {
  if (!mayCall(row, ports.now()))
    return { from: 'call', outcome: { state: 'unknown', code: 'late', externalId: null } };
  return { from: 'call', outcome: await sent(gatewayOf(ports, row.gateway), row) };
}

function sent(gateway: PaymentGateway, row: Attempt): Promise<GatewayOutcome> {
  const { key, customer, method, amount, currency, purpose } = row;
  const about = { key, externalId: method, currency };
  if (row.verb === 'REFUND') return gateway.refund({ ...about, amount });
  if (row.verb === 'VOID') return gateway.void(about);
  if (purpose.type === 'INVOICE' && purpose.authorised !== undefined) return gateway.capture({ ...about, amount });
  const move = row.verb === 'AUTHORISE' ? gateway.authorise : gateway.charge;
  return move({ key, customer, method, amount, currency, description: subjectOf(purpose) });
}

/** Money first into the books, then the mark: a crash between the two books it again, which changes nothing. */
async function tell(ports: CollectorPorts, { attempt: row, version }: Kept): Promise<Attempt> {
  if (!isEnded(row) || row.booked) return row;
  await ports.books.change(row.account, (books, now) => booked(books, row, now));
  const after = told(row);
  await ports.attempts.update({ attempt: row, version }, after);
  return after;
}

function isEnded({ state }: Attempt): boolean {
  return state === 'SUCCEEDED' || state === 'DECLINED_SOFT' || state === 'DECLINED_HARD' || state === 'LAPSED';
}

function newAttempt({ newId, now, installationId }: CollectorPorts, wish: NewAttempt): Attempt {
  const { account, purpose, verb, generation, id = newId(), ...rest } = wish;
  const prefix = { INVOICE: '', TOP_UP: 'wallet/', WALLET: 'wallet/', NOTE: 'note/', SUBSCRIPTION: 'subscription/' }[
    purpose.type
  ];
  const subject = `${prefix}${purpose.type === 'NOTE' ? purpose.note : subjectOf(purpose)}`;
  const key = `${installationId}/${account}/${subject}/${generation}/${verb.toLowerCase()}`;
  return initiated({ ...rest, id, account, purpose, verb, key }, now());
}

export function gatewayOf({ gateways }: CollectorPorts, name: string): PaymentGateway {
  const gateway = gateways.get(name);
  if (gateway === undefined) throw new Error(`the gateway ${name} is not configured`);
  return gateway;
}
