import { createRequire } from 'node:module';
import type PDFDocument from 'pdfkit';

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
export async function createSheet(about: {
  title: string;
  author: string;
  language: string;
  at: Date;
}): Promise<Sheet> {
  const { title, author, language, at } = about;
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
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  pdf.registerFont('regular', REGULAR);
  pdf.registerFont('bold', BOLD);
  plain(pdf);
  return {
    text(text, { size = BODY_PT, isBold = false, align = 'left' } = {}) {
      room(pdf, size * 2);
      pdf.font(isBold ? 'bold' : 'regular').fontSize(size);
      pdf.text(text, MARGIN, pdf.y, { width: WIDTH, align });
      plain(pdf);
    },
    gap(points) {
      pdf.y += points;
    },
    beside: (left, right) => beside(pdf, left, right),
    table: (columns, rows) => table(pdf, columns, rows),
    sums: (rows) => sums(pdf, rows),
    async finish(foot, page) {
      const { count } = pdf.bufferedPageRange();
      for (let index = 0; index < count; index += 1) {
        pdf.switchToPage(index);
        pdf.fontSize(7).text(foot, MARGIN, BOTTOM + 14, { width: WIDTH - 80, lineBreak: true, height: 20 });
        pdf.text(page(index + 1, count), MARGIN + WIDTH - 80, BOTTOM + 14, { width: 80, align: 'right' });
      }
      pdf.end();
      await done;
      return Buffer.concat(chunks);
    },
  };
}

type Pdf = InstanceType<typeof PDFDocument>;

function plain(pdf: Pdf): void {
  pdf.font('regular').fontSize(BODY_PT);
}

/** A new page where the rest of this one is too short. */
function room(pdf: Pdf, points: number): boolean {
  if (pdf.y + points <= BOTTOM) return false;
  pdf.addPage();
  return true;
}

function beside(pdf: Pdf, left: readonly string[], right: readonly string[]): void {
  const top = pdf.y;
  const half = WIDTH / 2 - 8;
  pdf.text(left.join('\n'), MARGIN, top, { width: half });
  const afterLeft = pdf.y;
  pdf.text(right.join('\n'), MARGIN + half + 16, top, { width: half, align: 'right' });
  pdf.y = Math.max(afterLeft, pdf.y);
}

function table(pdf: Pdf, columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const whole = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (WIDTH * share) / whole);
  const row = (cells: readonly string[]) => {
    const top = pdf.y;
    let x = MARGIN;
    let bottom = top;
    for (const [index, column] of columns.entries()) {
      const width = widths[index] ?? 0;
      pdf.text(cells[index] ?? '', x, top, { width: width - 6, align: column.align });
      bottom = Math.max(bottom, pdf.y);
      x += width;
    }
    pdf.y = bottom + 4;
  };
  const heading = () => {
    pdf.font('bold');
    row(columns.map(({ title }) => title));
    plain(pdf);
    rule(pdf);
  };
  room(pdf, 60);
  heading();
  for (const cells of rows) {
    const height = Math.max(
      ...columns.map((_column, index) => pdf.heightOfString(cells[index] ?? '', { width: (widths[index] ?? 0) - 6 })),
    );
    if (room(pdf, height + 4)) heading();
    row(cells);
  }
  rule(pdf);
}

function sums(pdf: Pdf, rows: readonly (readonly [string, string])[]): void {
  for (const [index, [name, value]] of rows.entries()) {
    room(pdf, 20);
    const isLast = index === rows.length - 1;
    const top = pdf.y + (isLast ? 4 : 0);
    pdf.font(isLast ? 'bold' : 'regular');
    pdf.text(name, MARGIN + WIDTH * 0.4, top, { width: WIDTH * 0.36 });
    const below = pdf.y;
    pdf.text(value, MARGIN + WIDTH * 0.76, top, { width: WIDTH * 0.24 - 6, align: 'right' });
    pdf.y = Math.max(below, pdf.y) + 3;
  }
  plain(pdf);
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
