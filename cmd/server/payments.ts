import type { AccountBooks } from '../../billing/loop/account-books.ts';
import type { CashierPorts } from '../../billing/payment/cashier.ts';
import { collect, pursue } from '../../billing/payment/collector.ts';
import type { GatewayEvent, HostedForm, Made, PaymentGateway } from '../../billing/payment/gateway.ts';
import { type MailPorts, readMail } from '../../billing/payment/mail.ts';
import type { PaymentsApi } from '../../graphql/payments/payments-api.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { systemClock, systemEnvironment } from './environment.ts';
import type { Handler } from './http.ts';
import type { LiveSettings } from './live-settings.ts';
import { keepMethod, type MethodParts, methodOf, paysByItself } from './payment-methods.ts';
import type { PaymentRecords } from './payment-records.ts';
import { paymentWebhooks } from './payment-webhooks.ts';

export interface PaymentsParts {
  store: EngineStore & ObjectStore;
  admission: Admission;
  vault: Vault;
  accounts: AccountBooks;
  records: PaymentRecords;
  gateways: ReadonlyMap<string, PaymentGateway>;
  installationId: string;
  /** What was decided; without it nothing is ever paused. */
  settings?: Pick<LiveSettings, 'pauseOf'>;
  /** Something that a person must look at; without secrets. */
  onAlert(alert: { code: string; key: string; gateway: string }): void;
  onError(error: unknown): void;
}

export interface OpenPayments {
  api: PaymentsApi;
  handler: Handler;
  /** The account's books changed, or its wishes: it may have something to pay. A hint. */
  passed(account: string): void;
  /** Charges, asks and books until the signal ends it. */
  keep(stop: AbortSignal): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
const BATCH = 50;
const HINTS_MAX = 50_000;

/** Payments with the world around them. Any number of instances may run this: what is charged once is held by the database. */
export function openPayments(parts: PaymentsParts): OpenPayments {
  const { records, gateways, onError } = parts;
  const ports = portsOf(parts);
  const waiting = new Set<string>();
  return {
    api: {
      gateways: [...gateways.keys()],
      cashier: ports,
      form: (wish) => openForm(parts, wish),
    },
    handler: paymentWebhooks({
      gateways,
      inbox: records.attempts.inbox,
      now: systemClock.now,
      arrived: () => undefined,
    }),
    passed: (account) => {
      // Lost hints cost an hour at most: every account is passed again by then.
      if (waiting.size < HINTS_MAX) waiting.add(account);
    },
    keep: async (stop) => {
      while (!stop.aborted) {
        // What waits is kept: by the gateways' mail, by the attempts, and by the accounts, which are passed again within an hour.
        const paused = (parts.settings?.pauseOf('collection') ?? null) !== null;
        const busy = !paused && gateways.size > 0 && (await round(ports, waiting, onError));
        if (!busy) await systemClock.sleep(LOOK_EVERY_MS, stop);
      }
    },
  };
}

function portsOf(parts: PaymentsParts): CashierPorts & MailPorts {
  const { records, gateways, store, admission, vault, accounts, installationId, onAlert, onError } = parts;
  const methods: MethodParts = { store, admission, vault, customers: records.customers, now: systemClock.now };
  return {
    attempts: records.attempts,
    books: accounts,
    gateways,
    installationId,
    payerOf: async (account) => ((await paysByItself(store, account)) ? methodOf(methods, account, null) : null),
    methodOf: (account, name) => methodOf(methods, account, name),
    now: systemClock.now,
    newId: systemEnvironment.ids.uid,
    onAlert,
    onError,
    onMethod: async ({ gateway, customer, method }) => {
      const known = await complete(gateways.get(gateway), { customer, method });
      await keepMethod(methods, { gateway, customer, method: known });
    },
  };
}

/** Some gateways only tell which method is new: what may be shown of it is asked for. */
async function complete(
  gateway: PaymentGateway | undefined,
  { customer, method }: Pick<Extract<GatewayEvent, { type: 'methodStored' }>, 'customer' | 'method'>,
) {
  if (gateway === undefined || method.last4 !== null) return method;
  const found = await gateway.storeMethod({ key: `method/${customer}/${method.token}`, customer, token: method.token });
  return found.ok ? found.value : method;
}

async function round(
  ports: CashierPorts & MailPorts,
  waiting: Set<string>,
  onError: (error: unknown) => void,
): Promise<boolean> {
  try {
    const accounts = [...waiting].slice(0, BATCH);
    for (const account of accounts) {
      waiting.delete(account);
      await collect(ports, account).catch((error: unknown) =>
        onError(new Error(`The account "${account}" could not be charged.`, { cause: error })),
      );
    }
    const read = await readMail(ports, BATCH);
    const looked = await pursue(ports, BATCH);
    return accounts.length === BATCH || read === BATCH || looked === BATCH;
  } catch (error) {
    onError(error);
    return false;
  }
}

async function openForm(
  { gateways, records, accounts, installationId }: PaymentsParts,
  { account, gateway: name, returnUrl, key }: Parameters<PaymentsApi['form']>[0],
): Promise<Made<HostedForm>> {
  const gateway = gateways.get(name);
  if (gateway === undefined) return { ok: false, code: 'not_configured', retryable: false };
  const books = await accounts.current(account);
  if (books === undefined) return { ok: false, code: 'unknown_account', retryable: false };
  let customer = await records.customers.of({ account, gateway: name });
  if (customer === null) {
    const made = await gateway.createCustomer({ key: `${installationId}/customer/${account}`, account });
    if (!made.ok) return made;
    await records.customers.keep({ account, gateway: name, ...made.value });
    customer = await records.customers.of({ account, gateway: name });
  }
  const { currency } = books.account;
  return gateway.hostedForm({ key, customer: customer ?? '', currency, returnUrl, now: systemClock.now() });
}
