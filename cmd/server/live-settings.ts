import { iso } from '../../reconciler/clock.ts';
import type { Json } from '../../reconciler/json.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { SettingsPort } from '../../resources/ports.ts';
import { CATALOGUE, type SettingKey, type SettingValue } from '../../resources/support/setting/catalogue.ts';
import {
  allEffective,
  type Effective,
  EVERYWHERE,
  effective,
  type FileDefaults,
  settingPlace,
  stillValid,
} from '../../resources/support/setting/effective.ts';
import { type SettingFact, type Standing, standingAt, type Where } from '../../resources/support/setting/facts.ts';
import { JOB_NAMES, type Job } from '../../resources/support/setting/jobs.ts';
import type { ChangeBell } from './changes.ts';
import { systemClock } from './environment.ts';

/** What was decided, for whoever needs it now. Every instance follows the changes of all. */
export interface LiveSettings {
  /** What a Setting that is in force says; undefined: nobody decided. */
  decided<Key extends SettingKey>(key: Key, where?: Where): SettingValue<Key> | undefined;
  /** The same, or else the default. */
  value<Key extends SettingKey>(key: Key, where?: Where): SettingValue<Key>;
  /** Who pauses a job, and why; null: it runs. */
  pauseOf(job: Job): Pause | null;
  /** What is in force, read anew, by its place: `billing.dueDays/channel/direct`. */
  inForce(): Promise<{ place: string; uid: string; name: string; value: Json }[]>;
  /** All properties as they are, or were. `at`: epoch ms; null: now, read anew. */
  all(where: Where, at: number | null): Promise<Effective[]>;
  facts(uid: string | null): Promise<SettingFact[]>;
  /** What the server's file says in place of defaults. */
  file: FileDefaults;
  port: SettingsPort;
  /** Reads anew what was decided. */
  refresh(): Promise<void>;
  /** Does so whenever something changed, until the signal ends it. */
  follow(parts: {
    bell: ChangeBell;
    stop: AbortSignal;
    /** After every reading. */
    changed?(): Promise<void>;
    onError(error: unknown): void;
  }): Promise<void>;
}

export interface Pause {
  job: Job;
  /** `jobs.billing.paused`, or `maintenance.mode` for all at once. */
  key: SettingKey;
  by: string;
  since: string;
  reason: string | null;
}

export interface SettingsParts {
  store: Pick<ObjectStore, 'changes' | 'position'>;
  settingFacts(uid: string | null): Promise<SettingFact[]>;
  file: FileDefaults;
  now?(): number;
}

const WAIT_MS = 5_000;
/** Between two looks at the feed, however often the bell rings. */
const PAUSE_MS = 100;

export function createLiveSettings({ store, settingFacts, file, now = systemClock.now }: SettingsParts): LiveSettings {
  let standings: ReadonlyMap<string, Standing> = new Map();
  // Asked at each reconcile.
  let pauses: ReadonlyMap<Job, Pause> = new Map();
  const read = async () => {
    standings = standingAt(await settingFacts(null), now());
    pauses = new Map(JOB_NAMES.flatMap((job) => pauseOf(job, { standings, file }) ?? []).map((one) => [one.job, one]));
  };
  const decided = <Key extends SettingKey>(key: Key, where: Where = EVERYWHERE): SettingValue<Key> | undefined => {
    const { value, origin } = effective(key, where, { standings, file });
    return origin.from === 'setting' ? (stillValid(key, value) as SettingValue<Key> | undefined) : undefined;
  };
  const value = <Key extends SettingKey>(key: Key, where: Where = EVERYWHERE): SettingValue<Key> =>
    decided(key, where) ?? ((file[key] ?? CATALOGUE[key].fallback) as SettingValue<Key>);
  return {
    decided,
    value,
    pauseOf: (job) => pauses.get(job) ?? null,
    inForce: async () =>
      [...standingAt(await settingFacts(null), now()).values()].flatMap((one) => {
        const value = one.inForce ? stillValid(one.key, one.inForce.value) : undefined;
        return value === undefined ? [] : [{ place: settingPlace(one), uid: one.uid, name: one.name, value }];
      }),
    all: async (where, at) =>
      allEffective(where, { standings: standingAt(await settingFacts(null), at ?? now()), file }),
    facts: settingFacts,
    file,
    port: { standing: async (uid) => standingAt(await settingFacts(uid), now()).get(uid) ?? null },
    refresh: read,
    follow: (parts) => follow(store, read, parts),
  };
}

function pauseOf(job: Job, from: { standings: ReadonlyMap<string, Standing>; file: FileDefaults }): Pause | null {
  for (const key of ['maintenance.mode', `jobs.${job}.paused`] as const) {
    const { value, origin } = effective(key, EVERYWHERE, from);
    const inForce = origin.from === 'setting' ? origin.standing.inForce : null;
    if (value === true && inForce)
      return { job, key, by: inForce.by.join(', '), since: iso(inForce.since), reason: inForce.reason };
  }
  return null;
}

async function follow(
  store: SettingsParts['store'],
  read: () => Promise<void>,
  { bell, stop, changed, onError }: Parameters<LiveSettings['follow']>[0],
): Promise<void> {
  let since: string | null = null;
  while (!stop.aborted) {
    try {
      const begins = since === null;
      since ??= await store.position();
      const changes = await store.changes({ since, kinds: ['Setting'], limit: 500 });
      if (begins || changes.tooOld || changes.items.length > 0) {
        await read();
        await changed?.();
      }
      since = changes.tooOld ? null : changes.position;
    } catch (error) {
      // What was decided last stands until the database answers again.
      since = null;
      if (!stop.aborted) onError(error);
    }
    await bell.next(WAIT_MS, stop);
    if (!stop.aborted) await systemClock.sleep(PAUSE_MS, stop);
  }
}
