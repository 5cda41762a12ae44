/**
 * What a mutation that takes the caller's own key needs beside it. `again`: whether it may run once more where nobody knows whether it
 * ran: what writes objects notes that in its own transaction, and what goes through gateways or the books knows its own names.
 */
export interface Repeating {
  again: 'harmless' | 'never';
  /** Money moves: without a key it is not taken. */
  required?: true;
  /** The answer lets in, and is kept sealed. */
  secret?: true;
}

const HARMLESS: Repeating = { again: 'harmless' };

/** Those that are not listed write objects, or may be repeated. */
const REPEATING: Readonly<Record<string, Repeating>> = {
  payInvoice: { again: 'harmless', required: true },
  topUpWallet: { again: 'harmless', required: true },
  refundPayment: { again: 'harmless', required: true },
  refundWallet: { again: 'harmless', required: true },
  recordChargeback: { again: 'harmless', required: true },
  transferCredit: { again: 'harmless', required: true },
  recordPayment: { again: 'harmless', required: true },
  grantCredit: { again: 'harmless', required: true },
  paymentForm: { again: 'harmless', required: true, secret: true },
  openConsole: { again: 'harmless', secret: true },
  makeInvitationLink: { again: 'harmless', secret: true },
  issueKey: { again: 'never', secret: true },
  inviteUser: { again: 'never' },
  sendPasswordReset: { again: 'never' },
  registerAccount: { again: 'never' },
  inviteToProject: { again: 'never' },
  acceptProjectInvitation: { again: 'never' },
  holdAccount: { again: 'never' },
  approveAccount: { again: 'never' },
  declineAccount: { again: 'never' },
};

export function repeatingOf(mutation: string): Repeating {
  return REPEATING[mutation] ?? HARMLESS;
}
