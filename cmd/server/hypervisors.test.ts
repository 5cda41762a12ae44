import { describe, expect, it } from '@jest/globals';
import { chooseHypervisor, MEMORY_URI } from './hypervisors.ts';

const memory = { uri: MEMORY_URI, poolPath: '/pools/local' };
const libvirt = { uri: 'qemu:///system', poolPath: '/var/lib/libvirt/images/steward-old' };

describe('the hypervisor of a quick start', () => {
  it('is what was asked for, at the first one', async () => {
    expect(await choose('memory', undefined)).toMatchObject({ ...memory, says: expect.stringContaining('as asked') });
    expect(await choose('qemu+ssh://root@far/system', undefined)).toMatchObject({
      uri: 'qemu+ssh://root@far/system',
      poolPath: '/var/lib/libvirt/images/steward-new',
    });
  });

  it.each([memory, libvirt])('stays what it was, with its pool, where nothing is asked for: $uri', async (known) => {
    expect(await choose('auto', known)).toMatchObject({ ...known, says: expect.stringContaining('--data-dir') });
  });

  it('may be reached by another address', async () => {
    const uri = 'qemu+unix:///system?socket=/run/other';
    expect(await choose(uri, libvirt)).toMatchObject({ uri, poolPath: libvirt.poolPath });
  });

  it.each([
    ['qemu:///system', memory],
    ['memory', libvirt],
  ])('is not changed to %s where the machines are elsewhere, with the remedy', async (asked, known) => {
    expect(await choose(asked, known)).toEqual({
      refused: expect.stringMatching(new RegExp(`^--hypervisor is ${asked}, .* another folder: --data-dir FOLDER`)),
    });
  });
});

function choose(asked: string, known: typeof memory | undefined) {
  return chooseHypervisor(asked, { shortId: 'new', known });
}
