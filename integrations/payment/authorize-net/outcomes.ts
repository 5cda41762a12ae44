import type { GatewayOutcome } from '../../../billing/payment/gateway.ts';
import { at, type JsonValue, numberAt, textAt } from '../json.ts';
import { type AuthorizeNetAnswer, isBusy } from './client.ts';

/** Response reason codes after which the same card will never do. */
const HARD: ReadonlySet<string> = new Set([
  '4',
  '6',
  '7',
  '8',
  '17',
  '28',
  '37',
  '41',
  '44',
  '45',
  '54',
  '55',
  '65',
  '128',
  '200',
  '315',
  '316',
  '317',
]);
const DUPLICATE = '11';

/** What createTransaction came to. `already`: the reason code that says that it had been done before. */
export function transactionOutcome(answer: AuthorizeNetAnswer, already?: string): GatewayOutcome {
  if (answer.state === 'notSent') return { state: 'refused', code: answer.code, retryable: true };
  if (answer.state === 'unknown') return { state: 'unknown', code: answer.code, externalId: null };
  const { body } = answer;
  const response = at(body, 'transactionResponse');
  const responseCode = textAt(response, 'responseCode');
  if (answer.state === 'error' && (response === undefined || responseCode === null)) return refusal(answer.code);
  const externalId = idOf(response);
  const reason = textAt(response, 'errors', 0, 'errorCode') ?? textAt(response, 'messages', 0, 'code') ?? 'declined';
  if (already !== undefined && reason === already && externalId !== null) return { state: 'succeeded', externalId };
  switch (responseCode) {
    case '1':
      return externalId === null ? unreadable() : { state: 'succeeded', externalId };
    case '2':
      return declined(reason, externalId);
    case '3':
      // An earlier call with the same reference stands: it is looked up, since this answer does not say how that ended.
      return reason === DUPLICATE
        ? { state: 'unknown', code: 'duplicate', externalId: null }
        : declined(reason, externalId);
    case '4':
      return { state: 'unknown', code: 'held_for_review', externalId };
    default:
      return unreadable();
  }
}

/** Where a transaction stands, by the word in lists and details. `isHeld`: it was only to be set aside. */
export function statusOutcome(row: JsonValue | undefined, isHeld = false): GatewayOutcome {
  const externalId = textAt(row, 'transId');
  const status = textAt(row, 'transactionStatus');
  if (externalId === null || status === null) return unreadable();
  if (MOVED.has(status) || (isHeld && status === 'authorizedPendingCapture')) return { state: 'succeeded', externalId };
  if (NOT_MOVED.has(status)) return { state: 'declined', code: reasonOf(row) ?? status, retryable: true, externalId };
  return { state: 'unknown', code: status, externalId };
}

const MOVED: ReadonlySet<string> = new Set([
  'capturedPendingSettlement',
  'settledSuccessfully',
  'refundPendingSettlement',
  'refundSettledSuccessfully',
  'approvedReview',
  // Money that went back later had come first.
  'chargeback',
  'returnedItem',
]);
const NOT_MOVED: ReadonlySet<string> = new Set([
  'declined',
  'voided',
  'expired',
  'generalError',
  'failedReview',
  'settlementError',
]);

function declined(reason: string, externalId: string | null): GatewayOutcome {
  return { state: 'declined', code: `reason_${reason}`, retryable: !HARD.has(reason), externalId };
}

/** A request that was not even tried: a method that is gone is the payer's affair, everything else ours. */
function refusal(code: string): GatewayOutcome {
  if (code === 'E00040') return { state: 'declined', code: 'no_such_method', retryable: false, externalId: null };
  return { state: 'refused', code, retryable: isBusy(code) };
}

function reasonOf(row: JsonValue | undefined): string | null {
  const code = numberAt(row, 'responseReasonCode');
  return code === null ? null : `reason_${code}`;
}

/** `0`: nothing was made. */
function idOf(response: JsonValue | undefined): string | null {
  const id = textAt(response, 'transId');
  return id === '0' ? null : id;
}

function unreadable(): GatewayOutcome {
  return { state: 'unknown', code: 'unreadable', externalId: null };
}
