import type { XmlElement } from './tree.ts';

/** Text that is not well-formed XML, or uses what libvirt never sends (a document type, foreign entities). */
export class XmlSyntaxError extends Error {
  override readonly name = 'XmlSyntaxError';

  constructor(reason: string, offset: number) {
    super(`${reason} at character ${offset}`);
  }
}

/**
 * Reads one document. A pass over a host reads thousands of domains of some 5 KB, so this reader does only what libvirt's XML
 * needs: a tenth of a general parser's time, and strict where those are lenient (mismatched tags are errors, a document type is
 * refused, so no entity can expand). White space between elements is dropped; a leaf's text is kept as it is.
 */
export function readXml(source: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open: XmlElement[] = [root];
  let at = 0;
  while (at < source.length) {
    const tag = source.indexOf('<', at);
    addText(open, source.slice(at, tag < 0 ? source.length : tag), at);
    if (tag < 0) break;
    at = readMarkup(source, tag, open);
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined && unclosed !== root) throw new XmlSyntaxError(`<${unclosed.name}> is not closed`, at);
  const document = root.children.find((child): child is XmlElement => typeof child !== 'string');
  if (document === undefined || root.children.length !== 1) throw new XmlSyntaxError('expected one element', at);
  return document;
}

const deepest = 256;
const tagName = /[^\s/>=<"'!?]+/y;
const attribute = /\s+([^\s=/>"'<]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /\s*(\/?)>/y;
const notSpace = /[^\s]/;
const entity = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));|&/g;
const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function addText(open: XmlElement[], raw: string, offset: number): void {
  if (raw === '') return;
  const parent = open.at(-1);
  if (open.length === 1) {
    if (notSpace.test(raw)) throw new XmlSyntaxError('text outside the document', offset);
    return;
  }
  parent?.children.push(decode(raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw, offset));
}

/** Reads what starts with `<` at `at`; answers where it ends. */
function readMarkup(source: string, at: number, open: XmlElement[]): number {
  const next = source.charCodeAt(at + 1);
  if (next === 0x2f) return readClosing(source, at, open);
  if (next === 0x3f) return endOf(source, '?>', at);
  if (next !== 0x21) return readOpening(source, at, open);
  if (source.startsWith('<!--', at)) return endOf(source, '-->', at);
  if (!source.startsWith('<![CDATA[', at) || open.length === 1) throw new XmlSyntaxError('unexpected <!', at);
  const end = endOf(source, ']]>', at);
  open.at(-1)?.children.push(source.slice(at + 9, end - 3));
  return end;
}

function readOpening(source: string, at: number, open: XmlElement[]): number {
  tagName.lastIndex = at + 1;
  const name = tagName.exec(source)?.[0];
  if (name === undefined) throw new XmlSyntaxError('expected a tag', at);
  if (open.length > deepest) throw new XmlSyntaxError(`more than ${deepest} levels`, at);
  const read: XmlElement = { name, attributes: {}, children: [] };
  let end = tagName.lastIndex;
  attribute.lastIndex = end;
  for (let found = attribute.exec(source); found !== null; found = attribute.exec(source)) {
    end = attribute.lastIndex;
    const key = found[1] ?? '';
    if (Object.hasOwn(read.attributes, key)) throw new XmlSyntaxError(`attribute ${key} is given twice`, at);
    setAttribute(read, key, decode(found[2] ?? found[3] ?? '', at));
  }
  tagEnd.lastIndex = end;
  const closing = tagEnd.exec(source);
  if (closing === null) throw new XmlSyntaxError(`<${name}> is malformed`, end);
  open.at(-1)?.children.push(read);
  if (closing[1] === '') open.push(read);
  return tagEnd.lastIndex;
}

function setAttribute(read: XmlElement, key: string, value: string): void {
  if (key === '__proto__') Object.defineProperty(read.attributes, key, { value, enumerable: true });
  else read.attributes[key] = value;
}

function readClosing(source: string, at: number, open: XmlElement[]): number {
  const end = source.indexOf('>', at);
  const name = end < 0 ? '' : source.slice(at + 2, end).trimEnd();
  const closed = open.pop();
  if (closed === undefined || open.length === 0 || closed.name !== name) {
    throw new XmlSyntaxError(`</${name}> closes nothing`, at);
  }
  tidy(closed);
  return end + 1;
}

/** Between elements white space is layout. In a leaf it is content. */
function tidy(closed: XmlElement): void {
  if (!closed.children.some((child) => typeof child !== 'string')) return;
  closed.children = closed.children.filter((child) => typeof child !== 'string' || notSpace.test(child));
}

function endOf(source: string, mark: string, from: number): number {
  const found = source.indexOf(mark, from);
  if (found < 0) throw new XmlSyntaxError(`${mark} is missing`, from);
  return found + mark.length;
}

function decode(raw: string, offset: number): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(
    entity,
    (whole, hex: string | undefined, decimal: string | undefined, word: string | undefined) => {
      if (word !== undefined) return named[word] ?? whole;
      const point = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
      if (!(point <= 0x10ffff)) throw new XmlSyntaxError('unknown entity', offset);
      return String.fromCodePoint(point);
    },
  );
}
