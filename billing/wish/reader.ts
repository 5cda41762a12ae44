import type { Instant } from '../calendar/interval.ts';
import { isDuration, parseLocal } from '../calendar/zone.ts';
import { parseMoney } from '../money/currency.ts';
import { ONE, parseDecimal, type Rational, ZERO } from '../money/rational.ts';

/** One thing wrong with a document: where, what was found, and the remedy. */
export interface Fault {
  /** For people: `scenario.steps[0].at`. */
  path: string;
  /** From the document that was read: `/steps/0/at`. */
  pointer: string;
  message: string;
}

/** Reads one value of a parsed document. What does not fit is noted with its place and the remedy, and reading goes on. */
export class Reader {
  readonly path: string;
  readonly pointer: string;
  readonly value: unknown;
  readonly faults: Fault[];

  constructor(value: unknown, path: string, faults: Fault[], pointer = '') {
    this.value = value;
    this.path = path;
    this.faults = faults;
    this.pointer = pointer;
  }

  get isPresent(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Another value at the same place. */
  as(value: unknown): Reader {
    return new Reader(value, this.path, this.faults, this.pointer);
  }

  fault<Stand>(remedy: string, stand: Stand): Stand {
    this.note(`found ${JSON.stringify(this.value) ?? 'nothing'}; ${remedy}`);
    return stand;
  }

  /** A fault that is not about the value itself. */
  note(message: string): void {
    this.faults.push({ path: this.path, pointer: this.pointer, message });
  }

  /** The fields of an object; a name that is none of them is a fault. */
  fields<Name extends string>(...names: readonly Name[]): Record<Name, Reader> {
    const isObject = this.isPresent && typeof this.value === 'object' && !Array.isArray(this.value);
    if (this.isPresent && !isObject) this.fault(`write an object with ${names.join(', ')}`, undefined);
    const object = isObject ? (this.value as Record<string, unknown>) : {};
    for (const name of Object.keys(object).filter((each) => !names.includes(each as Name)))
      this.child(name, undefined).note(`no such field; there are ${names.join(', ')}`);
    const entries = names.map((name) => [name, this.child(name, object[name])]);
    return Object.fromEntries(entries) as Record<Name, Reader>;
  }

  /** Name and value of each entry of an object with free names. */
  entries(): [string, Reader][] {
    if (!this.isPresent) return [];
    if (typeof this.value !== 'object' || Array.isArray(this.value)) return this.fault('write an object', []);
    return Object.entries(this.value as object).map(([name, value]) => [name, this.child(name, value)]);
  }

  list(): Reader[] {
    if (!this.isPresent) return [];
    if (!Array.isArray(this.value)) return this.fault('write a list', []);
    return this.value.map((value, index) => this.child(index, value));
  }

  /** One, or a list of them. */
  oneOrMany(): Reader[] {
    return Array.isArray(this.value) ? this.list() : this.isPresent ? [this] : [];
  }

  text(otherwise?: string): string {
    if (!this.isPresent && otherwise !== undefined) return otherwise;
    if (typeof this.value === 'string' || typeof this.value === 'number') return String(this.value);
    return this.fault('write a text', '');
  }

  /** The value of an attribute, which may be true or false as well. */
  label(): string {
    return typeof this.value === 'boolean' ? String(this.value) : this.text();
  }

  texts(): string[] {
    return this.list().map((each) => each.text());
  }

  flag(otherwise: boolean): boolean {
    if (!this.isPresent) return otherwise;
    return typeof this.value === 'boolean' ? this.value : this.fault('write true or false', otherwise);
  }

  integer({ min, max, otherwise }: { min: number; max: number; otherwise?: number }): number {
    if (!this.isPresent && otherwise !== undefined) return otherwise;
    const value = Number(this.written() || Number.NaN);
    const fits = Number.isInteger(value) && value >= min && value <= max;
    return fits ? value : this.fault(`write a whole number from ${min} to ${max}`, min);
  }

  choice<Choice extends string>(choices: readonly Choice[], otherwise?: Choice): Choice {
    if (!this.isPresent && otherwise !== undefined) return otherwise;
    const wanted = typeof this.value === 'string' ? this.value.toUpperCase() : this.value;
    const found = choices.find((choice) => choice === this.value || choice === wanted);
    return found ?? this.fault(`write one of ${choices.join(', ')}`, choices[0] as Choice);
  }

  decimal(otherwise?: Rational): Rational {
    if (!this.isPresent && otherwise !== undefined) return otherwise;
    return parseDecimal(this.written()) ?? this.fault('write a decimal number with at most 12 decimals', ZERO);
  }

  /** A decimal of at least 0. */
  unsigned(otherwise?: Rational): Rational {
    const value = this.decimal(otherwise);
    return value.num >= 0n ? value : this.fault('write a decimal number of at least 0', ZERO);
  }

  /** A decimal above 0. */
  positive(otherwise?: Rational): Rational {
    const known = this.faults.length;
    const value = this.decimal(otherwise);
    if (value.num > 0n || this.faults.length > known) return value;
    return this.fault('write a decimal number above 0', ONE);
  }

  money(currency: string): bigint {
    return parseMoney(this.written(), currency) ?? this.fault(`write an amount of ${currency}, such as "12.50"`, 0n);
  }

  instant(zone: string, otherwise?: Instant): Instant {
    if (!this.isPresent && otherwise !== undefined) return otherwise;
    return parseLocal(this.written(), zone) ?? this.fault('write a date or a local time, such as 2026-02-28T12:00', 0);
  }

  duration(otherwise?: string): string {
    const text = this.text(otherwise);
    return isDuration(text) ? text : this.fault('write a duration such as P3D or PT1H', 'P0D');
  }

  optional<Value>(read: (reader: Reader) => Value): Value | null {
    return this.isPresent ? read(this) : null;
  }

  /** As it was written; nothing where it is no text and no number, for those who say better what should be there. */
  private written(): string {
    return typeof this.value === 'string' || typeof this.value === 'number' ? String(this.value) : '';
  }

  private child(name: string | number, value: unknown): Reader {
    const path = typeof name === 'number' ? `${this.path}[${name}]` : `${this.path}.${name}`;
    const step = `${name}`.replaceAll('~', '~0').replaceAll('/', '~1');
    return new Reader(value, path, this.faults, `${this.pointer}/${step}`);
  }
}
