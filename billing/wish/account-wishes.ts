import type { CreditLimit } from '../credit-limit.ts';
import { CREDIT_NOTE_SERIES, INVOICE_SERIES, type NumberSeries } from '../document/number-series.ts';
import { parseMoney } from '../money/currency.ts';
import type { BilledAccount } from '../settle/books.ts';
import { readCreditLimit, readDunning, readSeries } from './account.ts';
import type { ManifestContext } from './catalog.ts';
import { readPolicy } from './policy.ts';
import { type Fault, Reader } from './reader.ts';
import { usualFor } from './usual.ts';
import { readWish, type Wish } from './wish.ts';

/** An object of the store, as far as the books look at it. Its spec has passed admission. */
export interface WishObject {
  kind: string;
  metadata: { uid: string; name: string; project: string | null; deletedAt: string | null };
  spec: unknown;
}

/** Objects that accounts have in common, by kind and name; settings by what they set: `billing.dueDays/channel/direct`. */
export type SharedWishes = ReadonlyMap<string, ReadonlyMap<string, WishObject>>;

/** The kinds of `SharedWishes`. */
export const SHARED_KINDS = [
  'Channel',
  'Catalog',
  'Meter',
  'Bundle',
  'RateCard',
  'Campaign',
  'TaxRule',
  'AccountType',
  'BillingPolicy',
  'DunningPolicy',
  'NumberSeries',
] as const;

/** The kinds of an account's own wishes that its books are made of. They live in its projects. */
export const OWN_KINDS = ['Subscription', 'Budget', 'Wallet'] as const;

/** A wish that cannot be read for this account, such as an amount with more digits than its currency has. It is left out. */
export interface UnreadWish {
  kind: string;
  name: string;
  fault: Fault;
}

interface Read<Value> {
  value: Value;
  unread: UnreadWish[];
}

/** Who is billed, and how: from the account, its type, its channel and its policies. */
export function billedAccount(account: WishObject, shared: SharedWishes): Read<BilledAccount> {
  const unread: UnreadWish[] = [];
  const spec = fieldsOf(account);
  const currency = textOf(spec.currency) ?? 'EUR';
  const type = named(shared, 'AccountType', spec.type);
  const channel = fieldsOf(named(shared, 'Channel', spec.channel));
  const read = <Value>(object: WishObject | undefined, reading: (reader: Reader) => Value): Value | undefined =>
    object === undefined ? undefined : readOne(object, reading, unread);
  const usual = usualFor(shared, spec);
  const policy =
    read(named(shared, 'BillingPolicy', spec.billingPolicy), (reader) => readPolicy(reader).policy) ?? usual.policy;
  const ownDay = typeof spec.billingDay === 'number' ? spec.billingDay : null;
  const dunning = read(named(shared, 'DunningPolicy', fieldsOf(type).dunningPolicy ?? usual.dunningPolicy), (reader) =>
    readDunning(reader, { currency }),
  );
  const series = (name: unknown, otherwise: NumberSeries) =>
    read(named(shared, 'NumberSeries', name), (reader) => ({
      ...readSeries('', reader).value,
      name: textOf(name) ?? '',
    })) ?? otherwise;
  return {
    value: {
      name: account.metadata.name,
      currency,
      zone: textOf(spec.zone) ?? 'UTC',
      anchorDay: textOf(spec.anchor) ?? null,
      jurisdiction: textOf(spec.jurisdiction) ?? '',
      channel: textOf(spec.channel) ?? null,
      approvedTotal: parseMoney(textOf(spec.approvedTotal) ?? '', currency) ?? null,
      policy: ownDay === null ? policy : { ...policy, billingDay: ownDay },
      dunning: dunning ?? null,
      creditLimit: limitOf({ account, type, currency }, unread),
      preAuthorisation: parseMoney(textOf(fieldsIn(fieldsOf(type).preAuthorisation)[currency]) ?? '', currency) ?? null,
      isNotional: fieldsOf(type).notionalBilling === true,
      series: {
        invoice: series(channel.invoiceSeries, INVOICE_SERIES),
        creditNote: series(channel.creditNoteSeries, CREDIT_NOTE_SERIES),
      },
    },
    unread,
  };
}

/**
 * What an account in this channel can see. Every bundle and campaign is there, since what was once taken must stay explained; what the
 * channel's catalog does not hold cannot be taken any more. The prices are those of the first rate card in the account's currency. The
 * same for all accounts of a channel, currency and zone.
 */
export function catalogWishes(
  { channel, ...context }: ManifestContext & { channel: string | null },
  shared: SharedWishes,
): Read<Wish[]> {
  const all = (['TaxRule', 'Campaign', 'Meter', 'Bundle'] as const).flatMap((kind) => [
    ...(shared.get(kind)?.values() ?? []),
  ]);
  const card = rateCardFor({ channel, currency: context.currency }, shared);
  const { value, unread } = readAll(card === undefined ? all : [...all, card], context);
  const { bundles, campaigns } = fieldsOf(catalogOf(channel, shared)) as { bundles?: string[]; campaigns?: string[] };
  return { value: value.map((wish) => onSale(wish, { bundles, campaigns })), unread };
}

function onSale(wish: Wish, catalog: { bundles: string[] | undefined; campaigns: string[] | undefined }): Wish {
  if (wish.kind === 'Bundle' && !catalog.bundles?.includes(wish.value.name))
    return { ...wish, value: { ...wish.value, isPublished: false } };
  if (wish.kind === 'Campaign' && !catalog.campaigns?.includes(wish.value.name))
    return { ...wish, value: { ...wish.value, isEnabled: false } };
  return wish;
}

/** An account's subscriptions, budgets and wallets, under names that are unique in the account: `project/name`. */
export function ownWishes(
  objects: readonly WishObject[],
  { uidOf, ...context }: ManifestContext & { uidOf(resource: ResourceName): string | undefined },
): Read<Wish[]> {
  const living = objects.filter(
    ({ metadata: { deletedAt } }) => deletedAt === null || Date.parse(deletedAt) > context.at,
  );
  const read = readAll(living, context);
  const projects = new Map(living.map((object) => [ownName(object), object.metadata.project ?? '']));
  const value = read.value.map((wish): Wish => {
    if (wish.kind !== 'Subscription') return wish;
    const project = projects.get(wish.value.name) ?? '';
    const resources = wish.value.resources.map((text) => resourceUid(text, project, uidOf));
    // What comes from outside is nobody's here to know.
    const stands = wish.value.resources.some((text, index) => resources[index] !== text || !isNamed(text));
    return { ...wish, value: { ...wish.value, resources, stands } };
  });
  return { value, unread: read.unread };
}

/** Where letters about an account go. */
export function recipientsOf(account: WishObject): string[] {
  const { billingContact, ownerEmail } = fieldsOf(account);
  const address = textOf(fieldsIn(billingContact).email) ?? textOf(ownerEmail);
  return address === undefined ? [] : [address];
}

/** A resource as subscriptions name it: `VirtualMachine/web`. */
export interface ResourceName {
  kind: string;
  project: string;
  name: string;
}

/** The rate card of a channel that has prices in a currency. */
export function rateCardFor(
  { channel, currency }: { channel: string | null; currency: string },
  shared: SharedWishes,
): WishObject | undefined {
  const cards = (fieldsOf(catalogOf(channel, shared)).rateCards ?? []) as string[];
  return cards
    .map((name) => named(shared, 'RateCard', name))
    .find((card) => card !== undefined && (textOf(fieldsOf(card).currency) ?? currency) === currency);
}

function catalogOf(channel: string | null, shared: SharedWishes): WishObject | undefined {
  return named(shared, 'Catalog', fieldsOf(named(shared, 'Channel', channel)).catalog);
}

const NAMED = /^([A-Z][A-Za-z]+)\/([a-z0-9-]+)$/;

/** Whether a resource is named as manifests do: `VirtualMachine/web`. */
export function isNamed(resource: string): boolean {
  return NAMED.test(resource);
}

/** What is neither `Kind/name` nor there is an id from outside, and stands for itself. */
function resourceUid(text: string, project: string, uidOf: (resource: ResourceName) => string | undefined): string {
  const found = NAMED.exec(text);
  if (found === null) return text;
  const [, kind = '', name = ''] = found;
  return uidOf({ kind, project, name }) ?? text;
}

function readAll(objects: readonly WishObject[], context: ManifestContext): Read<Wish[]> {
  const unread: UnreadWish[] = [];
  const value = objects.flatMap((object) => {
    const kind = object.kind as Wish['kind'];
    const wish = readOne(object, (spec) => readWish(kind, { name: ownName(object), spec }, context), unread);
    return wish === undefined ? [] : [wish];
  });
  return { value, unread };
}

function readOne<Value>(
  { kind, metadata, spec }: WishObject,
  reading: (reader: Reader) => Value,
  unread: UnreadWish[],
): Value | undefined {
  const faults: Fault[] = [];
  const value = reading(new Reader(spec, 'spec', faults));
  unread.push(...faults.map((fault) => ({ kind, name: metadata.name, fault })));
  return faults.length === 0 ? value : undefined;
}

function limitOf(
  { account, type, currency }: { account: WishObject; type: WishObject | undefined; currency: string },
  unread: UnreadWish[],
): CreditLimit | null {
  const { creditLimits, creditLimitAction } = fieldsOf(type);
  const amount = fieldsIn(creditLimits)[currency];
  const own = fieldsOf(account).creditLimit;
  const spec = own ?? (amount === undefined ? undefined : { amount, action: creditLimitAction });
  if (spec === undefined) return null;
  return readOne({ ...account, spec }, (reader) => readCreditLimit(reader, { currency }), unread) ?? null;
}

function ownName({ metadata: { project, name } }: WishObject): string {
  return project === null ? name : `${project}/${name}`;
}

function named(shared: SharedWishes, kind: (typeof SHARED_KINDS)[number], name: unknown): WishObject | undefined {
  return typeof name === 'string' ? shared.get(kind)?.get(name) : undefined;
}

function fieldsOf(object: WishObject | undefined): Record<string, unknown> {
  return fieldsIn(object?.spec);
}

function fieldsIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
