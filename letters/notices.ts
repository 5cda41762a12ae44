export const CATEGORIES = ['SYSTEM', 'SERVICES', 'ACCOUNT', 'ACCOUNT_SPEND'] as const;
export const SEVERITIES = ['CRITICAL', 'ALERT', 'INFORMATION'] as const;
export type Category = (typeof CATEGORIES)[number];
export type Severity = (typeof SEVERITIES)[number];
export type NoticeScope = 'USER' | 'ACCOUNT' | 'SYSTEM';

interface NoticeDefinition {
  category: Category;
  severity: Severity;
  /** Whom it is told: one user, those of an account who may know, or the provider's people. */
  scope: NoticeScope;
}

function told(scope: NoticeScope, category: Category, severity: Severity): NoticeDefinition {
  return { scope, category, severity };
}

const DEFINITIONS = {
  // Of the books.
  InvoiceIssued: told('ACCOUNT', 'ACCOUNT_SPEND', 'INFORMATION'),
  CreditNoteIssued: told('ACCOUNT', 'ACCOUNT_SPEND', 'INFORMATION'),
  PaymentReceived: told('ACCOUNT', 'ACCOUNT_SPEND', 'INFORMATION'),
  PaymentDeclined: told('ACCOUNT', 'ACCOUNT_SPEND', 'ALERT'),
  PaymentReminder: told('ACCOUNT', 'ACCOUNT_SPEND', 'ALERT'),
  RefundPaid: told('ACCOUNT', 'ACCOUNT_SPEND', 'INFORMATION'),
  WalletToppedUp: told('ACCOUNT', 'ACCOUNT_SPEND', 'INFORMATION'),
  BudgetAlert: told('ACCOUNT', 'ACCOUNT_SPEND', 'ALERT'),
  CreditLimitReached: told('ACCOUNT', 'ACCOUNT_SPEND', 'ALERT'),
  CreditLimitExceeded: told('ACCOUNT', 'ACCOUNT_SPEND', 'CRITICAL'),
  HoldSet: told('ACCOUNT', 'ACCOUNT', 'CRITICAL'),
  HoldLifted: told('ACCOUNT', 'ACCOUNT', 'INFORMATION'),
  // Of accounts.
  AccountActivated: told('ACCOUNT', 'ACCOUNT', 'INFORMATION'),
  AccountConverted: told('ACCOUNT', 'ACCOUNT', 'INFORMATION'),
  AccountTerminated: told('ACCOUNT', 'ACCOUNT', 'CRITICAL'),
  // Of signing in.
  Registered: told('USER', 'ACCOUNT', 'INFORMATION'),
  SignedIn: told('USER', 'ACCOUNT', 'INFORMATION'),
  SignedOut: told('USER', 'ACCOUNT', 'INFORMATION'),
  SessionsRevoked: told('USER', 'ACCOUNT', 'INFORMATION'),
  PasswordSet: told('USER', 'ACCOUNT', 'ALERT'),
  SecondFactorSet: told('USER', 'ACCOUNT', 'ALERT'),
  SecondFactorRemoved: told('USER', 'ACCOUNT', 'ALERT'),
  RecoveryCodeUsed: told('USER', 'ACCOUNT', 'ALERT'),
  PasskeyAdded: told('USER', 'ACCOUNT', 'ALERT'),
  PasskeyRemoved: told('USER', 'ACCOUNT', 'ALERT'),
  // What the provider's people should look at.
  JobProblem: told('SYSTEM', 'SYSTEM', 'ALERT'),
  ConnectorProblem: told('SYSTEM', 'SYSTEM', 'ALERT'),
  // What the provider publishes.
  Disruption: told('ACCOUNT', 'SERVICES', 'CRITICAL'),
  Issue: told('ACCOUNT', 'SERVICES', 'ALERT'),
  Resolution: told('ACCOUNT', 'SERVICES', 'INFORMATION'),
  Maintenance: told('ACCOUNT', 'SERVICES', 'INFORMATION'),
} satisfies Record<string, NoticeDefinition>;

export type NoticeType = keyof typeof DEFINITIONS;

/** The one table of what people are told without having asked: which event is of which category, how severe, and for whom. */
export const NOTICES: Readonly<Record<NoticeType, NoticeDefinition>> = DEFINITIONS;

export const NOTICE_TYPES = Object.keys(DEFINITIONS) as NoticeType[];

/** A notice to be written: the same event is told the same target once. */
export interface Notice {
  type: NoticeType;
  /** Uid of a user, name of an account, or empty for the provider's people. */
  target: string;
  event: string;
  detail: string;
}

/** What is told of one thing in the books; null: nothing. */
export function bookNotice(
  account: string,
  { at, code, subject }: { at: number; code: string; subject: string },
): Notice | null {
  const type = code.startsWith('EMAIL') ? 'PaymentReminder' : code;
  if (!isNotice(type) || NOTICES[type].scope !== 'ACCOUNT') return null;
  return { type, target: account, event: `${code}/${subject}/${at}`, detail: subject };
}

/** What the provider is told of a problem in an account's books: once for each, however long it stands. */
export function problemNotice(account: string, { code, subject }: { code: string; subject: string }): Notice {
  const type = CONNECTORS.includes(code) ? 'ConnectorProblem' : 'JobProblem';
  return { type, target: '', event: `${account}/${code}/${subject}`, detail: `${account}: ${code} ${subject}` };
}

const CONNECTORS = ['RefundFailed', 'UnknownAttempt'];

/** What a user is told of signing in; null: nothing. */
export function userNotice({ uid, what, requestId }: { uid: string; what: string; requestId: string }): Notice | null {
  if (!isNotice(what) || NOTICES[what].scope !== 'USER') return null;
  return { type: what, target: uid, event: `${what}/${requestId}`, detail: '' };
}

export function isNotice(text: string): text is NoticeType {
  return Object.hasOwn(DEFINITIONS, text);
}
