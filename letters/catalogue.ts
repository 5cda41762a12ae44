import type { LetterText } from './letter.ts';
import type { Known } from './lint.ts';
import type { VariableType } from './values.ts';

/** A template that the product sends by itself. Its words are in `texts/`, one file a language. */
interface LetterDefinition {
  description: string;
  /** Name of each variable → a sample, for previews. */
  sample: Readonly<Record<string, string>>;
  /** Of those variables that are no mere text. */
  types?: Readonly<Record<string, VariableType>>;
}

const name = 'Sam';
const account = 'acme';
const invoice = 'INV-2026-0001';
const since = '2026-01-31T12:30:00Z';
const link = (page: string) => `https://cloud.example/${page}#token=sample`;
const INSTANT = { since: 'instant' } as const;

const DEFINITIONS = {
  // What a person is told about the ways in to their own user.
  VerifyEmail: {
    description: 'Asks a person to prove that an address is theirs.',
    sample: { name, link: link('email') },
  },
  AlreadyRegistered: {
    description: 'Tells the owner of an address that somebody tried to register with it once more.',
    sample: { name },
  },
  Invitation: {
    description: 'Invites a person to sign in for the first time.',
    sample: { name, user: 'sam', link: link('invitation') },
  },
  PasswordReset: {
    description: 'Lets a person who has forgotten the password set a new one.',
    sample: { name, user: 'sam', link: link('reset') },
  },
  PasswordChanged: { description: 'Tells a person that the password is another now.', sample: { name } },
  SecondFactorChanged: {
    description: 'Tells a person that a second factor was added or taken away.',
    sample: { name },
  },
  RecoveryCodeUsed: {
    description: 'Tells a person that a recovery code was used in place of the second factor.',
    sample: { name },
  },
  SignedInAnew: {
    description: 'Tells a person of a sign-in from a place that was not seen before.',
    sample: { name },
  },

  // What people are told about their account as such.
  Welcome: { description: 'Greets the owner of a new account.', sample: { name, link: 'https://cloud.example' } },
  ProjectInvitation: {
    description: 'Invites a person to take part in a project, whether or not they have a user.',
    sample: { project: 'shop', by: name, link: link('project-invitation') },
  },
  MasqueradeBegan: {
    description: 'Tells a person that somebody of the provider acts as them for a while, and why.',
    sample: {
      name,
      by: 'Kim',
      reason: 'Ticket 4711: cannot attach a volume.',
      until: '2026-01-31T12:30:00Z',
      masquerade: 'help-sam',
    },
    types: { until: 'instant' },
  },
  AccountHeld: {
    description: 'Tells the owners of an account that the provider holds it.',
    sample: { account, severity: 'SUSPEND', since },
    types: INSTANT,
  },
  TrialOver: {
    description: 'Tells the owners of an account that its trial is over, and how it goes on.',
    sample: { account, since },
    types: INSTANT,
  },
  AccountReleased: {
    description: 'Tells the owners of an account that a hold has ended.',
    sample: { account, since },
    types: INSTANT,
  },
  AccountTerminated: {
    description: 'Tells the owners of an account that it was terminated, for ever.',
    sample: { account, since },
    types: INSTANT,
  },

  // What an account is told about its money. `subject` is the number of the document, or the words of the event, that it is about.
  InvoiceIssued: {
    description: 'Sends word of a new invoice.',
    sample: { account, subject: invoice, total: '119.00 EUR', due: '119.00 EUR', dueOn: '2026-03-15' },
    types: { total: 'money', due: 'money', dueOn: 'day' },
  },
  CreditNoteIssued: { description: 'Sends word of a credit note.', sample: { account, subject: 'CN-2026-0001' } },
  PaymentReceived: { description: 'Thanks for a payment.', sample: { account, subject: invoice } },
  PaymentDeclined: { description: 'Says that a payment was declined.', sample: { account, subject: invoice } },
  RefundPaid: { description: 'Says that money was given back.', sample: { account, subject: invoice } },
  PaymentReminder: { description: 'Reminds of an overdue invoice.', sample: { account, subject: invoice } },
  HoldSet: {
    description: 'Says that an account is held, and what that means.',
    sample: { account, subject: `dunning/${invoice}` },
  },
  HoldLifted: { description: 'Says that a hold has ended.', sample: { account, subject: `dunning/${invoice}` } },
  BudgetReached: {
    description: 'Warns that spending reached a share of a budget.',
    sample: { account, subject: 'web: 80 % at 80.00' },
  },
  CreditLimitReached: {
    description: 'Warns that an account nears or has reached its credit limit.',
    sample: { account, subject: 'web' },
  },

  Report: {
    description: 'Brings a report that somebody scheduled. The report itself is enclosed.',
    sample: { report: 'Revenue', schedule: 'monthly-revenue', from: '2026-01-01', to: '2026-01-31' },
    types: { from: 'day', to: 'day' },
  },
} satisfies Record<string, LetterDefinition>;

export type LetterName = keyof typeof DEFINITIONS;

/** All letters in one language: the checker of types finds one that is missing. */
export type Texts = Readonly<Record<LetterName, LetterText>>;

/** Every letter that the product sends, by the name of its template. */
export const LETTERS: Readonly<Record<LetterName, LetterDefinition>> = DEFINITIONS;

export function isLetter(template: string): template is LetterName {
  return Object.hasOwn(LETTERS, template);
}

/** The variables that a letter's words may use. */
export function variablesOf(template: LetterName): Known {
  const { sample, types = {} } = LETTERS[template];
  return Object.fromEntries(Object.keys(sample).map((variable) => [variable, types[variable] ?? 'text']));
}
