import type PDFDocument from 'pdfkit';
import { EAST_ASIAN } from './east-asian.ts';

export type Pdf = InstanceType<typeof PDFDocument>;

/** Writes texts whose signs come from several fonts. */
export interface Pen {
  pdf: Pdf;
  /** The font of what a font for the west does not have. */
  fontOf: ReadonlyMap<string, string>;
  face: 'regular' | 'bold';
  size: number;
}

interface Box {
  x: number;
  y: number;
  width: number;
  align?: 'left' | 'right';
}

/** From the top of a line to the foot of its letters, as a part of the size: of DejaVu Sans, on whose feet all others stand. */
const ASCENT = 0.928;
/** Of other fonts only the thinnest weight can be embedded: their strokes are drawn over by so much, as a part of the size. */
const STROKE = { regular: 0.03, bold: 0.06 };
/** What may begin a line is a sign with the punctuation behind it, or a word. */
const UNIT = new RegExp(`${EAST_ASIAN.source}[、。，．」』）】！？：；]*|\\s+|(?:(?!${EAST_ASIAN.source})\\S)+`, 'gu');

export function hold(pen: Pen, face: Pen['face'], size: number): void {
  pen.face = face;
  pen.size = size;
  pen.pdf.font(face).fontSize(size);
}

/** Within a width, line after line; the place below it is where the next goes. */
export function write(pen: Pen, text: string, { x, y, width, align = 'left' }: Box): void {
  if (!EAST_ASIAN.test(text)) return void pen.pdf.text(text, x, y, { width, align });
  const height = lineHeight(pen);
  const lines = linesOf(pen, text, width);
  pen.pdf
    .save()
    .strokeColor('black')
    .lineWidth(STROKE[pen.face] * pen.size);
  for (const [index, line] of lines.entries()) {
    let at = align === 'right' ? x + width - widthOf(pen, line) : x;
    for (const { font, run } of runsOf(pen, line)) {
      const stroke = font !== pen.face;
      pen.pdf.font(font);
      pen.pdf.text(run, at, y + index * height + ASCENT * pen.size, {
        lineBreak: false,
        baseline: 'alphabetic',
        fill: true,
        stroke,
      });
      at += pen.pdf.widthOfString(run);
    }
  }
  pen.pdf.restore().font(pen.face);
  pen.pdf.x = x;
  pen.pdf.y = y + lines.length * height;
}

export function heightOf(pen: Pen, text: string, width: number): number {
  if (!EAST_ASIAN.test(text)) return pen.pdf.heightOfString(text, { width });
  return linesOf(pen, text, width).length * lineHeight(pen);
}

function lineHeight({ pdf, face }: Pen): number {
  return pdf.font(face).currentLineHeight(true);
}

function linesOf(pen: Pen, text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines = [''];
    for (const [unit] of paragraph.matchAll(UNIT)) {
      const last = lines.length - 1;
      const longer = `${lines[last]}${unit}`;
      if (lines[last] === '' || widthOf(pen, longer.trimEnd()) <= width) lines[last] = longer;
      else lines.push(unit.trimStart());
    }
    return lines.map((line) => line.trimEnd());
  });
}

function widthOf(pen: Pen, text: string): number {
  const width = runsOf(pen, text).reduce((sum, { font, run }) => sum + pen.pdf.font(font).widthOfString(run), 0);
  pen.pdf.font(pen.face);
  return width;
}

/** Pieces of one font each. */
function runsOf({ fontOf, face }: Pen, text: string): { font: string; run: string }[] {
  const runs: { font: string; run: string }[] = [];
  for (const sign of text) {
    const font = fontOf.get(sign) ?? face;
    const last = runs.at(-1);
    if (last?.font === font) last.run += sign;
    else runs.push({ font, run: sign });
  }
  return runs;
}
