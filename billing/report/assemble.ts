import { groupBy } from '../group.ts';
import { formatMoney, parseMoney } from '../money/currency.ts';
import { add, decimalText, multiply, parseDecimal, type Rational, roundRational, ZERO } from '../money/rational.ts';
import type { FactRow } from './facts.ts';
import type { UsedRate } from './rates.ts';
import type { Report, ReportColumn, ReportDefinition, ReportRow, ReportTotal } from './report.ts';

export interface Assembly {
  parameters: Report['parameters'];
  asOf: string;
  /** Everything is said in it as far as there are rates; null: each in its own. */
  currency: string | null;
  rates: ReadonlyMap<string, UsedRate>;
  top: number | null;
  /** Facts were left out: there were more than are read at once. */
  cut: boolean;
}

/** Pure: facts become printed rows. Conversion is exact, each cell is rounded once, and totals are sums of what is printed. */
export function assemble(definition: ReportDefinition, facts: readonly FactRow[], assembly: Assembly): Report {
  const columns = columnsOf(definition);
  const merged = mergedRows(definition, facts, assembly);
  const ordered = merged.toSorted((a, b) => inOrder(definition, a, b, assembly.currency));
  const kept = assembly.top === null ? ordered : firstOfEach(ordered, assembly.top);
  const rows = kept.map((row) => ({ currency: row.currency, cells: cellsOf(columns, row) }));
  const { name, title, row, chart } = definition;
  const { parameters, asOf } = assembly;
  const totals = totalsOf(columns, rows);
  const notes = notesOf(definition, { rows, left: ordered.length - kept.length, assembly });
  return { name, title, row, parameters, asOf, columns, rows, totals, notes, chart };
}

/** Stable: it does not depend on what was found. */
export function columnsOf({ keys, sums, derived = [] }: ReportDefinition): ReportColumn[] {
  const values = [...sums, ...derived.map(({ name, title, type, totalled }) => plain({ name, title, type, totalled }))];
  const isMoney = values.some(({ type }) => type === 'money');
  const currency: ReportColumn = { name: 'currency', title: 'Currency', type: 'text' };
  const rates: ReportColumn = { name: 'rates', title: 'Exchange rates', type: 'text' };
  return isMoney ? [...keys, currency, ...values, rates] : [...keys, ...values];
}

function plain({ totalled, ...column }: { [K in keyof ReportColumn]: ReportColumn[K] | undefined }): ReportColumn {
  return { ...(column as ReportColumn), ...(totalled === undefined ? {} : { totalled }) };
}

interface Merged {
  currency: string | null;
  cells: ReadonlyMap<string, string>;
}

function mergedRows(definition: ReportDefinition, facts: readonly FactRow[], assembly: Assembly): Merged[] {
  const converted = facts.map((fact) => convertedFact(definition, fact, assembly));
  const groups = groupBy(converted, ({ keys, currency }) =>
    JSON.stringify([definition.keys.map(({ name }) => keys[name] ?? ''), currency]),
  );
  return [...groups.values()].map((group) => mergedRow(definition, group));
}

interface Converted extends Pick<FactRow, 'keys' | 'currency'> {
  sums: ReadonlyMap<string, Rational>;
  rate: string | null;
}

function convertedFact(
  { sums }: ReportDefinition,
  { keys, currency, rate, sums: found }: FactRow,
  assembly: Assembly,
): Converted {
  const used = currency === assembly.currency || rate === null ? undefined : assembly.rates.get(rate);
  const exact = sums.map(({ name, type }): [string, Rational] => {
    const value = parseDecimal(found[name] ?? '0') ?? ZERO;
    return [name, type === 'money' && used !== undefined ? multiply(value, used.factor) : value];
  });
  return {
    keys,
    sums: new Map(exact),
    currency: used === undefined ? currency : assembly.currency,
    rate: used?.text ?? null,
  };
}

const RATES_SHOWN = 5;

function mergedRow({ keys, sums, derived = [] }: ReportDefinition, group: readonly Converted[]): Merged {
  const first = group[0] as Converted;
  const whole = new Map<string, bigint>();
  const cells = new Map(keys.map(({ name }) => [name, first.keys[name] ?? '']));
  for (const { name, type } of sums) {
    const exact = group.reduce((all, { sums: own }) => add(all, own.get(name) ?? ZERO), ZERO);
    if (type === 'quantity') cells.set(name, decimalText(exact));
    else {
      whole.set(name, roundRational(exact, 'HALF_UP'));
      cells.set(name, wholeText(type, whole.get(name) ?? 0n, first.currency));
    }
  }
  for (const { name, type, of } of derived) {
    whole.set(
      name,
      of((column) => whole.get(column) ?? 0n),
    );
    cells.set(name, wholeText(type, whole.get(name) ?? 0n, first.currency));
  }
  const rates = [...new Set(group.flatMap(({ rate }) => rate ?? []))].toSorted();
  const more = rates.length - RATES_SHOWN;
  cells.set('currency', first.currency ?? '');
  cells.set('rates', [...rates.slice(0, RATES_SHOWN), ...(more > 0 ? [`${more} more`] : [])].join('; '));
  return { currency: first.currency, cells };
}

function wholeText(type: ReportColumn['type'], value: bigint, currency: string | null): string {
  return type === 'money' ? formatMoney(value, currency ?? '') : value.toString();
}

/** The asked currency first, then the others by their codes; within one as the definition says, ties by the keys. */
function inOrder({ order, keys }: ReportDefinition, a: Merged, b: Merged, wanted: string | null): number {
  const place = ({ currency }: Merged) => (currency === wanted ? '' : (currency ?? ''));
  const byKeys = () => keys.map(({ name }) => textOrder(a, b, name)).find((found) => found !== 0) ?? 0;
  const isKey = keys.some(({ name }) => name === order.column);
  const currencies = place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0;
  if (isKey) {
    const found = textOrder(a, b, order.column);
    return (order.descending ? -found : found) || byKeys() || currencies;
  }
  const found = decimalOrder(a.cells.get(order.column), b.cells.get(order.column));
  return currencies || (order.descending ? -found : found) || byKeys();
}

function textOrder(a: Merged, b: Merged, name: string): number {
  const [left = '', right = ''] = [a.cells.get(name), b.cells.get(name)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function decimalOrder(a = '0', b = '0'): number {
  const [left, right] = [parseDecimal(a) ?? ZERO, parseDecimal(b) ?? ZERO];
  const difference = left.num * right.den - right.num * left.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Amounts of different currencies are not larger or smaller than each other. */
function firstOfEach(rows: readonly Merged[], top: number): Merged[] {
  return [...groupBy(rows, ({ currency }) => currency ?? '').values()].flatMap((own) => own.slice(0, top));
}

function cellsOf(columns: readonly ReportColumn[], { cells }: Merged): (string | null)[] {
  return columns.map(({ name }) => {
    const text = cells.get(name) ?? '';
    return text === '' ? null : text;
  });
}

function totalsOf(columns: readonly ReportColumn[], rows: readonly ReportRow[]): ReportTotal[] {
  return [...groupBy(rows, ({ currency }) => currency ?? '')].map(([code, own]) => {
    const currency = code === '' ? null : code;
    const cells = columns.map(({ name, type, totalled }, index) => {
      if (name === 'currency') return currency;
      if (totalled === false || (type !== 'money' && type !== 'count')) return null;
      const whole = (text: string) => (type === 'money' ? (parseMoney(text, code) ?? 0n) : BigInt(text));
      return wholeText(
        type,
        own.reduce((sum, row) => sum + whole(row.cells[index] ?? '0'), 0n),
        currency,
      );
    });
    return { currency, rows: own.length, cells };
  });
}

function notesOf(
  { remark }: ReportDefinition,
  { rows, left, assembly: { currency, cut } }: { rows: readonly ReportRow[]; left: number; assembly: Assembly },
): string[] {
  const foreign = rows.filter((row) => row.currency !== null && row.currency !== currency);
  const codes = [...new Set(foreign.map((row) => row.currency))].toSorted();
  return [
    ...(remark === undefined ? [] : [remark]),
    ...(currency === null || foreign.length === 0
      ? []
      : [
          `The total in ${currency} leaves out ${foreign.length} ${foreign.length === 1 ? 'row' : 'rows'} in ${codes.join(', ')}: there is no exchange rate for ${foreign.length === 1 ? 'its' : 'their'} documents.`,
        ]),
    ...(left > 0 ? [`${left} more ${left === 1 ? 'row is' : 'rows are'} left out; ask for more with "top".`] : []),
    ...(cut ? ['There were more facts than one report reads: ask for fewer days, or for one account.'] : []),
  ];
}
