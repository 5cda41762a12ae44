import type { VolumeState } from '../../hypervisor/memory/state.ts';
import { folderOf } from '../../hypervisor/memory/volume-state.ts';
import type { World } from '../../hypervisor/memory/world.ts';
import type { VirtualClock } from '../../reconciler/forecast/virtual-clock.ts';
import { ownMachines } from './inventory.ts';
import type { Prng } from './prng.ts';

/** What guests do to their disks, and what these held when. */
export interface Guests {
  /** Some running guest writes to a disk of its own, every few seconds, for ever. */
  write(): Promise<never>;
  /** Digests of all that a volume held at any time since; undefined: it was never written to. */
  heldSince(volume: VolumeState, at: number): Set<string | undefined>;
}

const BYTES = 64 * 1024;

export function createGuests({ world, clock }: { world: World; clock: VirtualClock }, prng: Prng): Guests {
  /** What each file held until it was written to, and until when. */
  const past = new WeakMap<VolumeState, { sha256: string | undefined; until: number }[]>();
  let writes = 0;
  const writeTo = (volume: VolumeState) => {
    const before = past.get(volume) ?? [];
    past.set(volume, [...before, { sha256: volume.content?.sha256, until: clock.now() }]);
    volume.content = { bytes: BYTES, sha256: `write ${++writes}`, base64: null };
  };
  return {
    async write() {
      for (;;) {
        await clock.sleep(prng.int(500, 8_000));
        const volume = prng.some(openDisks(world));
        if (volume) writeTo(volume);
      }
    },
    heldSince: (volume, at) => {
      const ended = (past.get(volume) ?? []).filter(({ until }) => until >= at);
      return new Set([...ended.map(({ sha256 }) => sha256), volume.content?.sha256]);
    },
  };
}

function openDisks(world: World): VolumeState[] {
  return ownMachines(world).flatMap(({ host, machine }) => {
    if (machine.power !== 'running') return [];
    const disks = (machine.live?.disks ?? []).filter(({ device, readOnly }) => device === 'disk' && !readOnly);
    return disks.flatMap(({ source }) => (source && folderOf(host, source.poolUid)?.[source.name]) ?? []);
  });
}
