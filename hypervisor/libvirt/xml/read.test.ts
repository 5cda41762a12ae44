import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { machineSpec, writableText } from './arbitrary.fixture.ts';
import { buildDomain } from './domain-build.ts';
import { qemuDialect } from './examples.fixture.ts';
import { readXml, XmlSyntaxError } from './read.ts';
import { descend, element, isElement, textOf, type XmlElement } from './tree.ts';
import { writeXml } from './write.ts';

describe('reading XML', () => {
  it('decodes entities and characters, keeps CDATA as it is, and drops comments and layout', () => {
    const read = readXml(
      `<?xml version="1.0"?>\n<!-- first --><a x='1&#10;&#x41;&lt;' y="it's">\n  <b> &amp;lt; </b><!-- <c/> -->\n  <d><![CDATA[<&amp;>]]></d>\n</a>\n`,
    );
    expect(read).toEqual(
      element('a', { x: '1\nA<', y: "it's" }, [element('b', {}, ' &lt; '), element('d', {}, '<&amp;>')]),
    );
  });

  it('keeps white space where it is content', () => {
    expect(textOf(readXml('<a>  \n </a>'))).toBe('  \n ');
    expect(readXml('<a>x <b/> y</a>').children).toEqual(['x ', element('b'), ' y']);
  });

  it.each([
    ['<a><b></a>', '</a> closes nothing at character 6'],
    ['<a>', '<a> is not closed at character 3'],
    ['</a>', '</a> closes nothing at character 0'],
    ['<a/><b/>', 'expected one element at character 8'],
    ['x<a/>', 'text outside the document at character 0'],
    ['<a x="1" x="2"/>', 'attribute x is given twice at character 0'],
    ['<a x=1/>', '<a> is malformed at character 2'],
    ['<a>&nbsp;</a>', 'unknown entity at character 3'],
    ['<a>&#x110000;</a>', 'unknown entity at character 3'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'unexpected <! at character 0'],
    ['', 'expected one element at character 0'],
    ['<a>'.repeat(300), 'more than 256 levels at character 768'],
  ])('refuses %j', (source, reason) => {
    expect(() => readXml(source)).toThrow(XmlSyntaxError);
    expect(() => readXml(source)).toThrow(reason);
  });

  it('agrees with a general parser on everything that is written', () => {
    const parser = new XMLParser({
      preserveOrder: true,
      ignoreAttributes: false,
      attributeNamePrefix: '',
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: false,
      htmlEntities: true,
    });
    fc.assert(
      fc.property(machineSpec, (spec) => {
        const title = spec.title.replaceAll('&', '+');
        const text = writeXml(buildDomain({ ...spec, title, installationId: 'here' }, qemuDialect));
        expect(readXml(text)).toEqual(fromOrdered(parser.parse(text) as Ordered[]));
      }),
      { numRuns: 200 },
    );
  });

  it('survives any text there is: it reads it or refuses it', () => {
    const markup = fc.constantFrom(
      '<a>',
      '</a>',
      '<a ',
      '/>',
      '"',
      "'",
      '=',
      '&lt;',
      '&',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '?>',
      '<?',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(markup, writableText), { maxLength: 12 }), (pieces) => {
        try {
          const read = readXml(pieces.join(''));
          expect(readXml(writeXml(read))).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(XmlSyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('takes names of properties as what they are: names', () => {
    const read = readXml('<a __proto__="1" constructor="2"><__proto__/></a>');
    expect(Object.keys(read.attributes)).toEqual(['__proto__', 'constructor']);
    expect(descend(read, '__proto__')).toBeDefined();
  });
});

type Ordered = { ':@'?: Record<string, string>; '#text'?: string } & Record<string, unknown>;

/** The other parser's way to say the same. */
function fromOrdered(nodes: readonly Ordered[]): XmlElement {
  const convert = (node: Ordered): XmlElement | string => {
    if (typeof node['#text'] === 'string') return node['#text'];
    const name = Object.keys(node).find((key) => key !== ':@') ?? '';
    const children = (node[name] as Ordered[]).map(convert);
    const holdsElements = children.some(isElement);
    const kept = children.filter((child) => isElement(child) || !holdsElements || child.trim() !== '');
    return element(name, node[':@'] ?? {}, kept);
  };
  return nodes.map(convert).find((node) => isElement(node)) as XmlElement;
}
