import { isZone } from '../calendar/zone.ts';
import type { CreditLimit } from '../credit-limit.ts';
import { readCreditLimit } from '../wish/account.ts';
import type { ManifestContext } from '../wish/catalog.ts';
import type { Reader } from '../wish/reader.ts';

/** What manifests of the account and of its type say; what they do not say stays. */
export interface AccountChange {
  currency?: string;
  zone?: string;
  anchorDay?: string;
  billingDay?: number;
  creditLimit?: CreditLimit;
  jurisdiction?: string;
  channel?: string;
  approvedTotal?: bigint;
  /** Of its type. */
  isNotional?: boolean;
  preAuthorisation?: bigint | null;
}

/** Fields that decide nothing that can be seen in a scenario: they are on documents, or about people. */
const WITHOUT_FIGURES = [
  'displayName',
  'ownerEmail',
  'domain',
  'type',
  'convertTo',
  'billingPolicy',
  'taxId',
  'language',
  'legalName',
  'billingAddress',
  'billingContact',
  'purchaseOrder',
] as const;

/** Of the account's kind, what the books look at. */
export function readAccount(spec: Reader, { currency }: ManifestContext): AccountChange {
  const from = spec.fields(
    'currency',
    'zone',
    'anchor',
    'billingDay',
    'creditLimit',
    'jurisdiction',
    'channel',
    'approvedTotal',
    ...WITHOUT_FIGURES,
  );
  return said({
    currency: from.currency.optional((each) => each.text()),
    zone: from.zone.optional(readZone),
    anchorDay: from.anchor.optional(readDay),
    billingDay: from.billingDay.optional((each) => each.integer({ min: 1, max: 31 })),
    creditLimit: from.creditLimit.optional((each) => readCreditLimit(each, { currency })),
    jurisdiction: from.jurisdiction.optional((each) => each.text()),
    channel: from.channel.optional((each) => each.text()),
    approvedTotal: from.approvedTotal.optional((each) => each.money(currency)),
  });
}

function readZone(reader: Reader): string {
  const zone = reader.text();
  return isZone(zone) ? zone : reader.fault('write an IANA time zone, such as Europe/Berlin', 'UTC');
}

function readDay(reader: Reader): string {
  const day = reader.text();
  if (/^\d{4}-\d\d-\d\d$/.test(day)) reader.instant('UTC');
  else reader.fault('write a day, such as 2026-01-31', undefined);
  return day;
}

/** Of the account's type, what decides how money moves; its limits and dunning are kinds and fields of their own here. */
export function readAccountType(spec: Reader, { currency }: ManifestContext): AccountChange {
  const { notionalBilling, preAuthorisation } = (spec.value ?? {}) as Record<string, unknown>;
  const own = preAuthorisation === undefined ? undefined : (preAuthorisation as Record<string, unknown>)[currency];
  return {
    ...(typeof notionalBilling === 'boolean' ? { isNotional: notionalBilling } : {}),
    ...(own === undefined ? {} : { preAuthorisation: spec.as(own).money(currency) }),
  };
}

function said(fields: { [Name in keyof AccountChange]: AccountChange[Name] | null }): AccountChange {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as AccountChange;
}
