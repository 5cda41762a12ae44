import type { RecordKind } from '../../identity/records.ts';
import { looksPersonal, type PersonalSeal } from '../../reconciler/personal.ts';

type Value = Readonly<Record<string, unknown>>;

/** Texts in what signing in remembers that say who a person is, where they were, and with what. */
const PERSONAL: Partial<Record<RecordKind, readonly string[]>> = {
  session: ['from', 'agent'],
  passkey: ['label'],
  login: ['of'],
  oneTime: ['data.from', 'data.agent'],
};

/** The kinds of records that hold any. */
export const PERSONAL_RECORDS: readonly string[] = Object.keys(PERSONAL);

export function sealedRecord<V extends Value>(seal: PersonalSeal, { kind, key, value }: Kept<V>): V {
  return mapped(kind, value, (name, text) => (looksPersonal(text) ? text : seal.seal(text, placeOf(kind, key, name))));
}

/** What cannot be opened stays sealed. */
export function openRecord<V extends Value>(seal: PersonalSeal, { kind, key, value }: Kept<V>): V {
  return mapped(kind, value, (name, text) =>
    looksPersonal(text) ? (seal.open(text, placeOf(kind, key, name)) ?? text) : text,
  );
}

/**
 * Failures are counted under a digest of an address, which can be guessed: it is kept under an index of that. New keys begin to count anew.
 */
export function keptKey(seal: PersonalSeal, kind: RecordKind, key: string): string {
  return kind === 'attempts' ? seal.index(key) : key;
}

interface Kept<V> {
  kind: RecordKind;
  key: string;
  value: V;
}

function mapped<V extends Value>(kind: RecordKind, value: V, change: (name: string, text: string) => string): V {
  let result = value;
  for (const path of PERSONAL[kind] ?? []) {
    const [name = '', inner] = path.split('.');
    const held = inner === undefined ? result : ((result[name] ?? {}) as Value);
    const text = held[inner ?? name];
    const after = typeof text === 'string' ? change(path, text) : text;
    if (after !== text) result = { ...result, [name]: inner === undefined ? after : { ...held, [inner]: after } };
  }
  return result;
}

function placeOf(kind: RecordKind, key: string, name: string): string {
  return `record:${kind}:${key}:${name}`;
}
