import { type Bank, createBank, type Wish } from '../../integrations/payment/sandbox/bank.ts';
import { createSandboxGateway, directLine } from '../../integrations/payment/sandbox/gateway.ts';
import { parseScenario } from '../scenario/parse.ts';
import { run } from '../scenario/run.ts';
import type { Books } from '../settle/books.ts';
import type { Payer } from './collection.ts';
import type { GatewayEvent, GatewayOutcome } from './gateway.ts';
import type { MailPorts } from './mail.ts';
import { createMemoryAttempts } from './memory-attempts.ts';

export const PAYER: Payer = { gateway: 'sandbox', customer: 'cus_1', method: 'tok_sandbox', topUps: [] };
export const ACCOUNT = 'acme';

/** An account that owes one invoice of 10.00, a bank, and a clock that only the test moves. */
export interface World {
  ports: MailPorts;
  bank: Bank;
  books(): Books;
  set(books: Books): void;
  clock: { now: number };
  alerts: string[];
  /** Every event that the bank would send. */
  events: GatewayEvent[];
}

export function world(payer: Payer | null = PAYER): World {
  const bank = createBank();
  const clock = { now: Date.UTC(2026, 2, 2) };
  const alerts: string[] = [];
  const events: GatewayEvent[] = [];
  let books = ONE_INVOICE;
  let ids = 0;
  const tell = ({ key, verb }: Wish, outcome: GatewayOutcome) => {
    const externalId = 'externalId' in outcome ? (outcome.externalId ?? '') : '';
    if (verb === 'CHARGE' || verb === 'REFUND') events.push({ type: 'outcome', verb, key, externalId, outcome });
  };
  const options = { webhookSecret: 'whsec', deadlineMs: 30_000, formUrl: 'http://127.0.0.1/form' };
  const gateway = createSandboxGateway(directLine(bank, tell), options);
  const ports: MailPorts = {
    attempts: createMemoryAttempts(),
    books: {
      load: async () => books,
      change: async (_account, change) => {
        books = change(books, clock.now);
      },
    },
    gateways: new Map([[gateway.name, gateway]]),
    payerOf: async () => payer,
    methodOf: async () => payer,
    installationId: 'here',
    now: () => clock.now,
    newId: () => `attempt-${++ids}`,
    onAlert: ({ code }) => alerts.push(code),
    onError: (error) => {
      throw error;
    },
    onMethod: async () => undefined,
  };
  const set = (next: Books) => {
    books = next;
  };
  return { ports, bank, books: () => books, set, clock, alerts, events };
}

/** A plan of 10.00 a month, in advance; dunning tries again after three days. */
export const PLAN_OF_TEN = [
  {
    at: '2026-03-01',
    apply: [
      { kind: 'DunningPolicy', name: 'd', spec: { steps: [{ after: 'P3D', actions: ['RETRY'] }] } },
      { kind: 'Bundle', name: 'plan', spec: { charges: [{ name: 'fee', type: 'RECURRING' }] } },
      { kind: 'RateCard', name: 'prices', spec: { revisions: [{ prices: { fee: '10.00' } }] } },
      { kind: 'Subscription', name: 's1', spec: { bundle: 'plan' } },
    ],
  },
];

function oneInvoice(): Books {
  const parsed = parseScenario({
    policy: { billing: 'CALENDAR', dueDays: 0 },
    steps: PLAN_OF_TEN,
  });
  if ('faults' in parsed) throw new Error(parsed.faults.join('\n'));
  const books = run(parsed.scenario);
  return { ...books, account: { ...books.account, name: ACCOUNT } };
}

const ONE_INVOICE = oneInvoice();
