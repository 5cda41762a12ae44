import { descend, element, elementsOf, type XmlElement } from './tree.ts';

/** Steward's namespace in the metadata of domains and networks. */
export const stewardNamespace = 'https://steward.dev/xmlns/1';
export const stewardPrefix = 'steward';

/** Builds our metadata element, `<steward:machine …>`. */
export function ownElement(noun: 'machine' | 'network', attributes: Record<string, string | null>): XmlElement {
  return element(`${stewardPrefix}:${noun}`, { [`xmlns:${stewardPrefix}`]: stewardNamespace, ...attributes });
}

/** Our element under `<metadata>`, whatever prefix it came back with, or undefined. */
export function findOwn(document: XmlElement, noun: 'machine' | 'network'): XmlElement | undefined {
  return elementsOf(descend(document, 'metadata')).find((child) => {
    const [prefix, local] = child.name.includes(':') ? child.name.split(':', 2) : ['', child.name];
    const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix}`;
    return local === noun && child.attributes[declaration] === stewardNamespace;
  });
}

/** `<metadata>` with ours in it and everybody else's kept. */
export function metadataWith(
  own: XmlElement,
  previous: XmlElement | undefined,
  noun: 'machine' | 'network',
): XmlElement {
  const ours = previous === undefined ? undefined : findOwn(previous, noun);
  const others = elementsOf(descend(previous, 'metadata')).filter((child) => child !== ours);
  return element('metadata', {}, [own, ...others]);
}
