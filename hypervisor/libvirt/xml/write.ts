import { isElement, type XmlElement, type XmlNode } from './tree.ts';

/** Text with a character that XML cannot hold at all, not even escaped. */
export class UnwritableText extends Error {
  override readonly name = 'UnwritableText';

  constructor(text: string, place: string) {
    const found = unwritable.exec(text)?.[0].charCodeAt(0) ?? 0;
    super(`${place} has the character U+${found.toString(16).toUpperCase().padStart(4, '0')}, which XML cannot hold`);
  }
}

/** Serializes with two spaces a level. Everything given as text or attribute stays text or attribute. */
export function writeXml(document: XmlElement): string {
  return `${write(document, '')}\n`;
}

/** The first character XML 1.0 cannot hold, if any: controls, lone surrogates, non-characters. */
export function firstUnwritable(text: string): string | null {
  return unwritable.exec(text)?.[0] ?? null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what has to be found.
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function write(node: XmlElement, indent: string): string {
  const attributes = Object.entries(node.attributes)
    .map(([key, value]) => ` ${key}="${escaped(value, /[&<>"'\t\n\r]/g, `${node.name} ${key}`)}"`)
    .join('');
  const head = `${indent}<${node.name}${attributes}`;
  if (node.children.length === 0) return `${head}/>`;
  return `${head}>${content(node, indent)}</${node.name}>`;
}

/** Lines are broken only where an element holds nothing but elements: anywhere else white space is content. */
function content(node: XmlElement, indent: string): string {
  if (!node.children.every(isElement)) return node.children.map((child) => inline(child, node.name)).join('');
  return `\n${node.children.map((child) => write(child as XmlElement, `${indent}  `)).join('\n')}\n${indent}`;
}

function inline(child: XmlNode, parent: string): string {
  return isElement(child) ? write(child, '') : escaped(child, /[&<>\r]/g, parent);
}

function escaped(text: string, characters: RegExp, place: string): string {
  if (unwritable.test(text)) throw new UnwritableText(text, place);
  return text.replace(characters, (character) => escapes[character] ?? character);
}
