import { describe, expect, it } from '@jest/globals';
import { createHypervisorDirectory } from './directory.ts';
import { createLibvirtDirectory } from './libvirt/connect.ts';
import { createMemoryDirectory } from './memory/directory.ts';
import { createWorld } from './memory/world.ts';

const uris: Record<string, string> = {
  here: 'memory://host-1?cpus=4&memoryGiB=8',
  there: 'test+unix:///default?socket=/nonexistent/libvirt-sock',
};

const clock = { now: () => 0, sleep: async () => undefined };

describe('a directory over several adapters', () => {
  it('finds each place by the scheme of its URI', async () => {
    const resolveUri = async (place: string) => uris[place];
    const directory = createHypervisorDirectory({
      resolveUri,
      memory: createMemoryDirectory({ world: createWorld({ clock }), installationId: 'here', resolveUri }),
      libvirt: createLibvirtDirectory({ installationId: 'here', resolveUri }),
    });
    try {
      const here = await directory.at('here');
      expect(here.ok && here.value.capabilities.adapter).toBe('memory');
      expect(await directory.at('there')).toMatchObject({ ok: false, error: { code: 'Unreachable' } });
      expect(await directory.at('nowhere')).toMatchObject({ ok: false, error: { code: 'NotFound' } });
      expect(await directory.probe(uris.here ?? '')).toMatchObject({ ok: true, value: { cpus: 4 } });
      expect(await directory.probe('memory:nonsense')).toMatchObject({ ok: false, error: { code: 'Invalid' } });
      const places: string[] = [];
      const stop = directory.onChange((place) => places.push(place));
      if (here.ok) await here.value.pools.ensure({ uid: 'p', type: 'dir', path: '/pool' });
      stop();
      if (here.ok) await here.value.pools.remove('p');
      expect(places).toEqual(['here']);
    } finally {
      await directory.close();
    }
  });
});
