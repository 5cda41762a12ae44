import { decoded, encodable } from '../../billing/loop/fact-json.ts';
import type { Attempt } from '../../billing/payment/attempt.ts';
import type { AttemptStore, Kept } from '../../billing/payment/attempt-store.ts';
import type { Customers } from '../../billing/payment/customers.ts';
import type { GatewayEvent } from '../../billing/payment/gateway.ts';
import type { Database } from '../database.ts';
import { json } from '../statement.ts';
import {
  ACCOUNT_OF,
  ATTEMPT_BY_EXTERNAL_ID,
  ATTEMPT_BY_ID,
  ATTEMPT_BY_KEY,
  ATTEMPTS_OF_ACCOUNT,
  BEGIN_ATTEMPT,
  CUSTOMER_OF,
  DUE_ATTEMPTS,
  DUE_LETTERS,
  KEEP_CUSTOMER,
  LETTER_READ,
  TAKE_LETTER,
  UPDATE_ATTEMPT,
} from './statements.ts';

interface Row {
  body: unknown;
  version: number;
}

interface LetterRow {
  gateway: string;
  id: string;
  event: unknown;
  received_at: number;
  tries: number;
}

/** Attempts of production. That nothing is charged twice is held by keys of the database, not by who happens to run. */
export function createAttemptStore(database: Database): AttemptStore {
  const one = async (rows: Promise<Row[]>): Promise<Kept | undefined> => {
    const [row] = await rows;
    return row && keptOf(row);
  };
  /** Exactly once, also where the connection is lost at the commit: the answer says whether this call did it. */
  const wrote = (run: (tx: Pick<Database, 'run'>) => Promise<unknown[]>) =>
    database.transaction(async (tx) => ({ commit: true, value: (await run(tx)).length > 0 }));
  return {
    begin: (attempt) => wrote((tx) => tx.run(BEGIN_ATTEMPT, [attempt.id, bodyOf(attempt)])),
    update: ({ attempt: { id }, version }, to) => wrote((tx) => tx.run(UPDATE_ATTEMPT, [id, version, bodyOf(to)])),
    byId: (id) => one(database.run(ATTEMPT_BY_ID, [id])),
    byKey: (key) => one(database.run(ATTEMPT_BY_KEY, [key])),
    byExternalId: ({ gateway, verb, externalId }) =>
      one(database.run(ATTEMPT_BY_EXTERNAL_ID, [gateway, externalId, verb])),
    ofAccount: async (account) => (await database.run<Row>(ATTEMPTS_OF_ACCOUNT, [account])).map(keptOf),
    due: async ({ now, limit }) => (await database.run<Row>(DUE_ATTEMPTS, [now, limit])).map(keptOf),
    inbox: {
      take: ({ gateway, id, event, receivedAt }) =>
        wrote((tx) => tx.run(TAKE_LETTER, [gateway, id, json(encodable(event)), receivedAt])),
      due: async ({ now, limit }) => {
        const rows = await database.run<LetterRow>(DUE_LETTERS, [now, limit]);
        return rows.map(({ event, received_at: receivedAt, ...rest }) => {
          return { ...rest, event: decoded(event) as GatewayEvent, receivedAt };
        });
      },
      done: async ({ gateway, id }, { tries, dueAt, code }) => {
        await database.run(LETTER_READ, [gateway, id, tries, dueAt, code]);
      },
    },
  };
}

export function createCustomers(database: Database): Customers {
  return {
    keep: async ({ account, gateway, customer }) => {
      await database.run(KEEP_CUSTOMER, [account, gateway, customer]);
    },
    of: async ({ account, gateway }) =>
      (await database.run<{ customer: string }>(CUSTOMER_OF, [account, gateway]))[0]?.customer ?? null,
    accountOf: async ({ gateway, customer }) =>
      (await database.run<{ account: string }>(ACCOUNT_OF, [gateway, customer]))[0]?.account ?? null,
  };
}

function keptOf({ body, version }: Row): Kept {
  return { attempt: decoded(body) as Attempt, version };
}

function bodyOf(attempt: Attempt): string {
  return json(encodable(attempt));
}
