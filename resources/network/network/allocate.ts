import type {
  Allocation,
  Claims,
  Consultation,
  PlacementNote,
  UniqueClaim,
  World,
} from '../../../reconciler/claims.ts';
import { type Reason, reason } from '../../../reconciler/json.ts';
import type { Subject } from '../../../reconciler/kind.ts';
import { type HostCandidate, hostCandidates, PLACEMENT_KINDS } from '../../placement/candidate.ts';
import type { PlacementWish } from '../../placement/filters.ts';
import { hash32 } from '../../placement/hash.ts';
import { place } from '../../placement/place.ts';
import { covering24s, formatCidr, overlaps, parseCidr } from '../ipv4.ts';
import type { NetworkSpec, NetworkStatus } from './kind.ts';

type NetworkSubject = Subject<NetworkSpec, NetworkStatus>;

const CIDR_POOL = 'network-cidr';
/** Where addresses are chosen from when none are wished: away from what offices and container engines use by default. */
const CHOICES = ['10.128.0.0/9', '172.20.0.0/14', '192.168.0.0/16'].map(parseCidr);
const RETRY_MS = 30_000;

export function consultNetwork({ object }: NetworkSubject): Consultation {
  const refused = object.status.conditions.some(({ type, reason: code }) => type === 'Ready' && code === 'Overlaps');
  const addressed = object.status.allocated.cidr !== undefined && !refused;
  if (addressed) return { kinds: PLACEMENT_KINDS, pools: [], capacity: true };
  const others = object.spec.cidr === undefined ? [] : ['Network'];
  return { kinds: [...PLACEMENT_KINDS, ...others], pools: [CIDR_POOL], capacity: true };
}

/** A network on each host follows the hosts; a chosen CIDR gives way to a route of the host. */
export function networkFits({ object, held }: NetworkSubject & { held: Claims }): boolean {
  return object.spec.span === 'host' && refusedRoute(object, held) === null;
}

/** Chooses hosts, addresses and a bridge name, once and for life. Pure. */
export function allocateNetwork(
  input: NetworkSubject & { world: World; held: Claims | null; attempt: number },
): Allocation {
  const { object, held, attempt } = input;
  const hosts = hostsFor(input);
  if ('waiting' in hosts) return hosts;
  const cidr = cidrFor(input);
  if (cidr === null) {
    return { waiting: noCidr(input), afterMs: RETRY_MS };
  }
  const bridge = held?.unique.find(({ slot }) => slot === 'bridge')?.value ?? bridgeName(object.metadata.uid, attempt);
  const avoid = avoided(object, held);
  const [only] = hosts.places;
  return {
    claims: {
      places: hosts.places,
      unique: [{ pool: 'bridge', value: bridge, slot: 'bridge' }, ...cidrClaims(cidr)],
      capacity: [],
      chosen: {
        cidr,
        ...(object.spec.span === 'host' && only !== undefined ? { host: only } : {}),
        ...(avoid.length > 0 ? { avoid: avoid.join(',') } : {}),
      },
      ...(hosts.explanation ? { explanation: hosts.explanation } : {}),
    },
  };
}

type Hosts = { places: string[]; explanation: PlacementNote[] | undefined };
type Waiting = Extract<Allocation, { waiting: unknown }>;

function hostsFor({ object, world, held, attempt }: Parameters<typeof allocateNetwork>[0]): Hosts | Waiting {
  const { spec, metadata } = object;
  if (spec.span === 'host' && held?.chosen.host !== undefined)
    return { places: [held.chosen.host], explanation: undefined };
  const hosts = hostCandidates(world);
  if (spec.span === 'eachHost') {
    const places = hosts.filter((host) => spansTo(host, spec)).map((host) => host.uid);
    return { places: [...new Set([...places, ...stillThere(held, hosts)])].sort(), explanation: undefined };
  }
  const placement = place({ wish: placementWish(spec, metadata.uid), hosts, attempt });
  if (placement.host === null) return { waiting: placement.why, afterMs: RETRY_MS, explanation: placement.explanation };
  return { places: [placement.host.uid], explanation: placement.explanation };
}

/** A host that was given a segment keeps it while it exists: machines may be plugged in there. */
function stillThere(held: Claims | null, hosts: readonly HostCandidate[]): string[] {
  return (held?.places ?? []).filter((uid) => hosts.some((host) => host.uid === uid));
}

function spansTo(host: HostCandidate, { zone, hostTags }: NetworkSpec): boolean {
  return (zone === undefined || host.zone === zone) && hostTags.every((tag) => host.tags.includes(tag));
}

function placementWish({ zone, host, hostTags }: NetworkSpec, uid: string): PlacementWish {
  return { cpuMilli: 0, memoryMiB: 0, tags: hostTags, zone, host, reach: [], pools: [], strategy: 'Spread', uid };
}

/** The CIDR held or wished, else the first free /24 from a point that depends on the uid, so that parallel choices rarely meet. */
function cidrFor({ object, world, held, attempt }: Parameters<typeof allocateNetwork>[0]): string | null {
  const taken = world.taken[CIDR_POOL] ?? new Set<string>();
  const kept = held?.chosen.cidr;
  const { cidr: wished } = object.spec;
  if (kept !== undefined && (wished !== undefined || refusedRoute(object, held) === null)) return kept;
  if (wished !== undefined) {
    const own = new Set(held?.unique.map(({ value }) => value));
    const free = covering24s(parseCidr(wished)).every((block) => own.has(block) || !taken.has(block));
    // Races lost again and again mean that somebody has it by now, whatever the snapshot says.
    return free && attempt < 3 ? wished : null;
  }
  return freeCidr({ taken, avoid: avoided(object, held), start: hash32(`${object.metadata.uid} ${attempt}`) });
}

/** Whose addresses they are is told within a project: the networks of others are not for this one's readers. */
function noCidr({ object, world }: NetworkSubject & { world: World }): Reason {
  const { cidr } = object.spec;
  if (cidr === undefined) return reason('NoCidrLeft');
  const blocks = new Set(covering24s(parseCidr(cidr)));
  const holder = (world.objects.Network ?? []).find(
    ({ metadata, status: { cidr: has } }) =>
      metadata.project === object.metadata.project &&
      metadata.uid !== object.metadata.uid &&
      typeof has === 'string' &&
      covering24s(parseCidr(has)).some((block) => blocks.has(block)),
  );
  return holder ? reason('CidrTakenBy', { cidr, network: holder.metadata.name }) : reason('CidrTaken', { cidr });
}

function freeCidr({
  taken,
  avoid,
  start,
}: {
  taken: ReadonlySet<string>;
  avoid: readonly string[];
  start: number;
}): string | null {
  const routes = avoid.map(parseCidr);
  for (const choice of CHOICES) {
    const blocks = (choice.last - choice.first + 1) / 256;
    for (let i = 0; i < blocks; i++) {
      const first = choice.first + ((start + i) % blocks) * 256;
      const candidate = { first, last: first + 255, prefix: 24 };
      const text = formatCidr(candidate);
      if (!taken.has(text) && !routes.some((route) => overlaps(route, candidate))) return text;
    }
  }
  return null;
}

/** A route of the host that stood in the way of the chosen CIDR at the last try. */
function refusedRoute({ status, spec }: NetworkSubject['object'], held: Claims | null): string | null {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const refused = ready?.reason === 'Overlaps' && ready.params.cidr === held?.chosen.cidr && spec.cidr === undefined;
  return refused ? String(ready.params.route) : null;
}

function avoided(object: NetworkSubject['object'], held: Claims | null): string[] {
  const before = held?.chosen.avoid?.split(',') ?? [];
  const route = refusedRoute(object, held);
  return route === null || before.includes(route) ? before : [...before, route].slice(-32);
}

function cidrClaims(cidr: string): UniqueClaim[] {
  return covering24s(parseCidr(cidr)).map((value, index) => ({ pool: CIDR_POOL, value, slot: `cidr/${index}` }));
}

/** Interface names have at most 15 characters; a UUIDv7's head is a clock, so the name is a hash that the reservation makes unique. */
function bridgeName(uid: string, attempt: number): string {
  return `stw${hash32(`${uid} ${attempt}`).toString(36).padStart(7, '0')}`;
}
