import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createAccountBooks } from '../../billing/loop/account-books.ts';
import { settleAccount, type WishesPort } from '../../billing/loop/account-loop.ts';
import { PAYER, PLAN_OF_TEN } from '../../billing/payment/collector.fixture.ts';
import { collect, pursue } from '../../billing/payment/collector.ts';
import type { GatewayEvent } from '../../billing/payment/gateway.ts';
import { type MailPorts, readMail } from '../../billing/payment/mail.ts';
import { parseScenario } from '../../billing/scenario/parse.ts';
import { run } from '../../billing/scenario/run.ts';
import { balanceOf } from '../../billing/settle/books.ts';
import { type Bank, type Behaviour, createBank } from '../../integrations/payment/sandbox/bank.ts';
import { createSandboxGateway, directLine } from '../../integrations/payment/sandbox/gateway.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createBooksStore } from '../books/store.ts';
import { createDatabase, type Database } from '../database.ts';
import { createPool } from '../pool.ts';
import { createAttemptStore } from './store.ts';

jest.setTimeout(180_000);

const MINUTE = 60_000;
const DAY = 86_400_000;

let fresh: FreshDatabase;
let pool: ReturnType<typeof createPool>;
let database: Database;
let bank: Bank;
let offset = 0;
let events: GatewayEvent[] = [];
const alerts: string[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  pool = createPool({ url: fresh.url });
  database = createDatabase(pool);
  bank = createBank();
});
afterAll(async () => {
  await pool.end();
  await fresh.drop();
});

async function advance(ms: number): Promise<void> {
  offset += ms;
  await pool.query(
    `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
  );
}

/** Pays by itself, for a plan of 10.00 a month, in advance; dunning tries again after three days. */
const wishes: WishesPort = {
  of: async (name) => {
    const parsed = parseScenario({
      policy: { billing: 'ANNIVERSARY', dueDays: 0 },
      steps: PLAN_OF_TEN,
    });
    if ('faults' in parsed) throw new Error(parsed.faults.join('\n'));
    const all = parsed.scenario.steps[0]?.apply ?? [];
    const isOwn = ({ kind }: { kind: string }) => kind === 'Subscription';
    const { account } = run({
      ...parsed.scenario,
      steps: [{ ...(parsed.scenario.steps[0] as never as object), apply: all.filter((each) => !isOwn(each)) } as never],
    });
    return {
      account: { ...account, name },
      catalog: all.filter((each) => !isOwn(each)),
      own: all.filter(isOwn),
      recipients: [],
    };
  },
};

/** What a process has that runs payments. A crash is an exception that none of its code sees coming; the next process has new ports. */
function processOf(
  account: string,
  crash: { at: number; after: boolean } | null,
): { ports: MailPorts; calls(): number } {
  let calls = 0;
  const fragile = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([name, value]) => [
        name,
        typeof value !== 'function'
          ? value
          : async (...args: unknown[]) => {
              const number = calls++;
              if (crash?.at === number && !crash.after) throw new Crash();
              const result: unknown = await value.apply(part, args);
              if (crash?.at === number) throw new Crash();
              return result;
            },
      ]),
    ) as Part;
  const gateway = createSandboxGateway(
    directLine(bank, ({ key, verb }, outcome) => {
      const externalId = 'externalId' in outcome ? (outcome.externalId ?? '') : '';
      if (verb === 'CHARGE') events.push({ type: 'outcome', verb, key, externalId, outcome });
    }),
    { webhookSecret: 's', deadlineMs: 30_000, formUrl: 'http://127.0.0.1/form' },
  );
  const store = createAttemptStore(database);
  const ports: MailPorts = {
    attempts: { ...fragile(store), inbox: fragile(store.inbox) },
    books: fragile(createAccountBooks({ store: createBooksStore(database, TEST_VAULT.personal), wishes })),
    gateways: new Map([['sandbox', fragile(gateway)]]),
    payerOf: async () => PAYER,
    methodOf: async () => PAYER,
    installationId: 'here',
    now: () => Date.now() + offset,
    newId: () => `${account}-${Math.random()}`,
    onAlert: ({ code }) => alerts.push(code),
    onError: (error) => {
      throw error;
    },
    onMethod: async () => undefined,
  };
  return { ports, calls: () => calls };
}

class Crash extends Error {}

const books = () => createBooksStore(database, TEST_VAULT.personal);
const settle = (account: string) =>
  settleAccount(
    { store: books(), wishes, holds: { obey: async () => undefined }, passed: async () => undefined },
    account,
  );

/** One round of a process, twice, with all webhooks delivered in between, each twice. */
async function work(account: string, ports: MailPorts): Promise<void> {
  await collect(ports, account);
  for (const [index, event] of [...events, ...events].entries()) {
    const letter = { gateway: 'sandbox', id: `${account}/${index % events.length}`, event, tries: 0 };
    await ports.attempts.inbox.take({ ...letter, receivedAt: ports.now() });
  }
  await readMail(ports, 100);
  await pursue(ports, 100);
  await collect(ports, account);
}

async function stands(account: string) {
  const loaded = await createAccountBooks({ store: books(), wishes }).load(account);
  const [invoice] = loaded.invoices;
  const kept = await createAttemptStore(database).ofAccount(account);
  const charges = bank
    .movements()
    .filter(({ key, outcome }) => key.includes(`/${account}/`) && outcome.state === 'succeeded');
  return {
    due: invoice === undefined ? null : balanceOf(invoice, loaded),
    payments: loaded.payments.map(({ amount }) => amount),
    charges: charges.map(({ amount }) => amount),
    states: kept.map(({ attempt }) => attempt.state),
  };
}

const PAID = { due: 0n, payments: [1000n], charges: [1000n] };

describe('payments on a real database', () => {
  it('pays an issued invoice by itself, once', async () => {
    await settle('acme');
    const { ports } = processOf('acme', null);
    await work('acme', ports);
    await work('acme', ports);
    expect(await stands('acme')).toEqual({ ...PAID, states: ['SUCCEEDED'] });
  });

  it('tries again when dunning says so', async () => {
    await settle('poor');
    bank.script(['declineSoft']);
    const { ports } = processOf('poor', null);
    await work('poor', ports);
    expect(await stands('poor')).toMatchObject({ due: 1000n, states: ['DECLINED_SOFT'] });
    await advance(3 * DAY + MINUTE);
    await settle('poor');
    await work('poor', ports);
    expect(await stands('poor')).toEqual({ ...PAID, states: ['DECLINED_SOFT', 'SUCCEEDED'] });
  });

  it('charges once where eight processes find the same invoice at once', async () => {
    await settle('busy');
    await Promise.all(Array.from({ length: 8 }, () => work('busy', processOf('busy', null).ports)));
    await work('busy', processOf('busy', null).ports);
    expect(await stands('busy')).toEqual({ ...PAID, states: ['SUCCEEDED'] });
  });

  it.each<Behaviour>(['succeed', 'doneLost', 'undoneLost'])(
    'charges once wherever the process dies, before and after each of its calls: %s',
    async (behaviour) => {
      events = [];
      await settle(`count-${behaviour}`);
      const counted = processOf(`count-${behaviour}`, null);
      bank.script([behaviour]);
      await work(`count-${behaviour}`, counted.ports);
      expect(counted.calls()).toBeGreaterThan(8);
      for (let at = 0; at < counted.calls(); at += 1) {
        for (const after of [false, true]) {
          const account = `${behaviour}-${at}-${after}`;
          events = [];
          await settle(account);
          bank.script([behaviour]);
          await work(account, processOf(account, { at, after }).ports).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
          });
          const { ports } = processOf(account, null);
          for (let rounds = 0; rounds < 6 && (await stands(account)).due !== 0n; rounds += 1) {
            await advance(31 * MINUTE);
            await work(account, ports);
          }
          expect({ account, ...(await stands(account)) }).toEqual({ account, ...PAID, states: ['SUCCEEDED'] });
        }
      }
      expect(alerts).toEqual([]);
    },
  );

  it('lets nobody forget money that moved, nor use a key for something else', async () => {
    const [{ id }] = (await pool.query(`select id from payment_attempts where state = 'SUCCEEDED' limit 1`)).rows as [
      { id: string },
    ];
    const changed = (sql: string) => pool.query(`update payment_attempts set body = ${sql} where id = $1`, [id]);
    await expect(changed(`body || '{"state": "LAPSED"}'`)).rejects.toThrow(/stands/);
    await expect(changed(`body || '{"key": "other"}'`)).rejects.toThrow(/stands/);
    await expect(pool.query('delete from payment_attempts')).rejects.toThrow(/stands/);
  });
});
