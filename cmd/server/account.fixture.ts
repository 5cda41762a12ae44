import { createAccountBooks } from '../../billing/loop/account-books.ts';
import { createMemoryBooks } from '../../billing/loop/memory-books.ts';
import { createMemoryAccountHistory } from '../../identity/memory/account-history.ts';
import { createMemoryRecords } from '../../identity/memory/records.ts';
import { createMemoryNotifications } from '../../letters/memory-notifications.ts';
import { NOTICE_TYPES } from '../../letters/notices.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import { iso } from '../../reconciler/clock.ts';
import { createMemoryStore } from '../../reconciler/memory/store.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { Account } from '../../resources/identity/account/kind.ts';
import { observeAccount } from '../../resources/identity/account/observe.ts';
import { planAccount } from '../../resources/identity/account/plan.ts';
import { reportAccount } from '../../resources/identity/account/report.ts';
import type { AccountsPort, Ports } from '../../resources/ports.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { testSealer } from '../../test/fixtures/sealer.ts';
import { createAccountLife } from './account-life.ts';
import { createAccountPort } from './account-port.ts';
import { bookWishes } from './books-wishes.ts';
import { systemEnvironment } from './environment.ts';

const ANNA = { actor: 'user:anna', onBehalfOf: null, from: 'test', requestId: 'r1' };
const ROUNDS_MAX = 20;

/** The account acme on stores in memory and a clock that the test moves; what its loop does, it does one act at a time. */
export function accountCloud() {
  let now = Date.UTC(2026, 0, 1);
  const clock = { now: () => now };
  const store = createMemoryStore({ clock, registry: REGISTRY });
  const books = createMemoryBooks(clock);
  const accounts = createAccountBooks({ store: books, wishes: bookWishes(store, clock.now) });
  const admission: Admission = {
    registry: REGISTRY as Registry,
    store,
    environment: { ...systemEnvironment, clock: { ...systemEnvironment.clock, ...clock } },
    sealer: testSealer,
  };
  const [history, records] = [createMemoryAccountHistory(), createMemoryRecords()];
  const notifications = createMemoryNotifications(clock.now);
  const parts = { store, books, accounts, history, records, notifications, admission };
  /** A server that has just started: it knows what is stored, and nothing else. */
  const server = (): AccountsPort => createAccountPort({ ...parts, emailKeys: () => [] });
  /** One whose connection breaks as it writes to the books: before they have it, or after. */
  const dyingAccounts = (when: 'before' | 'after') => {
    const change: typeof accounts.change = async (...args) => {
      if (when === 'after') await accounts.change(...args);
      throw new Error('the connection is gone');
    };
    return { ...accounts, change };
  };
  const dying = (when: 'before' | 'after'): AccountsPort =>
    createAccountPort({ ...parts, accounts: dyingAccounts(when), emailKeys: () => [] });
  const audit = { append: async () => undefined };
  const lifeOf = (its: typeof accounts) =>
    createAccountLife({ ...parts, accounts: its, audit, changed: () => undefined });
  const named = async (kind: string, name: unknown) =>
    (await store.getByKey([{ kind, project: null, name: String(name) }]))[0];
  const account = async () => (await named('Account', 'acme')) as StoredObject;
  const look = async () => {
    const object = (await account()) as Parameters<typeof observeAccount>[1]['object'];
    const ports = { accounts: server() } as Ports;
    const [type, convertTo] = await Promise.all([
      named('AccountType', object.spec.type),
      named('AccountType', object.spec.convertTo),
    ]);
    const refs = { at: (path: string) => ({ '/type': type, '/convertTo': convertTo })[path] } as never;
    const observed = await observeAccount(ports, { object, now });
    return { object, ports, refs, observed };
  };
  /** What a server does first that starts now, and dies after it. Null: nothing. `between`: what others do after it has decided. */
  const once = async (between: () => Promise<void> = async () => undefined): Promise<string | null> => {
    const seen = await look();
    const plan = planAccount({ ...seen, deleting: false, now });
    const step = 'steps' in plan ? plan.steps?.[0] : undefined;
    if (step === undefined) return null;
    await between();
    await Account.acts?.[step.verb]?.run({ ports: seen.ports, object: seen.object, args: step.args } as never);
    return step.verb;
  };
  return {
    server,
    dying,
    life: lifeOf(accounts),
    dyingLife: (when: 'before' | 'after') => lifeOf(dyingAccounts(when)),
    once,
    /** All that is to be done. */
    settle: async () => {
      const verbs: string[] = [];
      for (let rounds = 0; rounds < ROUNDS_MAX; rounds += 1) {
        const verb = await once();
        if (verb === null) return verbs;
        verbs.push(verb);
      }
      throw new Error(`It never comes to rest: ${verbs.join(', ')}.`);
    },
    status: async () => {
      const { status, conditions } = reportAccount(await look());
      return { ...status, waits: conditions.filter((one) => one.status !== 'True').map(({ type }) => type) };
    },
    account,
    holds: () => books.holds('acme'),
    history,
    notices: () =>
      notifications.list(
        { reader: '', accounts: ['acme'], accountTypes: NOTICE_TYPES, system: true },
        { types: NOTICE_TYPES, unreadOnly: false, limit: 50 },
      ),
    letters: () =>
      books.records.mail.map(({ template, recipient, params, account: of }) => ({
        template,
        recipient,
        params: { account: of, ...params },
      })),
    apply: async (...wishes: { kind: string; name: string; project?: string; spec: object }[]) => {
      const manifests = wishes.map(({ kind, name, project, spec }) => ({
        kind,
        metadata: { name, ...(project === undefined ? {} : { project }) },
        spec: spec as never,
      }));
      const outcome = await applyManifests(admission, { manifests, principal: ANNA, source: 'test', takeOver: true });
      if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues));
    },
    advance: (ms: number) => {
      now += ms;
    },
    now: () => iso(now),
    at: () => now,
  };
}
