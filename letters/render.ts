import { Liquid } from 'liquidjs';
import type { Brand, LetterText, RenderedLetter } from './letter.ts';
import { fillMessage, type Variables } from './message.ts';
import type { Reader } from './reader.ts';
import { syntaxOf } from './syntax.ts';
import { shownValue } from './values.ts';

export interface Filling {
  variables: Variables;
  brand: Brand;
  reader: Reader;
}

/**
 * Fills a letter. The template is cut into paragraphs and buttons before a variable is filled in, and everything is escaped after it:
 * no value, whatever it holds, becomes a link, markup or a header line. Throws for a template that lint would refuse.
 */
export function renderLetter({ subject, body }: LetterText, filling: Filling): RenderedLetter {
  const fill = (piece: string) => fillPiece(piece, filling);
  const blocks = blocksOf(body).flatMap((block) => filled(block, fill));
  const title = oneLine(fill(subject));
  return { subject: title, text: textOf(blocks), html: htmlOf(title, blocks, filling.brand) };
}

function fillPiece(piece: string, { variables, brand, reader }: Filling): string {
  const { values, types } = variables;
  if (syntaxOf(piece) === 'icu')
    return fillMessage(piece, { types, values: { ...values, ...brandValues(brand) } }, reader);
  const shown = Object.entries(values).map(
    ([name, value]) => [name, shownValue(value, types[name] ?? 'text', reader)] as const,
  );
  return String(engine.parseAndRenderSync(piece, { ...Object.fromEntries(shown), brand }));
}

/** What every message may say of the sender. A choice cannot ask whether a text is empty: `hasSupport` is `yes` or `no`. */
function brandValues({ name, url, support }: Brand): Record<(typeof BRAND_VARIABLES)[number], string> {
  return { brand: name, brandUrl: url, support, hasSupport: support === '' ? 'no' : 'yes' };
}

export const BRAND_VARIABLES = ['brand', 'brandUrl', 'support', 'hasSupport'] as const;

/** Logic-less beyond `if` and `for`: no files, no prototypes, bounded work. */
export const engine = new Liquid({
  ownPropertyOnly: true,
  strictVariables: true,
  strictFilters: true,
  lenientIf: true,
  dynamicPartials: false,
  parseLimit: 100_000,
  renderLimit: 1_000,
  memoryLimit: 1_000_000,
});
for (const tag of ['include', 'render', 'layout', 'block', 'capture', 'cycle', 'increment', 'decrement', 'tablerow'])
  delete engine.tags[tag];

export type Block = { type: 'paragraph'; text: string } | { type: 'button'; label: string; link: string };

export function blocksOf(body: string): Block[] {
  return body
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [, label, link] = /^\[([^\]\n]+)\]\(([^)\n]+)\)$/.exec(text) ?? [];
      return label === undefined || link === undefined ? { type: 'paragraph', text } : { type: 'button', label, link };
    });
}

/** A paragraph whose condition leaves nothing is none; a link that is no web address is refused. */
function filled(block: Block, fill: (template: string) => string): Block[] {
  if (block.type === 'paragraph') {
    const text = fill(block.text).trim();
    return text === '' ? [] : [{ type: 'paragraph', text }];
  }
  const link = fill(block.link).trim();
  if (!/^https?:\/\/[^\s<>"]+$/.test(link)) throw new Error(`A letter's link must be a web address.`);
  return [{ type: 'button', label: fill(block.label).trim(), link }];
}

function textOf(blocks: readonly Block[]): string {
  const parts = blocks.map((block) => (block.type === 'paragraph' ? block.text : `${block.label}:\n${block.link}`));
  return `${parts.join('\n\n')}\n`;
}

const BUTTON =
  'display:inline-block;padding:10px 18px;border-radius:6px;background:#1f4f99;color:#ffffff;text-decoration:none';

/** One table as the layout, since mail readers know no other; no picture is fetched, so that reading a letter tells nobody. */
function htmlOf(title: string, blocks: readonly Block[], brand: Brand): string {
  const rows = blocks.map((block) =>
    block.type === 'paragraph'
      ? `<p style="margin:0 0 16px">${escaped(block.text).replaceAll('\n', '<br>')}</p>`
      : `<p style="margin:0 0 16px"><a href="${escaped(block.link)}" style="${BUTTON}">${escaped(block.label)}</a></p>`,
  );
  return [
    `<!doctype html><html><head><meta charset="utf-8"><title>${escaped(title)}</title></head>`,
    '<body style="margin:0;background:#f4f5f7"><table role="presentation" width="100%"><tr><td align="center">',
    '<table role="presentation" width="560" style="background:#ffffff;margin:24px;font:15px/1.5 sans-serif;color:#1b1f24">',
    `<tr><td style="padding:24px 32px 0;font-weight:bold">${escaped(brand.name)}</td></tr>`,
    `<tr><td style="padding:16px 32px 16px">${rows.join('')}</td></tr>`,
    '</table></td></tr></table></body></html>\n',
  ].join('\n');
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
