import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayEvent, GatewayOutcome } from '../../../billing/payment/gateway.ts';
import { httpCall } from '../http-call.ts';
import { at, type JsonValue, listAt, parseJson, textAt } from '../json.ts';
import { type Bank, BEHAVIOURS, type Behaviour, createBank, type Wish } from './bank.ts';
import { formPage } from './form.ts';
import { writeSandboxWebhook } from './webhook.ts';

export interface SandboxServerOptions {
  host: string;
  port: number;
  /** Where events are told; null: nowhere. */
  webhook: { url: string; secret: string } | null;
}

export interface SandboxServer {
  url: string;
  bank: Bank;
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 65_536;
const DELIVERIES_MAX = 5;

/**
 * A pretended gateway as a program of its own, for demos and tests: calls, a form for cards that are none, disputes and confirmations at
 * will, and signed webhooks. It answers to anybody, so it listens on this machine only.
 */
export async function startSandboxServer({ host, port, webhook }: SandboxServerOptions): Promise<SandboxServer> {
  const bank = createBank();
  const tell = (event: GatewayEvent) => void deliver(webhook, event);
  const server = createServer((req, res) => void answer({ req, res, bank, tell }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://${host}:${taken}`, bank, close: () => closed(server) };
}

interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  bank: Bank;
  tell(event: GatewayEvent): void;
}

async function answer({ req, res, bank, tell }: Exchange): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost');
  const text = await bodyOf(req);
  if (text === null) return void res.writeHead(413).end();
  if (pathname === '/form') return form({ req, res, text, searchParams, tell });
  const body = parseJson(text === '' ? '{}' : text);
  const found = body === undefined ? undefined : route({ path: `${req.method} ${pathname}`, body, bank, tell });
  if (found === undefined) return void res.writeHead(404).end();
  if (found === LOST) return void res.destroy();
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify(found, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)));
}

const LOST = Symbol('lost');

function route({
  path,
  body,
  bank,
  tell,
}: {
  path: string;
  body: JsonValue;
  bank: Bank;
  tell(event: GatewayEvent): void;
}): unknown {
  const text = (name: string) => textAt(body, name) ?? '';
  switch (path) {
    case 'POST /v1/calls': {
      if (!/^\d{1,18}$/.test(text('amount'))) return undefined;
      const wish = { ...(body as unknown as Wish), amount: BigInt(text('amount')) };
      const { outcome, lost, isNew } = bank.move(wish);
      if (isNew) tellOutcome(wish, outcome, tell);
      return lost ? LOST : outcome;
    }
    case 'POST /v1/lookups':
      return bank.lookup({ key: text('key') });
    case 'POST /v1/customers':
      return { customer: bank.createCustomer(text('key')) };
    case 'POST /v1/methods':
      return bank.storeMethod(text('token'));
    case 'POST /v1/script':
      bank.script(
        listAt(body, 'behaviours').filter((each): each is Behaviour => BEHAVIOURS.includes(each as Behaviour)),
      );
      return {};
    case 'POST /v1/confirm': {
      const moved = bank.confirm(text('externalId'), at(body, 'agrees') !== false);
      if (moved !== null) tellOutcome(moved, moved.outcome, tell);
      return { confirmed: moved !== null };
    }
    case 'POST /v1/disputes': {
      const state = text('state') === 'won' ? 'won' : text('state') === 'lost' ? 'lost' : 'opened';
      if (!/^\d{1,18}$/.test(text('amount'))) return undefined;
      const { id, externalId, amount } = {
        id: text('id'),
        externalId: text('externalId'),
        amount: BigInt(text('amount')),
      };
      tell({ type: 'dispute', id, externalId, state, amount });
      return {};
    }
    case 'GET /v1/movements':
      return bank.movements();
    default:
      return undefined;
  }
}

function tellOutcome(
  wish: Pick<Wish, 'verb' | 'key'>,
  outcome: GatewayOutcome,
  tell: (event: GatewayEvent) => void,
): void {
  if (wish.verb !== 'CHARGE' && wish.verb !== 'REFUND') return;
  const externalId = 'externalId' in outcome ? (outcome.externalId ?? '') : '';
  tell({ type: 'outcome', verb: wish.verb, key: wish.key, externalId, outcome });
}

function form({
  req,
  res,
  text,
  searchParams,
  tell,
}: Pick<Exchange, 'req' | 'res' | 'tell'> & { text: string; searchParams: URLSearchParams }): void {
  const back = searchParams.get('return') ?? '';
  if (req.method !== 'POST') {
    return void res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(formPage());
  }
  const method = {
    token: new URLSearchParams(text).get('token') ?? '',
    brand: 'sandbox',
    last4: '4242',
    expires: '2099-12',
  };
  tell({ type: 'methodStored', customer: searchParams.get('customer') ?? '', method });
  const isAddress = URL.canParse(back) && /^https?:$/.test(new URL(back).protocol);
  res.writeHead(303, isAddress ? { location: back } : {}).end();
}

async function deliver(webhook: SandboxServerOptions['webhook'], event: GatewayEvent): Promise<void> {
  if (webhook === null) return;
  const id = `evt_${randomUUID()}`;
  for (let tries = 1; tries <= DELIVERIES_MAX; tries += 1) {
    const { body, headers } = writeSandboxWebhook({ id, event }, { secret: webhook.secret, now: Date.now() });
    const answered = await httpCall({ method: 'POST', url: new URL(webhook.url), headers, body, deadlineMs: 5_000 });
    if (answered.ok && answered.status < 300) return;
    await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** tries).unref());
  }
}

async function bodyOf(req: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of req as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
