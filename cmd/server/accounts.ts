import type { AccountsApi } from '../../graphql/accounts/accounts-api.ts';
import { emailKeys } from '../../identity/logins.ts';
import type { Vault } from '../../integrations/seal/seal.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { AccountsPort } from '../../resources/ports.ts';
import { createAccountLife } from './account-life.ts';
import { createAccountPort } from './account-port.ts';
import { type AccountStanding, accountStandings } from './account-standing.ts';
import type { OpenBooks } from './books.ts';
import { systemClock } from './environment.ts';
import type { Storage } from './storage.ts';

export interface OpenAccounts {
  api: AccountsApi;
  port: AccountsPort;
  /** Null: there is no such account. At most a second old. */
  standing(name: string): Promise<AccountStanding | null>;
}

/** The life of accounts, from beginning to end, with the world around it. */
export function openAccounts(
  { store, books, identity, notifications }: Pick<Storage, 'store' | 'books' | 'identity' | 'notifications'>,
  { accounts, admission, vault }: { accounts: OpenBooks['accounts']; admission: Admission; vault: Vault },
): OpenAccounts {
  const secrets = { blindIndexes: vault.personal.indexes };
  const { now } = systemClock;
  const parts = { store, books, accounts, history: identity.accountHistory, audit: identity.audit };
  const standing = accountStandings({ store, books, clock: now });
  return {
    api: createAccountLife({ ...parts, changed: standing.forget }),
    port: createAccountPort({
      ...parts,
      records: identity.records,
      notifications,
      admission,
      emailKeys: (email) => emailKeys({ secrets }, email),
    }),
    standing,
  };
}
