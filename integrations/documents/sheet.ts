import { createRequire } from 'node:module';
import { eastAsianFonts } from './east-asian.ts';
import { heightOf, hold, type Pdf, type Pen, write } from './pen.ts';

const require = createRequire(import.meta.url);
/** DejaVu Sans has Latin, Greek and Cyrillic, and may be embedded. */
const REGULAR = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const MARGIN = 56;
const BODY_PT = 9;
/** A4. */
const WIDTH = 595.28 - 2 * MARGIN;
const BOTTOM = 841.89 - MARGIN - 24;

export interface Column {
  title: string;
  /** Share of the width. */
  share: number;
  align: 'left' | 'right';
}

/** A page after the other, from top to bottom: texts, tables that go on on the next page, and a line at the foot of each. */
export interface Sheet {
  text(text: string, options?: { size?: number; isBold?: boolean; align?: 'left' | 'right' }): void;
  gap(points: number): void;
  /** Two blocks beside each other. */
  beside(left: readonly string[], right: readonly string[]): void;
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void;
  /** Names and values at the right side; the last is set off. */
  sums(rows: readonly (readonly [string, string])[]): void;
  /** The bytes. Nothing can be added any more. */
  finish(foot: string, page: (number: number, count: number) => string): Promise<Uint8Array>;
}

/** The same content gives the same bytes: the only time in it is the one that is given. */
export function createSheet(about: { title: string; author: string; language: string; at: Date }): Sheet {
  const { title, author, language, at } = about;
  // Which fonts it takes is known when everything was said: it is drawn at the end.
  const said: string[] = [];
  const steps: ((pen: Pen) => void)[] = [];
  const say = (texts: readonly string[], step: (pen: Pen) => void) => {
    said.push(...texts);
    steps.push(step);
  };
  return {
    text: (text, { size = BODY_PT, isBold = false, align = 'left' } = {}) =>
      say([text], (pen) => {
        room(pen.pdf, size * 2);
        hold(pen, isBold ? 'bold' : 'regular', size);
        write(pen, text, { x: MARGIN, y: pen.pdf.y, width: WIDTH, align });
        plain(pen);
      }),
    gap: (points) =>
      say([], ({ pdf }) => {
        pdf.y += points;
      }),
    beside: (left, right) => say([...left, ...right], (pen) => beside(pen, left, right)),
    table: (columns, rows) =>
      say([...columns.map(({ title: head }) => head), ...rows.flat()], (pen) => table(pen, columns, rows)),
    sums: (rows) => say(rows.flat(), (pen) => sums(pen, rows)),
    async finish(foot, page) {
      const { fonts, fontOf } = await eastAsianFonts([...said, foot, page(1, 1)], language);
      // Fonts and their tables are large, and most servers never write a page: read with the first one.
      const { default: Document } = await import('pdfkit');
      const pdf = new Document({
        size: 'A4',
        margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: 0 },
        bufferPages: true,
        lang: language,
        displayTitle: true,
        info: { Title: title, Author: author, CreationDate: at, ModDate: at, Producer: 'Steward', Creator: 'Steward' },
      });
      pdf.registerFont('regular', REGULAR);
      pdf.registerFont('bold', BOLD);
      for (const [name, bytes] of fonts) pdf.registerFont(name, Buffer.from(bytes));
      const pen: Pen = { pdf, fontOf, face: 'regular', size: BODY_PT };
      plain(pen);
      for (const step of steps) step(pen);
      const { count } = pdf.bufferedPageRange();
      for (let index = 0; index < count; index += 1) {
        pdf.switchToPage(index);
        hold(pen, 'regular', 7);
        write(pen, foot, { x: MARGIN, y: BOTTOM + 14, width: WIDTH - 80 });
        write(pen, page(index + 1, count), { x: MARGIN + WIDTH - 80, y: BOTTOM + 14, width: 80, align: 'right' });
      }
      return bytesOf(pdf);
    },
  };
}

function bytesOf(pdf: Pdf): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
    pdf.end();
  });
}

function plain(pen: Pen): void {
  hold(pen, 'regular', BODY_PT);
}

/** A new page where the rest of this one is too short. */
function room(pdf: Pdf, points: number): boolean {
  if (pdf.y + points <= BOTTOM) return false;
  pdf.addPage();
  return true;
}

function beside(pen: Pen, left: readonly string[], right: readonly string[]): void {
  const { pdf } = pen;
  const top = pdf.y;
  const half = WIDTH / 2 - 8;
  write(pen, left.join('\n'), { x: MARGIN, y: top, width: half });
  const afterLeft = pdf.y;
  write(pen, right.join('\n'), { x: MARGIN + half + 16, y: top, width: half, align: 'right' });
  pdf.y = Math.max(afterLeft, pdf.y);
}

function table(pen: Pen, columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const { pdf } = pen;
  const whole = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (WIDTH * share) / whole);
  const row = (cells: readonly string[]) => {
    const top = pdf.y;
    let x = MARGIN;
    let bottom = top;
    for (const [index, column] of columns.entries()) {
      const width = widths[index] ?? 0;
      write(pen, cells[index] ?? '', { x, y: top, width: width - 6, align: column.align });
      bottom = Math.max(bottom, pdf.y);
      x += width;
    }
    pdf.y = bottom + 4;
  };
  const heading = () => {
    hold(pen, 'bold', BODY_PT);
    row(columns.map(({ title }) => title));
    plain(pen);
    rule(pdf);
  };
  room(pdf, 60);
  heading();
  for (const cells of rows) {
    const height = Math.max(
      ...columns.map((_column, index) => heightOf(pen, cells[index] ?? '', (widths[index] ?? 0) - 6)),
    );
    if (room(pdf, height + 4)) heading();
    row(cells);
  }
  rule(pdf);
}

function sums(pen: Pen, rows: readonly (readonly [string, string])[]): void {
  const { pdf } = pen;
  for (const [index, [name, value]] of rows.entries()) {
    room(pdf, 20);
    const isLast = index === rows.length - 1;
    const top = pdf.y + (isLast ? 4 : 0);
    hold(pen, isLast ? 'bold' : 'regular', BODY_PT);
    write(pen, name, { x: MARGIN + WIDTH * 0.4, y: top, width: WIDTH * 0.36 });
    const below = pdf.y;
    write(pen, value, { x: MARGIN + WIDTH * 0.76, y: top, width: WIDTH * 0.24 - 6, align: 'right' });
    pdf.y = Math.max(below, pdf.y) + 3;
  }
  plain(pen);
}

function rule(pdf: Pdf): void {
  pdf
    .moveTo(MARGIN, pdf.y)
    .lineTo(MARGIN + WIDTH, pdf.y)
    .lineWidth(0.5)
    .strokeColor('#888888')
    .stroke();
  pdf.y += 5;
}
