import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RelaxNGValidator, XmlDocument } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';
import { describeReal } from '../../../test/real-parts.ts';
import { machineSpec } from './arbitrary.fixture.ts';
import { buildDomain } from './domain-build.ts';
import { mergeDomain } from './domain-merge.ts';
import {
  bareNetwork,
  natNetwork,
  qemuDialect,
  reservations,
  richMachine,
  smallMachine,
  testDialect,
} from './examples.fixture.ts';
import { buildNetwork } from './network.ts';
import { readXml } from './read.ts';
import { buildPool, buildVolume } from './storage.ts';
import { writeXml } from './write.ts';

const folder = fileURLToPath(new URL('golden', import.meta.url));
const foreign = () => readXml(readFileSync(join(folder, 'foreign-before.xml'), 'utf8'));

const examples: Record<string, { schema: 'domain' | 'network' | 'storagepool' | 'storagevol'; xml: () => string }> = {
  'domain-small-kvm.xml': { schema: 'domain', xml: () => writeXml(buildDomain(smallMachine, qemuDialect)) },
  'domain-small-test.xml': { schema: 'domain', xml: () => writeXml(buildDomain(smallMachine, testDialect)) },
  'domain-rich.xml': { schema: 'domain', xml: () => writeXml(buildDomain(richMachine, qemuDialect)) },
  'foreign-after.xml': { schema: 'domain', xml: () => writeXml(mergeDomain(foreign(), richMachine, qemuDialect)) },
  'network-nat.xml': { schema: 'network', xml: () => writeXml(buildNetwork(natNetwork, reservations)) },
  'network-bare.xml': { schema: 'network', xml: () => writeXml(buildNetwork(bareNetwork, reservations)) },
  'pool.xml': {
    schema: 'storagepool',
    xml: () => writeXml(buildPool({ uid: natNetwork.uid, type: 'dir', path: '/srv/a & b' })),
  },
  'volume.xml': {
    schema: 'storagevol',
    xml: () => writeXml(buildVolume({ name: 'a.qcow2', bytes: 1_048_576, format: 'qcow2' })),
  },
};

describe('golden files', () => {
  it.each(Object.keys(examples))('%s is what is built', (name) => {
    const file = join(folder, name);
    const built = examples[name]?.xml() ?? '';
    if (process.env.STEWARD_WRITE_GOLDEN === 'true') writeFileSync(file, built);
    expect(built).toBe(readFileSync(file, 'utf8'));
  });
});

describeReal("libvirt's grammar", ['libvirtd'], () => {
  const schemas = '/usr/share/libvirt/schemas';
  beforeAll(() => {
    xmlRegisterFsInputProviders();
    expect(existsSync(schemas)).toBe(true);
  });

  it.each(Object.keys(examples))('accepts %s', (name) => {
    const example = examples[name];
    const check = validator(join(schemas, `${example?.schema}.rng`));
    expect(() => check(example?.xml() ?? '')).not.toThrow();
    expect(() => check((example?.xml() ?? '').replace('<name>', '<name wrong="yes">'))).toThrow();
  });

  it('accepts every domain that can be built', () => {
    const check = validator(join(schemas, 'domain.rng'));
    fc.assert(
      fc.property(machineSpec, fc.boolean(), (spec, kvm) => {
        const title = spec.title.replace(/[\r\n]/g, ' ');
        const disks = spec.disks.map((disk) => ({
          ...disk,
          source: disk.source && { ...disk.source, name: 'a.qcow2' },
        }));
        check(writeXml(buildDomain({ ...spec, title, disks }, { ...qemuDialect, kvm })));
      }),
      { numRuns: 200 },
    );
  });
});

/** Throws with what is wrong and where. */
function validator(schema: string): (xml: string) => void {
  const grammar = XmlDocument.fromString(readFileSync(schema, 'utf8'), { url: schema });
  const rules = RelaxNGValidator.fromDoc(grammar);
  return (xml) => {
    const document = XmlDocument.fromString(xml);
    try {
      rules.validate(document);
    } finally {
      document.dispose();
    }
  };
}
