import type { Hypervisor, MachineSight, NetworkSight, Result } from '../../../hypervisor/port.ts';
import type { ObserveInput } from '../../../reconciler/kind.ts';
import type { Observation, Sighting, SilentPlace } from '../../../reconciler/observation.ts';
import type { Ports } from '../../ports.ts';
import { silentPlace } from '../../silence.ts';
import { unfinished } from '../../storage/names.ts';
import { ipPool, networksOf } from './addresses.ts';
import type { LiveCapabilities } from './live.ts';
import { seedOwner } from './seed.ts';
import type { MachineWish } from './spec.ts';
import type { MachineStatus } from './status.ts';

/** What a host has of a machine: its definition or its guest, its addresses in the host's networks, its seeds. */
export interface MachineState {
  machine: MachineSight | null;
  /** Networks of its NICs at this host, by uid; null: not there. */
  networks: Record<string, Pick<NetworkSight, 'active' | 'reservations' | 'ports'> | null>;
  /** Its seeds: names of files that are there, unfinished ones under the names of such. */
  seeds: string[];
  can: LiveCapabilities;
}

type Input = ObserveInput<MachineWish, MachineStatus>;

/** Asks every bound host, all at the same time, with calls that do not enter the guest's monitor. Reads only. */
export async function observeMachine(ports: Ports, input: Input): Promise<Observation<MachineState>> {
  const answers = await Promise.all(
    input.bindings.map(async ({ place }) => ({ place, answer: await askHost(ports, place, input) })),
  );
  return {
    sightings: answers.flatMap(({ place, answer }) => (answer.ok ? sightingsOf(place, answer.value, input) : [])),
    silent: answers.flatMap(({ place, answer }): SilentPlace[] =>
      answer.ok ? [] : [silentPlace(place, answer.error)],
    ),
    asOf: input.notBefore,
  };
}

async function askHost(ports: Ports, place: string, input: Input): Promise<Result<MachineState>> {
  const host = await ports.hypervisors.at(place);
  if (!host.ok) return host;
  const { capabilities, machines } = host.value;
  const { uid, adopt } = input.object.metadata;
  const [sights, networks, seeds] = await Promise.all([
    machines.sight(adopt === null ? [uid] : [uid, adopt]),
    askNetworks(host.value, input),
    askPools(host.value, input),
  ]);
  if (!sights.ok) return sights;
  if (!networks.ok) return networks;
  if (!seeds.ok) return seeds;
  const own = sights.value.find((sight) => sight.uid === uid);
  const machine = own ?? sights.value.find((sight) => sight.uid === adopt) ?? null;
  return { ok: true, value: { machine, networks: networks.value, seeds: seeds.value, can: capabilities } };
}

/** Networks of its NICs, and of those that it let go. */
async function askNetworks(
  host: Hypervisor,
  { object, refs, claims }: Input,
): Promise<Result<MachineState['networks']>> {
  const claimed = (claims?.unique ?? []).filter(({ pool }) => pool.startsWith(ipPool('')));
  const wished = [...networksOf(object.spec, refs).values()].flatMap((network) => network?.metadata.uid ?? []);
  const uids = [...new Set([...wished, ...claimed.map(({ pool }) => pool.slice(ipPool('').length))])];
  if (uids.length === 0) return { ok: true, value: {} };
  const sights = await host.networks.sight(uids);
  if (!sights.ok) return sights;
  const byUid = new Map(sights.value.map((sight) => [sight.uid, sight]));
  return { ok: true, value: Object.fromEntries(uids.map((uid) => [uid, byUid.get(uid) ?? null])) };
}

/** Only names that it has or had are asked for: a pool may hold thousands of files. */
async function askPools(host: Hypervisor, { claims }: Input): Promise<Result<string[]>> {
  const byPool = new Map<string, string[]>();
  for (const [slot, poolUid] of Object.entries(claims?.chosen ?? {})) {
    if (slot.startsWith('seed/')) byPool.set(poolUid, [...(byPool.get(poolUid) ?? []), slot.slice('seed/'.length)]);
  }
  const found: string[] = [];
  for (const [poolUid, names] of byPool) {
    const sights = await host.volumes.sight({ poolUid, names });
    if (!sights.ok) return sights;
    const there = new Set(sights.value.map(({ name }) => name));
    const missing = names.filter((name) => !there.has(name)).map(unfinished);
    const parts = missing.length > 0 ? await host.volumes.sight({ poolUid, names: missing }) : sights;
    if (!parts.ok) return parts;
    found.push(...new Set([...there, ...parts.value.map(({ name }) => name)]));
  }
  return { ok: true, value: found };
}

function sightingsOf(place: string, state: MachineState, input: Input): Sighting<MachineState>[] {
  const { machine, seeds } = state;
  if (!machine && seeds.length === 0 && !isReserved(state, input)) return [];
  const owned = machine?.owned ?? true;
  return [{ place, owned, state, ...(machine?.runId ? { runId: machine.runId } : {}) }];
}

/** A network knows one of its addresses still. */
function isReserved(state: MachineState, { claims }: Input): boolean {
  const macs = new Set(
    (claims?.unique ?? []).flatMap(({ slot, value, pool }) => (pool === 'mac' ? [value] : macIn(slot))),
  );
  return Object.values(state.networks).some((network) => network?.reservations.some(({ mac }) => macs.has(mac)));
}

function macIn(slot: string): string[] {
  const [head, kind, , mac] = slot.split('/');
  return head === 'leaving' && kind === 'ip' && mac !== undefined ? [mac] : [];
}

/** Uids of all machines on a host that carry this installation's mark, and of the machines whose seeds lie in its pools; for the sweeper. */
export async function machineInventory(
  ports: Ports,
  place: string,
): Promise<{ uid: string; externalId: string }[] | 'silent'> {
  const host = await ports.hypervisors.at(place);
  if (!host.ok) return 'silent';
  const [machines, pools] = await Promise.all([host.value.machines.sight(), host.value.pools.sight()]);
  if (!machines.ok || !pools.ok) return 'silent';
  const found = machines.value.filter(({ owned }) => owned).map(({ uid }) => ({ uid, externalId: uid }));
  for (const pool of pools.value.filter(({ owned, active }) => owned && active)) {
    const files = await host.value.volumes.sight({ poolUid: pool.uid });
    if (!files.ok) return 'silent';
    for (const { name } of files.value) {
      const uid = seedOwner(name);
      if (uid !== null) found.push({ uid, externalId: name });
    }
  }
  return found;
}
