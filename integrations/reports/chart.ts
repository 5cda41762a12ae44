import { groupBy } from '../../billing/group.ts';
import { formatMoney } from '../../billing/money/currency.ts';
import type { Report, ReportColumn } from '../../billing/report/report.ts';

/** What a chart shows: as many places as can be read, of one currency. */
export interface ChartData {
  points: readonly ChartPoint[];
  /** Of the axis of values, from the lowest to the highest. */
  ticks: readonly ChartPoint[];
  title: string;
  /** What is not in it. */
  caption: string;
}

/** A value in the smallest unit of its column, and as it is written. */
export interface ChartPoint {
  label: string;
  text: string;
  value: bigint;
}

const POINTS_MAX = 40;
const TICKS = 4n;

export function chartData({ title, columns, rows, chart }: Report): ChartData {
  const place = columns.findIndex(({ name }) => name === chart.value);
  const column = columns[place];
  const currency = rows[0]?.currency ?? null;
  const own = rows.filter((row) => row.currency === currency);
  const labels = chart.labels.map((name) => columns.findIndex((each) => each.name === name));
  const groups = groupBy(own, ({ cells }) => labels.map((index) => cells[index] ?? '–').join(' · '));
  const whole = (text: string | null | undefined) => BigInt((text ?? '0').replace('.', ''));
  const write = writer(column, currency);
  const points = [...groups].map(([label, group]): ChartPoint => {
    const value = group.reduce((sum, { cells }) => sum + whole(cells[place]), 0n);
    return { label, value, text: write(value) };
  });
  const shown = points.slice(0, POINTS_MAX);
  const left = [
    ...(own.length < rows.length ? [`only what is in ${currency}`] : []),
    ...(shown.length < points.length ? [`the first ${POINTS_MAX} of ${points.length}`] : []),
  ];
  return {
    points: shown,
    ticks: ticksOf(shown, write),
    title: `${title}: ${column?.title ?? ''}${currency === null ? '' : `, ${currency}`}`,
    caption: left.length === 0 ? '' : `Shown: ${left.join('; ')}.`,
  };
}

function writer(column: ReportColumn | undefined, currency: string | null): (value: bigint) => string {
  return (value) => (column?.type === 'money' && currency !== null ? formatMoney(value, currency) : value.toString());
}

/** Round steps that reach from the lowest value, or nothing, to the highest. */
function ticksOf(points: readonly ChartPoint[], write: (value: bigint) => string): ChartPoint[] {
  const values = [0n, ...points.map(({ value }) => value)];
  const highest = values.reduce((a, b) => (a > b ? a : b));
  const lowest = values.reduce((a, b) => (a < b ? a : b));
  const step = roundStep((highest - lowest + TICKS - 1n) / TICKS);
  const first = (lowest / step) * step - (lowest % step === 0n ? 0n : step);
  const ticks: ChartPoint[] = [];
  for (let value = first; value - step < highest; value += step) ticks.push({ label: '', value, text: write(value) });
  return ticks;
}

/** 1, 2 or 5 with zeros, at least as large. */
function roundStep(least: bigint): bigint {
  for (let power = 1n; ; power *= 10n)
    for (const digit of [1n, 2n, 5n]) if (digit * power >= least) return digit * power;
}
