import type { Hold, HoldSeverity, HoldWhy } from '../../billing/dunning/dunning.ts';
import type { HistoryRow } from '../../identity/account-history.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import type { Principal } from '../../reconciler/principal.ts';

/** Decisions about accounts as the API takes them: put together in cmd/. */
export interface AccountsApi {
  /** The newest first. */
  history(account: StoredObject): Promise<HistoryRow[]>;
  /** Answers the hold's id. */
  hold(
    account: StoredObject,
    wish: { source: Hold['source']; severity: HoldSeverity; why: HoldWhy },
    principal: Principal,
  ): Promise<string>;
  /** Null: it is lifted; else a code. */
  lift(account: StoredObject, wish: { hold: string; why: HoldWhy }, principal: Principal): Promise<string | null>;
  judge(
    account: StoredObject,
    verdict: { type: string; approved: boolean; memo: string },
    principal: Principal,
  ): Promise<void>;
}
