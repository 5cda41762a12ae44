import { isDeepStrictEqual } from 'node:util';

/** An XML element as plain data. Text is decoded; names keep their prefix, since libvirt's own elements have none. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlNode[];
}

export type XmlNode = XmlElement | string;

type Attributes = Readonly<Record<string, string | number | null | undefined>>;

/** Builds an element; attributes and children that are null or undefined are left out. */
export function element(
  name: string,
  attributes: Attributes = {},
  children: string | number | readonly (XmlNode | null | undefined)[] = [],
): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined);
  return {
    name,
    attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    children: Array.isArray(children) ? children.filter(isNode) : [String(children)],
  };
}

export function isElement(node: XmlNode): node is XmlElement {
  return typeof node !== 'string';
}

export function elementsOf(parent: XmlElement | undefined): XmlElement[] {
  return parent === undefined ? [] : parent.children.filter(isElement);
}

export function childrenNamed(parent: XmlElement | undefined, name: string): XmlElement[] {
  return elementsOf(parent).filter((child) => child.name === name);
}

/** The first element on the way down `path`, or undefined where the way ends. */
export function descend(parent: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let here = parent;
  for (const name of path) {
    here = here?.children.find((child): child is XmlElement => isElement(child) && child.name === name);
  }
  return here;
}

/** The text directly inside, or '' for an element that is missing. */
export function textOf(parent: XmlElement | undefined): string {
  return parent === undefined ? '' : parent.children.filter((child) => !isElement(child)).join('');
}

/** Replaces the children named like `replacement` by it, in place; `null` removes them. */
export function setChild(parent: XmlElement, name: string, replacement: XmlElement | null): void {
  const index = parent.children.findIndex((child) => isElement(child) && child.name === name);
  const others = parent.children.filter((child) => !isElement(child) || child.name !== name);
  if (replacement !== null) others.splice(index < 0 ? others.length : index, 0, replacement);
  parent.children = others;
}

function isNode(child: XmlNode | null | undefined): child is XmlNode {
  return child !== null && child !== undefined;
}

/** Deep equality of plain data, whatever the order of keys. */
export function isSameValue(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other);
}
