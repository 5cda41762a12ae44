import type { Json } from '../../../reconciler/json.ts';
import { CATALOGUE, isSettingKey, SETTING_KEYS, type SettingKey } from './catalogue.ts';
import type { Standing, Where } from './facts.ts';
import type { SettingScope } from './property.ts';

export const EVERYWHERE: Where = { channel: null, accountType: null };

/** A value and why it is that one. */
export interface Effective {
  key: SettingKey;
  value: Json;
  origin:
    | { from: 'default' }
    | { from: 'file'; setting: string }
    | { from: 'setting'; scope: SettingScope; standing: Standing };
  /** A change for the same place, or a wider one, that waits for another person. */
  awaiting: Standing | null;
}

/** Defaults by key, where the server's file says something. */
export type FileDefaults = Readonly<Partial<Record<SettingKey, Json>>>;

/** Pure: the narrowest scope that says something wins: the type of the account, its channel, everywhere, the file, the catalogue. */
export function effective(
  key: SettingKey,
  where: Where,
  { standings, file }: { standings: ReadonlyMap<string, Standing>; file: FileDefaults },
): Effective {
  const fitting = [...standings.values()]
    .filter((standing) => standing.key === key && fits(standing, where))
    .toSorted((a, b) => narrowness(b) - narrowness(a));
  const standing = fitting.find(({ inForce }) => inForce !== null);
  const awaiting = fitting.find((one) => one.awaiting !== null) ?? null;
  if (standing?.inForce) {
    const origin = { from: 'setting' as const, scope: scopeOf(standing), standing };
    return { key, value: standing.inForce.value, origin, awaiting };
  }
  const given = file[key];
  const setting = CATALOGUE[key].file;
  if (given !== undefined && setting !== undefined)
    return { key, value: given, origin: { from: 'file', setting }, awaiting };
  return { key, value: CATALOGUE[key].fallback, origin: { from: 'default' }, awaiting };
}

/** Pure: all properties at once. */
export function allEffective(where: Where, from: Parameters<typeof effective>[2]): Effective[] {
  return SETTING_KEYS.map((key) => effective(key, where, from));
}

export function scopeOf({ channel, accountType }: Where): SettingScope {
  if (accountType !== null) return 'accountType';
  return channel === null ? 'global' : 'channel';
}

/** A spec's place, as texts. */
export function whereOf(spec: { channel?: unknown; accountType?: unknown }): Where {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { channel: text(spec.channel), accountType: text(spec.accountType) };
}

/** Unique for a property in a scope. */
export function settingPlace(spec: { key?: unknown; channel?: unknown; accountType?: unknown }): string {
  const where = whereOf(spec);
  const scope = scopeOf(where);
  return `${String(spec.key)}/${scope}${scope === 'global' ? '' : `/${where.accountType ?? where.channel}`}`;
}

/** Words for a place: `everywhere`, `in the channel direct`. */
export function placeWords({ channel, accountType }: Where): string {
  if (accountType !== null) return `for accounts of the type ${accountType}`;
  return channel === null ? 'everywhere' : `in the channel ${channel}`;
}

/** A value that the catalogue of today still takes; undefined otherwise. */
export function stillValid(key: string, value: Json): Json | undefined {
  if (!isSettingKey(key)) return undefined;
  const parsed = CATALOGUE[key].schema.safeParse(value);
  return parsed.success ? (parsed.data as Json) : undefined;
}

function fits(standing: Where, where: Where): boolean {
  if (standing.accountType !== null) return standing.accountType === where.accountType;
  return standing.channel === null || standing.channel === where.channel;
}

function narrowness({ channel, accountType }: Where): number {
  return accountType !== null ? 2 : channel !== null ? 1 : 0;
}
