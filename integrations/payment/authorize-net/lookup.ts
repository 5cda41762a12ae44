import type { GatewayOutcome, Lookup } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, numberAt, textAt } from '../json.ts';
import { type AuthorizeNetOptions, referenceOf, request, rowsAt } from './client.ts';
import { statusOutcome } from './outcomes.ts';

const PAGE = 100;
const PAGES_MAX = 10;

/**
 * By our reference, which is the invoice number there: first what the whole merchant has not settled yet, then what the customer ever had.
 * There is no asking for one reference.
 */
export async function lookup(
  options: AuthorizeNetOptions,
  { key, verb, customer, externalId }: Lookup,
): Promise<GatewayOutcome | { state: 'absent' }> {
  if (verb === 'CAPTURE' || verb === 'VOID') return standing(options, verb, externalId ?? '');
  const reference = referenceOf(key);
  const isHeld = verb === 'AUTHORISE';
  const unsettled = await search(options, { name: 'getUnsettledTransactionListRequest', of: {}, reference, isHeld });
  if (unsettled.state !== 'absent') return unsettled;
  const of = { customerProfileId: customer };
  const known = await search(options, { name: 'getTransactionListForCustomerRequest', of, reference, isHeld });
  if (known.state !== 'absent' || verb !== 'REFUND' || externalId === null) return known;
  // A charge that was not settled yet is given back by voiding it: then it says so itself.
  const details = await request(options, 'getTransactionDetailsRequest', { transId: externalId });
  if (details.state !== 'done') return { state: 'unknown', code: details.code, externalId: null };
  const isVoided = textAt(details.body, 'transaction', 'transactionStatus') === 'voided';
  return isVoided ? { state: 'succeeded', externalId } : known;
}

/** What follows on an authorisation is the same transaction there: its status says where it stands. */
async function standing(
  options: AuthorizeNetOptions,
  verb: 'CAPTURE' | 'VOID',
  externalId: string,
): Promise<GatewayOutcome | { state: 'absent' }> {
  const details = await request(options, 'getTransactionDetailsRequest', { transId: externalId });
  if (details.state !== 'done') return { state: 'unknown', code: details.code, externalId: null };
  const transaction = at(details.body, 'transaction');
  const status = textAt(transaction, 'transactionStatus');
  if (status === 'authorizedPendingCapture') return { state: 'absent' };
  const outcome = statusOutcome(transaction);
  if (verb === 'CAPTURE') return outcome;
  if (status === 'voided' || status === 'expired') return { state: 'succeeded', externalId };
  return outcome.state === 'succeeded'
    ? { state: 'declined', code: 'captured', retryable: false, externalId }
    : outcome;
}

async function search(
  options: AuthorizeNetOptions,
  { name, of, reference, isHeld }: { name: string; of: object; reference: string; isHeld: boolean },
): Promise<GatewayOutcome | { state: 'absent' }> {
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const answer = await request(options, name, {
      ...of,
      sorting: { orderBy: 'submitTimeUTC', orderDescending: 'true' },
      paging: { limit: String(PAGE), offset: String(page) },
    });
    if (answer.state !== 'done') return { state: 'unknown', code: answer.code, externalId: null };
    const rows = rowsAt(answer.body, 'transactions');
    const found = rows.find((row) => textAt(row, 'invoiceNumber') === reference);
    if (found !== undefined) return statusOutcome(found, isHeld);
    if (rows.length < PAGE || isLast(answer.body, page)) return { state: 'absent' };
  }
  return { state: 'unknown', code: 'too_many_transactions', externalId: null };
}

function isLast(body: JsonValue | undefined, page: number): boolean {
  const all = numberAt(body, 'totalNumInResultSet') ?? Number(at(body, 'totalNumInResultSet'));
  return Number.isFinite(all) && page * PAGE >= all;
}
