import type { Texts } from '../catalogue.ts';

export const ENGLISH: Texts = {
  VerifyEmail: {
    subject: 'Confirm your e-mail address for {brand}',
    body: 'Hello {name},\n\nplease confirm that this address is yours.\n\n[Confirm the address]({link})\n\nThe link works once, and only for a while. If you did not ask for this, there is nothing to do: without the link nothing happens.',
  },
  AlreadyRegistered: {
    subject: 'You already have an account at {brand}',
    body: 'Hello {name},\n\nsomebody, perhaps you, tried to register with this address. It already belongs to an account, so nothing was made.\n\nIf you have forgotten your password, you can ask for a new one where you sign in.',
  },
  Invitation: {
    subject: 'You are invited to {brand}',
    body: 'Hello {name},\n\nyou are invited to {brand}. Your user name is {user}.\n\n[Accept the invitation]({link})\n\nThe link works once, and only for a while.',
  },
  PasswordReset: {
    subject: 'Set a new password for {brand}',
    body: 'Hello {name},\n\nsomebody, perhaps you, asked to set a new password for the user {user}.\n\n[Set a new password]({link})\n\nThe link works once, and only for a while. If it was not you, your password stays as it is and there is nothing to do.',
  },
  PasswordChanged: {
    subject: 'Your password for {brand} was changed',
    body: 'Hello {name},\n\nyour password was changed. All other sessions have ended.\n\nIf it was not you, set a new password at once{hasSupport, select, yes { and write to {support}} other {}}.',
  },
  SecondFactorChanged: {
    subject: 'Your second factor for {brand} was changed',
    body: 'Hello {name},\n\na second factor of yours was set or taken away.\n\nIf it was not you, change your password at once{hasSupport, select, yes { and write to {support}} other {}}.',
  },
  RecoveryCodeUsed: {
    subject: 'A recovery code was used at {brand}',
    body: 'Hello {name},\n\na recovery code was used to sign in. It cannot be used again.\n\nIf it was not you, change your password at once.',
  },
  SignedInAnew: {
    subject: 'New sign-in to {brand}',
    body: 'Hello {name},\n\nyour account was signed in to from a place that was not seen before.\n\nIf it was not you, change your password and end the session in your list of sessions.',
  },
  Welcome: {
    subject: 'Welcome to {brand}',
    body: 'Hello {name},\n\nyour account is ready.\n\n[Sign in]({link})',
  },
  ProjectInvitation: {
    subject: 'You are invited to the project {project} at {brand}',
    body: 'Hello,\n\n{by} invites you to take part in the project {project}.\n\n[Answer the invitation]({link})\n\nYou answer it as a user who is signed in. If you have none, register by the same link, where registering is open. The link works once, and only for a while. If you do not know what this is about, there is nothing to do.',
  },
  MasqueradeBegan: {
    subject: 'Somebody of {brand} acts as you for a while',
    body: 'Hello {name},\n\n{by} of {brand} acts as you until {until}. The reason given: {reason}\n\nPasswords, keys, secrets and stored cards stay out of reach, and everything that is done stands in the audit trail with both names. You can end it at once by deleting the masquerade {masquerade}.',
  },
  AccountHeld: {
    subject: 'Your account {account} at {brand} is on hold',
    body: 'Hello,\n\nthe account {account} is on hold since {since}. While it is, it makes nothing new, and only its owners sign in.\n\n{severity, select, SUSPEND {Its machines are stopped too; nothing is removed, and they start again as soon as the hold ends.} other {Its machines go on running.}}\n\nPlease write to us if you want to know why.',
  },
  TrialOver: {
    subject: 'The trial of your account {account} at {brand} is over',
    body: 'Hello,\n\nthe trial of the account {account} is over since {since}. Its machines are stopped and nothing new is made; nothing is removed, and its owners still sign in. It goes on as soon as the account has become one of another type: ask for it with convertTo, and "describe account" says what is still missing.',
  },
  AccountReleased: {
    subject: 'A hold on your account {account} at {brand} has ended',
    body: 'Hello,\n\na hold on the account {account} has ended ({since}). If it was the last one, machines that it had stopped start again.',
  },
  AccountTerminated: {
    subject: 'Your account {account} at {brand} was terminated',
    body: 'Hello,\n\nthe account {account} was terminated at {since}. Nobody signs in to it any more, and what is in its projects is removed. What was used until then is billed; documents are kept.\n\nPlease write to us if this is a mistake.',
  },
  InvoiceIssued: {
    subject: 'Invoice {subject} from {brand}: {total}',
    body: 'Hello,\n\ninvoice {subject} for {account} is ready: {total}.\n\nStill to be paid: {due}, by {dueOn}.',
  },
  CreditNoteIssued: {
    subject: 'Credit note {subject} from {brand}',
    body: 'Hello,\n\ncredit note {subject} for {account} is ready.',
  },
  PaymentReceived: {
    subject: '{brand} received your payment',
    body: 'Hello,\n\nthank you: the payment for invoice {subject} of {account} has arrived.',
  },
  PaymentDeclined: {
    subject: 'Your payment to {brand} was declined',
    body: 'Hello,\n\nthe payment for {subject} of {account} was declined. Please look at the payment method of your account, or choose another.',
  },
  RefundPaid: {
    subject: 'A refund from {brand}',
    body: 'Hello,\n\nmoney for {subject} of {account} was sent back to where it came from. It takes some days to arrive.',
  },
  PaymentReminder: {
    subject: 'Reminder: invoice {subject} is overdue',
    body: 'Hello,\n\ninvoice {subject} of {account} is overdue. If you have paid it meanwhile, there is nothing to do.',
  },
  HoldSet: {
    subject: 'Your account at {brand} is on hold',
    body: 'Hello,\n\n{account} is on hold ({subject}). A restricted account makes nothing new; the machines of a suspended one are stopped, and nothing is removed. They start again as soon as the hold ends.',
  },
  HoldLifted: {
    subject: 'A hold on your account at {brand} has ended',
    body: 'Hello,\n\na hold on {account} has ended ({subject}). If it was the last, machines that it had stopped start again.',
  },
  BudgetReached: {
    subject: 'Budget of {account}: {subject}',
    body: 'Hello,\n\nspending of {account} has reached a mark that you set. Budget {subject}.',
  },
  CreditLimitReached: {
    subject: 'Your account at {brand} has reached its credit limit',
    body: 'Hello,\n\n{account} has reached its credit limit ({subject}). Beyond it nothing new can be made until something is paid.',
  },
  Report: {
    subject: '{report}, {from} to {to}',
    body: 'Hello,\n\nenclosed is the report “{report}” for {from} to {to}.\n\nIt comes to you by the schedule {schedule} of {brand}.',
  },
};
