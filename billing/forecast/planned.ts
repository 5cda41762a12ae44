import type { Instant } from '../calendar/interval.ts';
import { rational } from '../money/rational.ts';
import type { BilledAccount } from '../settle/books.ts';
import { OWN_KINDS, ownWishes, type ResourceName, type WishObject } from '../wish/account-wishes.ts';
import type { Wish } from '../wish/wish.ts';
import type { ForeseenLevel, PlannedChange } from './forecast.ts';

/** An object that a change touches: as it is, as it would be, and what its meters stand at then. */
export interface TouchedObject {
  /** As people name it: `VirtualMachine/shop/web`. */
  key: string;
  account: string | null;
  before: WishObject | undefined;
  after: WishObject | undefined;
  /** What its meters stand at; undefined where that is nobody's question. */
  levels: { uid: string; before: readonly MeterLevel[]; after: readonly MeterLevel[] } | undefined;
}

export interface MeterLevel {
  meter: string;
  level: number;
  attributes: Readonly<Record<string, string>>;
}

export interface PlanContext {
  account: BilledAccount;
  at: Instant;
  uidOf(resource: ResourceName): string | undefined;
}

/** What a touched object of an account means to its books; undefined where it means nothing to them. */
export function plannedChange(touched: TouchedObject, context: PlanContext): PlannedChange | undefined {
  const { key, before, after, levels } = touched;
  if (isOwn(after ?? before)) {
    const wishes = after === undefined ? [] : read(after, context);
    const cancelled = wishes.length === 0 && before?.kind === 'Subscription' ? [nameOf(before)] : [];
    return wishes.length + cancelled.length === 0 ? undefined : { key, wishes, cancelled, levels: new Map() };
  }
  if (levels === undefined || levels.before.length + levels.after.length === 0) return undefined;
  return { key, wishes: [], cancelled: [], levels: new Map([[levels.uid, foreseen(levels.after)]]) };
}

export function foreseen(rows: readonly MeterLevel[]): ForeseenLevel[] {
  return rows.map(({ meter, level, attributes }) => ({ meter, attributes, level: rational(BigInt(level)) }));
}

function read(object: WishObject, { account: { zone, currency }, at, uidOf }: PlanContext): Wish[] {
  return ownWishes([object], { zone, currency, at, uidOf }).value;
}

function isOwn(object: WishObject | undefined): boolean {
  return (OWN_KINDS as readonly (string | undefined)[]).includes(object?.kind);
}

function nameOf({ metadata: { project, name } }: WishObject): string {
  return project === null ? name : `${project}/${name}`;
}
