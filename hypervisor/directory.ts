import type { HypervisorDirectory, Result } from './port.ts';

/**
 * One directory over two: places with `memory://` URIs live in this process, all others are libvirt hosts. Both given directories
 * resolve places by the same function.
 */
export function createHypervisorDirectory(options: {
  resolveUri(place: string): Promise<string | undefined>;
  memory: HypervisorDirectory;
  libvirt: HypervisorDirectory;
}): HypervisorDirectory {
  const { memory, libvirt } = options;
  const choose = (uri: string) => (isMemory(uri) ? memory : libvirt);
  return {
    async at(place): ReturnType<HypervisorDirectory['at']> {
      const uri = await options.resolveUri(place);
      return uri === undefined ? unknownPlace(place) : await choose(uri).at(place);
    },
    probe: (uri) => choose(uri).probe(uri),
    onChange(listener) {
      const stops = [memory.onChange(listener), libvirt.onChange(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    async close() {
      await Promise.all([memory.close(), libvirt.close()]);
    },
  };
}

function isMemory(uri: string): boolean {
  return uri.startsWith('memory:');
}

function unknownPlace(place: string): Result<never> {
  return { ok: false, error: { code: 'NotFound', message: `No host is known under ${place}.` } };
}
