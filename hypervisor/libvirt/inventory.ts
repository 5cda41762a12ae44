import type { MachineSight } from '../port.ts';
import { Batcher, pipelined, type Wanted } from './batch.ts';
import { isRefusal } from './errors.ts';
import type { Lane } from './lanes.ts';
import { type DomainRead, sightOf } from './machine-sight.ts';
import { domainFlags, domainStats, listDomains } from './wire/flags.ts';
import { procedures } from './wire/procedures.ts';
import type { DomainRef } from './wire/refs.ts';
import { valuesOf } from './wire/typed-params.ts';
import { type Domain, parseDomain } from './xml/domain-parse.ts';
import { readXml } from './xml/read.ts';

/**
 * All domains of a host, read with calls that never enter a guest's monitor: one bulk listing of states, then the XML of each,
 * pipelined. XML is read every time (no event tells of every change), but parsed only when its text has changed.
 */
export class Inventory {
  readonly #lane: Lane;
  readonly #installationId: string;
  readonly #isStuck: (domainUuid: string) => boolean;
  readonly #now: () => number;
  readonly #domains = new Map<string, DomainRead>();
  /** Which domain carries a uid: only adopted ones have a UUID of their own. */
  readonly #adopted = new Map<string, string>();
  /** Domains that may have changed since they were read. */
  readonly #dirty = new Set<string>();
  /** Of these, those that may carry another uid now: somebody else changed them, or they were adopted. */
  readonly #meddled = new Set<string>();
  readonly #batcher = new Batcher<Reads>((wanted) => this.#read(wanted));
  #reads = 0;
  #wholeAt: number | null = null;

  constructor(given: {
    lane: Lane;
    installationId: string;
    isStuck: (domainUuid: string) => boolean;
    now: () => number;
  }) {
    this.#lane = given.lane;
    this.#installationId = given.installationId;
    this.#isStuck = given.isStuck;
    this.#now = given.now;
  }

  /** Machines by uid, or all of them, read after the call. */
  async sight(uids: readonly string[] | undefined): Promise<MachineSight[]> {
    const reads = await this.#batcher.ask(uids ?? null);
    if (uids === undefined) return [...reads.values()].map((read) => this.#sight(read));
    const found = new Set(uids.map((uid) => reads.get(this.domainOf(uid))));
    return [...found].flatMap((read) => (read === undefined ? [] : [this.#sight(read)]));
  }

  /** All machines, as of `maxAgeMs` ago at most; those changed through this adapter or reported by an event, as of now. */
  async recent(maxAgeMs: number): Promise<MachineSight[]> {
    await this.#refresh(maxAgeMs);
    return [...this.#domains.values()].map((read) => this.#sight(read));
  }

  /** Our machines that run, as recent, with what the host calls their devices. By the domain's UUID. */
  async recentlyRunning(maxAgeMs: number): Promise<Map<string, { sight: MachineSight; targets: Domain['targets'] }>> {
    await this.#refresh(maxAgeMs);
    return new Map(
      [...this.#domains.values()].flatMap((read) => {
        const sight = this.#sight(read);
        return read.live === null || !sight.owned ? [] : [[read.uuid, { sight, targets: read.live.domain.targets }]];
      }),
    );
  }

  async #refresh(maxAgeMs: number): Promise<void> {
    const stale = this.#wholeAt === null || this.#now() - this.#wholeAt > maxAgeMs;
    if (stale) await this.sight(undefined);
    else if (this.#dirty.size > 0) await this.#batcher.ask(this.#dirty);
  }

  /** The UUID of the domain that carries `uid`. */
  domainOf(uid: string): string {
    return this.#adopted.get(uid) ?? uid;
  }

  /** The uid that a domain carries, as far as is known. */
  uidOf(domainUuid: string): string {
    const read = this.#domains.get(domainUuid);
    return read === undefined ? domainUuid : this.#sight(read).uid;
  }

  /** Uids of machines that run with a NIC in the network, as far as is known. */
  guestsOf(networkUid: string): string[] {
    return [...this.#domains.values()]
      .map((read) => this.#sight(read))
      .filter(({ live }) => live?.nics.some((nic) => nic.networkUid === networkUid))
      .map(({ uid }) => uid);
  }

  /** True if the domain of `uid` was ours when it was seen last; false also for one never seen. */
  isOurs(uid: string): boolean {
    const read = this.#domains.get(this.domainOf(uid));
    if (read === undefined) return false;
    const { owned, uid: carried } = this.#sight(read);
    return owned && carried === uid;
  }

  /** By our own act, which leaves a domain the uid that it carries. */
  markChanged(domainUuid: string): void {
    this.#dirty.add(domainUuid);
    if (this.#dirty.size > dirtyMax) this.markAllChanged();
  }

  /** By anybody else, or by adoption: whoever asks for a uid next may mean this domain. */
  markMeddled(domainUuid: string): void {
    this.#meddled.add(domainUuid);
    this.markChanged(domainUuid);
  }

  /** After a reconnect nothing is certain: the next read is a whole one. */
  markAllChanged(): void {
    this.#dirty.clear();
    this.#meddled.clear();
    this.#wholeAt = null;
  }

  #sight(read: DomainRead): MachineSight {
    return sightOf(read, { installationId: this.#installationId, stuck: this.#isStuck(read.uuid) });
  }

  async #read(wanted: Wanted): Promise<Reads> {
    this.#reads += 1;
    // One by one a domain costs three calls; in a whole read, one. Whatever needs fewer is done.
    const asked = (wanted?.size ?? this.#domains.size) + this.#meddled.size;
    const fewMax = Math.min(this.#domains.size / callsForOne, listedMax);
    const few = wanted !== null && this.#wholeAt !== null && asked <= fewMax;
    if (!few) return await this.#readWhole(this.#reads);
    const meddled = [...this.#meddled];
    try {
      return await this.#readFew(new Set([...wanted].map((uid) => this.domainOf(uid)).concat(meddled)), this.#reads);
    } catch (error) {
      for (const uuid of meddled) this.#meddled.add(uuid);
      throw error;
    }
  }

  async #readWhole(turn: number): Promise<Reads> {
    const startedAt = this.#now();
    this.#dirty.clear();
    this.#meddled.clear();
    const [states, transient, autostarted] = await Promise.all([
      this.#states([]),
      this.#listed(listDomains.transient),
      this.#listed(autostartFlag),
    ]);
    const seen = await pipelined(states, (state) =>
      this.#readDomain({
        ...state,
        persistent: !transient.has(state.ref.uuid),
        autostart: autostarted.has(state.ref.uuid),
        turn,
      }),
    );
    const reads = byUuid(seen);
    for (const [uuid, known] of this.#domains) if (!reads.has(uuid) && known.turn <= turn) this.#forget(uuid);
    this.#wholeAt = startedAt;
    return reads;
  }

  async #readFew(uuids: ReadonlySet<string>, turn: number): Promise<Reads> {
    for (const uuid of uuids) {
      this.#dirty.delete(uuid);
      this.#meddled.delete(uuid);
    }
    const refs = [...uuids].map((uuid) => ({ name: '', uuid, id: -1 }));
    const states = refs.length === 0 ? [] : await this.#states(refs);
    const seen = await pipelined(states, async (state) => {
      const [{ persistent }, { autostart }] = await this.#flags(state.ref);
      return await this.#readDomain({ ...state, persistent, autostart, turn });
    });
    const reads = byUuid(seen);
    for (const uuid of uuids) {
      if (!reads.has(uuid) && (this.#domains.get(uuid)?.turn ?? 0) <= turn) this.#forget(uuid);
    }
    return reads;
  }

  async #flags(domain: DomainRef): Promise<[{ persistent: boolean }, { autostart: boolean }]> {
    return await Promise.all([
      this.#lane.call(procedures.domainIsPersistent, { domain }).catch((error) => absent(error, { persistent: false })),
      this.#lane.call(procedures.domainGetAutostart, { domain }).catch((error) => absent(error, { autostart: false })),
    ]);
  }

  /** An empty list asks for all. Domains that are not there are left out. */
  async #states(domains: DomainRef[]): Promise<{ ref: DomainRef; state: number; reason: number }[]> {
    const stats = domainStats.state;
    const { records } = await this.#lane.call(procedures.connectGetAllDomainStats, { domains, stats, flags: 0 });
    return records.map(({ domain, params }) => {
      const values = valuesOf(params);
      return {
        ref: domain,
        state: Number(values.get('state.state') ?? 0),
        reason: Number(values.get('state.reason') ?? 0),
      };
    });
  }

  async #listed(flags: number): Promise<Set<string>> {
    const { domains } = await this.#lane.call(procedures.connectListAllDomains, { needResults: true, flags });
    return new Set(domains.map(({ uuid }) => uuid));
  }

  /** Null when the domain vanished meanwhile. */
  async #readDomain(found: {
    ref: DomainRef;
    state: number;
    reason: number;
    persistent: boolean;
    autostart: boolean;
    turn: number;
  }): Promise<DomainRead | null> {
    const { ref } = found;
    const active = ref.id >= 0;
    const [live, persistent] = await Promise.all([
      active ? this.#xml(ref, 0) : null,
      found.persistent || !active ? this.#xml(ref, domainFlags.xmlInactive) : null,
    ]);
    if (live === null && persistent === null) return null;
    const known = this.#domains.get(ref.uuid);
    const { state, reason, autostart, turn } = found;
    const read: DomainRead = {
      uuid: ref.uuid,
      state,
      reason,
      autostart,
      turn,
      live: parsed(live, known?.live ?? null),
      persistent: parsed(persistent, known?.persistent ?? null),
      sight: null,
    };
    return this.#remember(read);
  }

  async #xml(domain: DomainRef, flags: number): Promise<string | null> {
    try {
      return (await this.#lane.call(procedures.domainGetXmlDesc, { domain, flags })).xml;
    } catch (error) {
      return absent(error, null);
    }
  }

  /** Keeps the newest, and what is unchanged as it is: with its sight. */
  #remember(read: DomainRead): DomainRead {
    const known = this.#domains.get(read.uuid);
    if (known !== undefined && isSame(known, read)) {
      known.turn = Math.max(known.turn, read.turn);
      return known;
    }
    if (known !== undefined && known.turn > read.turn) return read;
    this.#domains.set(read.uuid, read);
    const wish = (read.persistent ?? read.live)?.domain.wish;
    if (wish?.domainUuid === read.uuid && wish.uid !== read.uuid && wish.installationId === this.#installationId) {
      this.#adopted.set(wish.uid, read.uuid);
    }
    return read;
  }

  #forget(uuid: string): void {
    this.#domains.delete(uuid);
    for (const [uid, domainUuid] of this.#adopted) if (domainUuid === uuid) this.#adopted.delete(uid);
  }
}

type Reads = ReadonlyMap<string, DomainRead>;

/** Whether it is defined, whether it starts by itself, and its XML; the states come with one answer. */
const callsForOne = 3;
/** So many domains libvirt takes in one question. */
const listedMax = 4_096;
/** Domains that changed and that nobody asks for are remembered one by one up to here. */
const dirtyMax = 10_000;
/** VIR_CONNECT_LIST_DOMAINS_AUTOSTART */
const autostartFlag = 1 << 10;

function byUuid(reads: readonly (DomainRead | null)[]): Reads {
  return new Map(reads.flatMap((read) => (read === null ? [] : [[read.uuid, read]])));
}

function parsed(text: string | null, known: DomainRead['live']): DomainRead['live'] {
  if (text === null) return null;
  if (known?.text === text) return known;
  const domain: Domain = parseDomain(readXml(text));
  return { text, domain };
}

function isSame(one: DomainRead, other: DomainRead): boolean {
  return (
    one.state === other.state &&
    one.reason === other.reason &&
    one.autostart === other.autostart &&
    one.live === other.live &&
    one.persistent === other.persistent
  );
}

/** A domain that vanished between two calls is no failure. */
function absent<T>(error: unknown, value: T): T {
  if (isRefusal(error, 'NO_DOMAIN')) return value;
  throw error;
}
