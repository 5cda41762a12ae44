import type { Parts } from '../identity/parts.ts';
import type { Admission, ApplyRequest } from '../reconciler/admission/apply.ts';
import type { AuditChain } from '../reconciler/audit-chain.ts';
import type { ForecastOutcome } from '../reconciler/forecast/forecast.ts';
import type { IdempotencyKeys } from '../reconciler/idempotency.ts';
import type { JsonObject } from '../reconciler/json.ts';
import type { ObjectKey, StoredObject } from '../reconciler/object.ts';
import type { Principal } from '../reconciler/principal.ts';
import type { Registry } from '../reconciler/registry.ts';
import type { ObjectStore } from '../reconciler/store.ts';
import type { AccountsApi } from './accounts/accounts-api.ts';
import type { ServiceStatusApi } from './announcements/service-status-api.ts';
import type { BooksApi } from './books/api.ts';
import type { AnswerVault } from './idempotency/kept-answer.ts';
import type { NotificationsApi } from './notifications/notifications-api.ts';
import type { PaymentsApi } from './payments/payments-api.ts';
import type { ReportsApi } from './reports/api.ts';
import type { SettingsApi } from './settings/settings-api.ts';

/** What the API stands on: ports put together in cmd/. It knows no database and no hypervisor. */
export interface Api {
  registry: Registry;
  store: ObjectStore;
  admission: Admission;
  /** Absent where nothing is billed. */
  books?: BooksApi;
  /** Absent where nothing is billed. */
  reports?: ReportsApi;
  /** Absent where nothing is decided about accounts. */
  accounts?: AccountsApi;
  /** Absent where nothing is paid. */
  payments?: PaymentsApi;
  /** What was asked for under callers' own keys; answers with secrets in them are kept sealed. */
  keys: IdempotencyKeys;
  vault: AnswerVault;
  /** What a change would do, on a copy of the world. `look`: objects to compare with the world as it is. */
  forecast(request: {
    apply: ApplyRequest;
    deletes: readonly ObjectKey[];
    look: readonly ObjectKey[];
  }): Promise<ForecastOutcome>;
  /** Volatile figures of an object, read from the world now; null when there are none. */
  stats(object: StoredObject): Promise<JsonObject | null>;
  /** A one-time address for a console, or why there is none. It serves this principal only as long as they may open it. */
  openConsole(
    object: StoredObject,
    type: 'serial' | 'vnc',
    principal: Principal,
  ): Promise<{ ok: true; path: string; expiresAt: number } | { ok: false; message: string }>;
  /** Absent where nothing is kept. */
  auditChain?: Pick<AuditChain, 'verify'>;
  /** Resolves when something may have changed, or after `maxMs`. A hint. */
  changed(maxMs: number, signal: AbortSignal): Promise<void>;
  /** Absent where nothing is published. */
  serviceStatus?: ServiceStatusApi;
  /** Absent where nobody is told anything. */
  notifications?: NotificationsApi;
  /** Absent where nothing is decided while it runs. */
  settings?: SettingsApi;
  /** Absent where nobody signs in. */
  identity?: Parts;
  about: { version: string; database: string; hypervisor: string; installationId: string };
}
