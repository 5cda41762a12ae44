/** One element: attributes, and either text or more elements. */
export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
  content: string | readonly Element[];
}

/** What has no content is left out, and what has nothing else in it too. */
export function element(
  name: string,
  content: string | readonly (Element | undefined)[],
  attributes: Element['attributes'] = {},
): Element {
  if (typeof content === 'string') return { name, attributes, content };
  const kept = content.flatMap((each) => (each === undefined || each.content.length === 0 ? [] : [each]));
  return { name, attributes, content: kept };
}

export function xmlText(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}\n`;
}

function written({ name, attributes, content }: Element, indent: string): string {
  const head = `${indent}<${name}${Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('')}>`;
  if (typeof content === 'string') return `${head}${escaped(content)}</${name}>`;
  const inner = content.map((each) => written(each, `${indent}  `));
  return `${head}\n${inner.join('\n')}\n${indent}</${name}>`;
}

/** Characters that XML 1.0 cannot hold in any form are left out. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
