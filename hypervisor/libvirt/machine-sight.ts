import type { MachineSight, MachineSpec } from '../port.ts';
import { parkingName } from './parking.ts';
import { powerOf } from './power.ts';
import type { Domain } from './xml/domain-parse.ts';

/** A domain as it was read last. */
export interface DomainRead {
  uuid: string;
  /** Which read saw it: a later one is never overwritten by an earlier one that ends after it. */
  turn: number;
  state: number;
  reason: number;
  autostart: boolean;
  live: { text: string; domain: Domain } | null;
  /** Null for a transient domain: nothing is left of it once it stops. */
  persistent: { text: string; domain: Domain } | null;
  /** Made at the first look, then handed out again until something changes. */
  sight: MachineSight | null;
}

export function sightOf(read: DomainRead, given: { installationId: string; stuck: boolean }): MachineSight {
  if (read.sight === null || read.sight.unresponsive !== given.stuck) read.sight = makeSight(read, given);
  return read.sight;
}

function makeSight(read: DomainRead, given: { installationId: string; stuck: boolean }): MachineSight {
  const { live, persistent } = read;
  const domain = (persistent ?? live)?.domain;
  // A copy made of one of our domains has our metadata and another UUID: it is nobody's.
  const wish = domain?.wish?.domainUuid === read.uuid ? domain.wish : null;
  const owned = wish !== null && wish.installationId === given.installationId;
  const uid = owned ? wish.uid : read.uuid;
  const withUid = (it: Domain | undefined): MachineSpec | null =>
    it === undefined ? null : { ...it.spec, uid, autostart: read.autostart };
  return {
    uid,
    owned,
    incarnation: wish?.incarnation ?? 0,
    installationId: wish?.installationId ?? null,
    title: domain?.spec.title ?? '',
    ...powerOf(read.state, read.reason),
    runId: live?.domain.id ?? null,
    unresponsive: given.stuck,
    persistent: withUid(persistent?.domain),
    live: withoutParked(withUid(live?.domain)),
    accelerator: acceleratorOf(live?.domain),
    vnc: live?.domain.vnc ?? null,
    serialLog: (live ?? persistent)?.domain.serialLog ?? null,
    ports: live?.domain.ports ?? {},
  };
}

/** A NIC that was parked by somebody who was killed is plugged in nowhere: attaching it brings it home. */
function withoutParked(live: MachineSpec | null): MachineSpec | null {
  if (!live?.nics.some(({ networkUid }) => networkUid === parkingName)) return live;
  return { ...live, nics: live.nics.filter(({ networkUid }) => networkUid !== parkingName) };
}

function acceleratorOf(live: Domain | undefined): MachineSight['accelerator'] {
  if (live === undefined) return null;
  return live.type === 'kvm' ? 'kvm' : 'tcg';
}
