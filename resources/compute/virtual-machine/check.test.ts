import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../reconciler/json.ts';
import { checkMachine } from './check.ts';
import { machineSpec } from './spec.ts';

const spec = (part: JsonObject = {}) => machineSpec.parse({ cpus: 1, memoryMiB: 512, ...part });
const paths = (part: JsonObject, old?: JsonObject) =>
  checkMachine({ spec: spec(part), old: old ? spec(old) : null }).map(({ path }) => path);

describe('a machine is refused with', () => {
  it.each<[string, JsonObject, string[]]>([
    [
      'two disks of one name',
      {
        disks: [
          { name: 'a', sizeGiB: 1 },
          { name: 'a', sizeGiB: 1 },
        ],
      },
      ['/disks/1/name'],
    ],
    ['a disk of nothing', { disks: [{ name: 'a' }] }, ['/disks/0']],
    [
      'a volume that is also to be made',
      { disks: [{ name: 'a', volume: 'v', sizeGiB: 1, image: 'i' }] },
      ['/disks/0/image', '/disks/0/sizeGiB'],
    ],
    ["a disk named like Steward's drives", { disks: [{ name: 'seed', sizeGiB: 1 }] }, ['/disks/0/name']],
    [
      'two NICs of one name',
      {
        nics: [
          { name: 'a', network: 'n' },
          { name: 'a', network: 'm' },
        ],
      },
      ['/nics/1/name'],
    ],
    [
      'one address twice in a network',
      {
        nics: [
          { name: 'a', network: 'n', ip: '10.0.0.5' },
          { name: 'b', network: 'n', ip: '10.0.0.5' },
        ],
      },
      ['/nics/1/ip'],
    ],
    [
      'one MAC twice',
      {
        nics: [
          { name: 'a', network: 'n', mac: '52:54:00:00:00:01' },
          { name: 'b', network: 'm', mac: '52:54:00:00:00:01' },
        ],
      },
      ['/nics/1/mac'],
    ],
    [
      'one place in the boot order twice',
      { disks: [{ name: 'a', sizeGiB: 1, bootIndex: 1 }], nics: [{ name: 'b', network: 'm', bootIndex: 1 }] },
      ['/nics/0/bootIndex'],
    ],
    ['less room than it has', { cpus: 4, maxCpus: 2, maxMemoryMiB: 256 }, ['/maxCpus', '/maxMemoryMiB']],
    ['user data of too many bytes', { userData: 'é'.repeat(20_000) }, ['/userData']],
    ['two kinds of user data', { userData: 'a', userDataFrom: { secret: 's' } }, ['/userDataFrom']],
    ['secure boot on a BIOS', { secureBoot: true }, ['/secureBoot']],
  ])('%s', (_what, part, expected) => {
    expect(paths(part)).toEqual(expected);
  });

  it('neither a size nor an offering', () => {
    const issues = checkMachine({ spec: machineSpec.parse({}), old: null });
    expect(issues.map(({ path }) => path)).toEqual(['/cpus', '/memoryMiB']);
    expect(checkMachine({ spec: machineSpec.parse({ offering: 'small' }), old: null })).toEqual([]);
  });

  it('one address in two networks is fine', () => {
    expect(
      paths({
        nics: [
          { name: 'a', network: 'n', ip: '10.0.0.5' },
          { name: 'b', network: 'm', ip: '10.0.0.5' },
        ],
      }),
    ).toEqual([]);
  });
});

describe('a change is refused that', () => {
  const disk = (part: JsonObject) => ({ disks: [{ name: 'a', sizeGiB: 5, ...part }] });
  it.each<[string, JsonObject, JsonObject, string[]]>([
    ['shrinks a disk', disk({}), disk({ sizeGiB: 4 }), ['/disks/0/sizeGiB']],
    ['makes a disk of another image', disk({ image: 'x' }), disk({ image: 'y' }), ['/disks/0/image']],
    ['moves a disk to another pool', disk({ pool: 'x' }), disk({ pool: 'y' }), ['/disks/0/pool']],
    ['takes a kept volume back', disk({ keep: true }), disk({}), ['/disks/0/keep']],
    ['grows a kept volume from here', disk({ keep: true }), disk({ keep: true, sizeGiB: 9 }), ['/disks/0/sizeGiB']],
    ['gives a volume away', disk({}), disk({ keep: true }), ['/disks/0/keep']],
  ])('%s', (_what, old, next, expected) => {
    expect(paths(next, old)).toEqual(expected);
  });

  it('growing, renaming and replacing disks is fine', () => {
    expect(paths(disk({ sizeGiB: 9 }), disk({}))).toEqual([]);
    expect(paths({ disks: [{ name: 'b', sizeGiB: 1 }] }, disk({}))).toEqual([]);
  });
});
