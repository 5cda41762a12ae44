import type { Report } from '../../billing/report/report.ts';
import { type Element, xmlText } from '../documents/xml.ts';
import { type ChartData, type ChartPoint, chartData } from './chart.ts';

const WIDTH = 960;
const HEIGHT = 480;
const FONT = 'DejaVu Sans, Verdana, sans-serif';
const INK = '#1b1f24';
const FAINT = '#d5d9de';
const COLOUR = '#1f4f99';
const LABEL_CHARACTERS = 22;

/** A chart that is drawn from the report alone: the same report gives the same bytes. A reader that does not see it is told every value. */
export function reportSvg(report: Report): string {
  const data = chartData(report);
  const drawing = report.chart.type === 'bar' ? bars(data) : upright(data, report.chart.type);
  return xmlText({
    name: 'svg',
    attributes: {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: `${WIDTH}`,
      height: `${HEIGHT}`,
      role: 'img',
      'aria-labelledby': 'title description',
      'font-family': FONT,
    },
    content: [
      { name: 'title', attributes: { id: 'title' }, content: data.title },
      { name: 'desc', attributes: { id: 'description' }, content: described(data, report.asOf) },
      shape('rect', { x: 0, y: 0, width: WIDTH, height: HEIGHT, fill: '#ffffff' }),
      text(data.title, { x: 24, y: 34, size: 18, weight: 'bold' }),
      ...drawing,
      text(`As of ${report.asOf}. ${data.caption}`.trim(), { x: 24, y: HEIGHT - 12, size: 10 }),
    ],
  });
}

function described({ points, caption }: ChartData, asOf: string): string {
  const values = points.map((point) => `${point.label}: ${point.text}`).join('; ');
  return [`As of ${asOf}.`, points.length === 0 ? 'There is nothing to show.' : `${values}.`, caption].join(' ').trim();
}

interface Frame {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where a value is between the first and the last tick. */
function scale(ticks: readonly ChartPoint[], { from, to }: { from: number; to: number }): (value: bigint) => number {
  const low = ticks[0]?.value ?? 0n;
  const span = (ticks.at(-1)?.value ?? 1n) - low || 1n;
  return (value) => rounded(from + (Number(((value - low) * 10_000n) / span) / 10_000) * (to - from));
}

/** Columns beside each other, or a line through their tops. */
function upright({ points, ticks }: ChartData, type: 'column' | 'line'): Element[] {
  const frame: Frame = { left: 110, top: 60, right: WIDTH - 24, bottom: HEIGHT - 110 };
  const at = scale(ticks, { from: frame.bottom, to: frame.top });
  const step = (frame.right - frame.left) / Math.max(points.length, 1);
  const middle = (index: number) => rounded(frame.left + step * (index + 0.5));
  const zero = at(0n);
  const grid = ticks.flatMap(({ value, text: label }) => [
    line({ x1: frame.left, x2: frame.right, y1: at(value), y2: at(value), stroke: value === 0n ? INK : FAINT }),
    text(label, { x: frame.left - 8, y: at(value) + 4, size: 11, anchor: 'end' }),
  ]);
  const labels = points.map(({ label }, index) =>
    text(shortened(label), { x: middle(index), y: frame.bottom + 16, size: 10, anchor: 'end', turned: true }),
  );
  if (type === 'line') {
    const path = points.map(({ value }, index) => `${index === 0 ? 'M' : 'L'}${middle(index)} ${at(value)}`).join(' ');
    const dots = points.map((point, index) =>
      told(point, 'circle', { cx: middle(index), cy: at(point.value), r: 4, fill: COLOUR }),
    );
    const drawn = path === '' ? [] : [shape('path', { d: path, fill: 'none', stroke: COLOUR, 'stroke-width': 2 })];
    return [...grid, ...drawn, ...dots, ...labels];
  }
  const width = rounded(Math.min(step * 0.7, 64));
  const columns = points.map((point, index) => {
    const end = at(point.value);
    const box = { y: Math.min(end, zero), height: rounded(Math.abs(zero - end)) };
    return told(point, 'rect', { x: rounded(middle(index) - width / 2), width, ...box, fill: COLOUR });
  });
  return [...grid, ...columns, ...labels];
}

/** Bars below each other, the first on top, with their values. */
function bars({ points, ticks }: ChartData): Element[] {
  const frame: Frame = { left: 200, top: 60, right: WIDTH - 130, bottom: HEIGHT - 50 };
  const at = scale(ticks, { from: frame.left, to: frame.right });
  const step = (frame.bottom - frame.top) / Math.max(points.length, 1);
  const height = rounded(Math.min(step * 0.7, 40));
  const size = step < 14 ? 8 : 11;
  const zero = at(0n);
  const grid = ticks.map(({ value }) =>
    line({ x1: at(value), x2: at(value), y1: frame.top, y2: frame.bottom, stroke: value === 0n ? INK : FAINT }),
  );
  return [
    ...grid,
    ...points.flatMap((point, index) => {
      const middle = rounded(frame.top + step * (index + 0.5));
      const end = at(point.value);
      const box = { x: Math.min(end, zero), width: rounded(Math.abs(end - zero)) };
      return [
        told(point, 'rect', { ...box, y: rounded(middle - height / 2), height, fill: COLOUR }),
        text(shortened(point.label), { x: frame.left - 8, y: middle + 4, size, anchor: 'end' }),
        text(point.text, { x: Math.max(end, zero) + 6, y: middle + 4, size }),
      ];
    }),
  ];
}

type Attributes = Readonly<Record<string, string | number>>;

function shape(name: string, attributes: Attributes, content: Element['content'] = []): Element {
  return {
    name,
    attributes: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, `${value}`])),
    content,
  };
}

/** Shown where somebody points at it. */
function told({ label, text: value }: ChartPoint, name: string, attributes: Attributes): Element {
  return shape(name, attributes, [shape('title', {}, `${label}: ${value}`)]);
}

function line(attributes: Attributes): Element {
  return shape('line', { ...attributes, 'stroke-width': 1 });
}

interface TextPlace {
  x: number;
  y: number;
  size: number;
  weight?: 'bold';
  anchor?: 'end';
  turned?: boolean;
}

function text(content: string, { x, y, size, weight, anchor, turned }: TextPlace): Element {
  const more: Attributes = {
    ...(weight === undefined ? {} : { 'font-weight': weight }),
    ...(anchor === undefined ? {} : { 'text-anchor': anchor }),
    ...(turned === true ? { transform: `rotate(-40 ${x} ${y})` } : {}),
  };
  return shape('text', { x, y, 'font-size': size, fill: INK, ...more }, content);
}

function shortened(label: string): string {
  const characters = [...label];
  return characters.length <= LABEL_CHARACTERS ? label : `${characters.slice(0, LABEL_CHARACTERS - 1).join('')}…`;
}

/** Halves of a pixel are enough, and give the same text everywhere. */
function rounded(position: number): number {
  return Math.round(position * 2) / 2;
}
