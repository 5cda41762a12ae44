import type { ConfigurationChange, ConfigurationProperty, SettingsApi } from '../../graphql/settings/settings-api.ts';
import type { Json } from '../../reconciler/json.ts';
import { CATALOGUE } from '../../resources/support/setting/catalogue.ts';
import { type Effective, placeWords, whereOf } from '../../resources/support/setting/effective.ts';
import type { SettingFact } from '../../resources/support/setting/facts.ts';
import { JOB_NAMES, JOBS } from '../../resources/support/setting/jobs.ts';
import type { LiveSettings } from './live-settings.ts';

/** What was decided, in the words of the API. */
export function settingsApi(settings: LiveSettings): SettingsApi {
  return {
    all: async (where, at) => (await settings.all(where, at)).map(shownProperty),
    history: async (key) => historyOf(await settings.facts(null), key),
    jobs: () =>
      JOB_NAMES.map((job) => {
        const pause = settings.pauseOf(job);
        const { key = null, by = null, since = null, reason = null } = pause ?? {};
        return { job, description: JOBS[job], paused: pause !== null, key, by, since, reason };
      }),
  };
}

function shownProperty({ key, value, origin, awaiting }: Effective): ConfigurationProperty {
  const { group, description, unit, fallback, scopes, requiresApproval, frozen } = CATALOGUE[key];
  const inForce = origin.from === 'setting' ? origin.standing.inForce : null;
  const waits = awaiting?.awaiting ?? null;
  return {
    key,
    group,
    description,
    unit,
    fallback,
    scopes,
    requiresApproval,
    frozen,
    value,
    origin: origin.from,
    because: becauseOf(origin),
    by: inForce?.by.join(', ') ?? null,
    approvedBy: inForce?.approvedBy ?? null,
    since: inForce?.since ?? null,
    reason: inForce?.reason ?? null,
    awaiting:
      awaiting && waits
        ? {
            setting: awaiting.name,
            value: waits.value,
            generation: waits.generation,
            by: waits.by.join(', '),
            at: waits.at,
          }
        : null,
  };
}

function becauseOf(origin: Effective['origin']): string {
  if (origin.from === 'default') return 'default';
  if (origin.from === 'file') return `the server's own settings (${origin.setting})`;
  return `Setting/${origin.standing.name}, ${placeWords(origin.standing)}`;
}

/** Pure: the facts of one property as what somebody did, newest first. */
function historyOf(facts: readonly SettingFact[], key: string): ConfigurationChange[] {
  const before = new Map<string, SettingFact>();
  const changes: ConfigurationChange[] = [];
  for (const fact of facts.filter(({ spec }) => spec.key === key)) {
    const op = opOf(before.get(fact.uid), fact);
    before.set(fact.uid, fact);
    if (op === null) continue;
    const { at, name, generation, actor, onBehalfOf, spec } = fact;
    const reason = typeof spec.reason === 'string' ? spec.reason : null;
    const place = placeWords(whereOf(spec));
    changes.push({ at, setting: name, place, op, value: spec.value as Json, generation, actor, onBehalfOf, reason });
  }
  return changes.reverse();
}

function opOf(before: SettingFact | undefined, fact: SettingFact): ConfigurationChange['op'] | null {
  if (fact.deletedAt !== null) return before?.deletedAt === fact.deletedAt ? null : 'removed';
  if (before === undefined || before.deletedAt !== null || before.generation !== fact.generation) return 'set';
  return fact.approve !== before.approve ? 'approved' : null;
}
