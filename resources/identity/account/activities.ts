import { formatMoney, parseMoney } from '../../../billing/money/currency.ts';
import { type JsonObject, type Reason, reason } from '../../../reconciler/json.ts';
import type { AccountSight } from '../../ports.ts';

/** One thing that has to happen before an account begins, or becomes another type. */
export interface Activity {
  type: 'EmailVerified' | 'PaymentMethodOnFile' | 'FinanceApproved' | 'InitialDepositReceived';
  met: boolean;
  reason: Reason;
}

/** What the flags of a type demand, by the conditions' names. Pure. */
export function demandsOf(type: JsonObject | undefined, currency: string): Activity['type'][] {
  if (type === undefined) return [];
  const deposit = depositOf(type, currency) > 0n;
  return [
    ...(type.verifiedEmail === true ? ['EmailVerified' as const] : []),
    ...(type.paymentInfoNeeded === true ? ['PaymentMethodOnFile' as const] : []),
    ...(type.manualActivation === true ? ['FinanceApproved' as const] : []),
    ...(deposit ? ['InitialDepositReceived' as const] : []),
  ];
}

/** How far an account is with what a type demands. Pure. */
export function activitiesOf(
  type: { name: string; spec: JsonObject } | undefined,
  { currency, sight }: { currency: string; sight: AccountSight },
): Activity[] {
  const judged = judgements(type, { currency, sight });
  return demandsOf(type?.spec, currency).map((demand) => ({ type: demand, ...judged[demand] }));
}

type Judgement = Omit<Activity, 'type'>;

function judgements(
  type: { name: string; spec: JsonObject } | undefined,
  { currency, sight }: { currency: string; sight: AccountSight },
): Record<Activity['type'], Judgement> {
  const { emailVerified, paymentMethod } = sight;
  const said = (met: boolean, yes: string, no: string): Judgement => ({ met, reason: reason(met ? yes : no) });
  return {
    EmailVerified: said(emailVerified, 'OwnerVerified', 'OwnerAwaited'),
    PaymentMethodOnFile: said(paymentMethod, 'MethodStored', 'MethodAwaited'),
    InitialDepositReceived: deposit(type?.spec ?? {}, { currency, sight }),
    FinanceApproved: approval(type?.name ?? '', sight),
  };
}

function approval(type: string, { verdicts }: AccountSight): Judgement {
  const verdict = Object.hasOwn(verdicts, type) ? verdicts[type] : undefined;
  if (verdict === undefined) return { met: false, reason: reason('ApprovalAwaited', { type }) };
  const { by, at, approved } = verdict;
  return { met: approved, reason: reason(approved ? 'ApprovedByFinance' : 'DeclinedByFinance', { by, at }) };
}

function deposit(type: JsonObject, { currency, sight }: { currency: string; sight: AccountSight }): Judgement {
  const wanted = depositOf(type, currency);
  const met = (parseMoney(sight.deposited, currency) ?? 0n) >= wanted;
  const params = { amount: `${formatMoney(wanted, currency)} ${currency}` };
  return { met, reason: reason(met ? 'DepositReceived' : 'DepositAwaited', params) };
}

function depositOf(type: JsonObject, currency: string): bigint {
  const amounts = (type.initialDeposit ?? {}) as JsonObject;
  return parseMoney(textOf(amounts[currency]), currency) ?? 0n;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
