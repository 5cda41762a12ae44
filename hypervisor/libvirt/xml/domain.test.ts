import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { machineSpec, writableText } from './arbitrary.fixture.ts';
import { buildDomain, type Dialect } from './domain-build.ts';
import { mergeDomain } from './domain-merge.ts';
import { parseDomain } from './domain-parse.ts';
import { readXml } from './read.ts';
import { descend, element, textOf } from './tree.ts';
import { UnwritableText, writeXml } from './write.ts';

const dialect: Dialect = {
  driver: 'QEMU',
  arch: 'x86_64',
  kvm: false,
  cpuTuned: true,
  serialLogFolder: '/var/log/libvirt/qemu',
  machineTypes: ['pc', 'q35', 'pc-i440fx-7.2', 'pc-q35-7.2'],
};
const dialects = fc.record({ kvm: fc.boolean(), cpuTuned: fc.boolean() }).map((varied) => ({ ...dialect, ...varied }));

describe('a domain', () => {
  it('is read back as the machine it was built from', () => {
    fc.assert(
      fc.property(machineSpec, dialects, (spec, host) => {
        const text = writeXml(buildDomain(spec, host));
        expect(parseDomain(readXml(text)).spec).toEqual(spec);
      }),
      { numRuns: 500 },
    );
  });

  it('becomes any other machine when that is written over it', () => {
    fc.assert(
      fc.property(machineSpec, machineSpec, dialects, (before, after, host) => {
        const wanted = { ...after, uid: before.uid };
        const existing = readXml(writeXml(buildDomain(before, host)));
        const merged = readXml(writeXml(mergeDomain(existing, wanted, host)));
        expect(parseDomain(merged).spec).toEqual(wanted);
        expect(writeXml(mergeDomain(merged, wanted, host))).toEqual(writeXml(merged));
      }),
      { numRuns: 500 },
    );
  });

  it('holds 10,000 texts as texts, whatever markup they try to be', () => {
    fc.assert(
      fc.property(writableText, writableText, (title, attribute) => {
        const tree = element('domain', {}, [
          element('title', { note: attribute }, title),
          element('metadata', {}, [element('a:b', { 'xmlns:a': attribute })]),
        ]);
        const read = readXml(writeXml(tree));
        expect(textOf(descend(read, 'title'))).toBe(title);
        expect(descend(read, 'title')?.attributes).toEqual({ note: attribute });
        expect(read.children).toHaveLength(2);
        expect(descend(read, 'metadata', 'a:b')?.attributes['xmlns:a']).toBe(attribute);
      }),
      { numRuns: 10_000 },
    );
  });

  it('refuses characters that no XML can hold, naming the place', () => {
    expect(() => writeXml(element('title', {}, 'bell\u0007'))).toThrow(UnwritableText);
    expect(() => writeXml(element('title', { note: '\ud800' }))).toThrow('title note has the character U+D800');
  });
});
