import { createHash } from 'node:crypto';
import { parseMoney } from '../../billing/money/currency.ts';
import type { Payer, TopUp } from '../../billing/payment/collection.ts';
import type { Customers } from '../../billing/payment/customers.ts';
import type { StoredMethod } from '../../billing/payment/gateway.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import type { JsonObject } from '../../reconciler/json.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { portal } from '../../reconciler/principal.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { all, projectsOf } from './books-wishes.ts';

const PORTAL = portal('payments');

export interface MethodParts {
  store: Pick<ObjectStore, 'getByKey' | 'list'>;
  admission: Admission;
  vault: Vault;
  customers: Customers;
  now(): number;
}

/** With what an account pays: the named method, or of the defaults the first by name that has not expired. Null: with none. */
export async function methodOf(parts: MethodParts, account: string, name: string | null): Promise<Payer | null> {
  const { store, vault, customers } = parts;
  const [owner] = await store.getByKey([{ kind: 'Account', project: null, name: account }]);
  if (owner === undefined) return null;
  const methods = await methodsOf(store, owner);
  const month = new Date(parts.now()).toISOString().slice(0, 7);
  const isGood = ({ metadata, spec }: StoredObject) =>
    metadata.deletedAt === null && (typeof spec.expiry !== 'string' || spec.expiry >= month);
  const chosen = methods
    .filter(isGood)
    .find(({ metadata, spec }) => (name === null ? spec.default !== false : metadata.name === name));
  if (chosen === undefined) return null;
  const gateway = String(chosen.spec.gateway);
  const opened = await vault.open(String(chosen.spec.token));
  if (!opened.ok) throw new Error(`The token of PaymentMethod "${chosen.metadata.name}" cannot be opened.`);
  const customer =
    typeof chosen.spec.customer === 'string' ? chosen.spec.customer : await customers.of({ account, gateway });
  return { gateway, customer: customer ?? '', method: opened.value, topUps: await topUpsOf(store, owner) };
}

/** Wallets that buy more by themselves, under the names that the books have for them. */
async function topUpsOf(store: MethodParts['store'], owner: StoredObject): Promise<TopUp[]> {
  const currency = String(owner.spec.currency);
  const found: TopUp[] = [];
  for (const { metadata: project } of await projectsOf(store, owner))
    for (const { metadata, spec } of await all(store, 'Wallet', { project: project.name })) {
      const wish = spec.topUp as { below: string; amount: string } | undefined;
      const [below, amount] = [parseMoney(wish?.below ?? '', currency), parseMoney(wish?.amount ?? '', currency)];
      if (below === undefined || amount === undefined || amount <= 0n || metadata.deletedAt !== null) continue;
      found.push({ wallet: `${project.name}/${metadata.name}`, below, amount });
    }
  return found;
}

/** Whether the account's type lets its invoices be charged without anybody asking. */
export async function paysByItself(store: Pick<ObjectStore, 'getByKey'>, account: string): Promise<boolean> {
  const [owner] = await store.getByKey([{ kind: 'Account', project: null, name: account }]);
  if (owner === undefined) return false;
  if (typeof owner.spec.type !== 'string') return true;
  const [type] = await store.getByKey([{ kind: 'AccountType', project: null, name: owner.spec.type }]);
  return type?.spec.automaticPayment !== false && type?.spec.notionalBilling !== true;
}

/** What was entered at the gateway becomes a PaymentMethod of the account's first project, and the default. Twice is once. */
export async function keepMethod(
  { store, admission, customers }: MethodParts,
  { gateway, customer, method }: { gateway: string; customer: string; method: StoredMethod },
): Promise<void> {
  const account = await customers.accountOf({ gateway, customer });
  const [owner] = account === null ? [] : await store.getByKey([{ kind: 'Account', project: null, name: account }]);
  if (owner === undefined) return;
  const [project] = await projectsOf(store, owner);
  if (project === undefined) return;
  const name = `${gateway}-${createHash('sha256').update(`${customer}/${method.token}`).digest('hex').slice(0, 10)}`;
  const others = (await methodsOf(store, owner)).filter(({ metadata }) => metadata.name !== name);
  const outcome = await applyManifests(admission, {
    manifests: [
      {
        kind: 'PaymentMethod',
        metadata: { name, project: project.metadata.name },
        spec: specOf(gateway, customer, method),
      },
      ...others.map(({ metadata }) => ({
        kind: 'PaymentMethod',
        metadata: { name: metadata.name, project: metadata.project ?? '' },
        spec: { default: false },
      })),
    ],
    principal: PORTAL,
    source: 'payments',
    takeOver: true,
  });
  if (!outcome.ok)
    throw new Error(outcome.issues.map(({ path, message }) => `PaymentMethod ${path} ${message}`).join('; '));
}

function specOf(gateway: string, customer: string, { token, brand, last4, expires }: StoredMethod): JsonObject {
  const words = brand?.replaceAll(/[^A-Za-z ]/g, '').trim() ?? '';
  return {
    gateway,
    token,
    customer,
    default: true,
    ...(/^[A-Za-z]/.test(words) ? { brand: words.slice(0, 40) } : {}),
    ...(last4 !== null && /^\d{4}$/.test(last4) ? { last4 } : {}),
    ...(expires !== null && /^20\d\d-(0[1-9]|1[0-2])$/.test(expires) ? { expiry: expires } : {}),
  };
}

async function methodsOf(store: MethodParts['store'], owner: StoredObject): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  for (const { metadata } of await projectsOf(store, owner))
    found.push(...(await all(store, 'PaymentMethod', { project: metadata.name })));
  return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
