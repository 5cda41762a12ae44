import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import decompress from 'woff2-encoder/decompress';

const require = createRequire(import.meta.url);

/** Noto Sans as it is drawn in Japan, in China and in Korea: the same sign is not written alike everywhere. */
type Drawing = 'jp' | 'sc' | 'kr';
/** Which piece of a font has which signs; the pieces are beside it. */
const PIECES: Readonly<Record<Drawing, string>> = {
  jp: require.resolve('@fontsource-variable/noto-sans-jp/unicode.json'),
  sc: require.resolve('@fontsource-variable/noto-sans-sc/unicode.json'),
  kr: require.resolve('@fontsource-variable/noto-sans-kr/unicode.json'),
};
const DRAWINGS: Readonly<Record<string, readonly Drawing[]>> = {
  ja: ['jp', 'sc', 'kr'],
  zh: ['sc', 'jp', 'kr'],
  ko: ['kr', 'jp', 'sc'],
};

/** Chinese, Japanese and Korean signs, with their punctuation and wide forms: what no font for the west has. */
export const EAST_ASIAN =
  /(?![\0-\u10FF])[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\u3000-\u303F\uFF00-\uFFEF]/u;

export interface EastAsianFonts {
  /** As TrueType. */
  fonts: ReadonlyMap<string, Uint8Array>;
  /** The file of the font that has a sign; signs that none has are not in it. */
  fontOf: ReadonlyMap<string, string>;
}

/**
 * These fonts come in pieces of some hundred signs, and a document needs a few of them: only those are read. They are unpacked before they
 * are embedded, since signs that are taken out of the packed form stay empty.
 */
export async function eastAsianFonts(texts: readonly string[], language: string): Promise<EastAsianFonts> {
  const signs = new Set([...texts.join('')].filter((sign) => EAST_ASIAN.test(sign)));
  const [base = ''] = language.toLowerCase().split('-');
  const drawings = DRAWINGS[base] ?? ['jp', 'sc', 'kr'];
  const fontOf = new Map<string, string>();
  for (const sign of signs) {
    const code = sign.codePointAt(0) ?? 0;
    const piece = drawings.flatMap((drawing) => pieceOf(drawing, code) ?? [])[0];
    if (piece !== undefined) fontOf.set(sign, piece);
  }
  const names = [...new Set(fontOf.values())].toSorted();
  const fonts = await Promise.all(names.map(async (name) => [name, await unpacked(name)] as const));
  return { fonts: new Map(fonts), fontOf };
}

async function unpacked(name: string): Promise<Uint8Array> {
  return decompress(await readFile(name));
}

function pieceOf(drawing: Drawing, code: number): string | undefined {
  return piecesOf(drawing).find(({ ranges }) => ranges.some(([from, to]) => from <= code && code <= to))?.file;
}

interface Piece {
  file: string;
  ranges: readonly (readonly [number, number])[];
}

const KNOWN = new Map<Drawing, readonly Piece[]>();

function piecesOf(drawing: Drawing): readonly Piece[] {
  const found = KNOWN.get(drawing) ?? readPieces(drawing);
  KNOWN.set(drawing, found);
  return found;
}

/** A piece is named by its number, `[12]`, or by its script, and is said as `U+4e00-4e8c,U+5b57`. */
function readPieces(drawing: Drawing): Piece[] {
  const said = JSON.parse(readFileSync(PIECES[drawing], 'utf8')) as Record<string, string>;
  const home = join(dirname(PIECES[drawing]), 'files');
  return Object.entries(said).map(([name, text]) => ({
    file: join(home, `noto-sans-${drawing}-${name.replace(/[[\]]/g, '')}-wght-normal.woff2`),
    ranges: text.split(',').map((range) => {
      const [from = '', to = from] = range.trim().replace('U+', '').split('-');
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
    }),
  }));
}
