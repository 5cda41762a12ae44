import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createDatabase } from '../../postgres/database.ts';
import { createPool } from '../../postgres/pool.ts';
import { createSettingFacts } from '../../postgres/settings/facts.ts';
import { createStore } from '../../postgres/store.ts';
import { type Admission, applyManifests } from '../../reconciler/admission/apply.ts';
import { deleteObjects, requestAction } from '../../reconciler/admission/change.ts';
import type { Registry } from '../../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { EVERYWHERE } from '../../resources/support/setting/effective.ts';
import type { SettingFact } from '../../resources/support/setting/facts.ts';
import { testSealer } from '../../test/fixtures/sealer.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createChangeBell } from './changes.ts';
import { systemClock, systemEnvironment } from './environment.ts';
import { createLiveSettings, type LiveSettings } from './live-settings.ts';
import { settingsChangeReview, settingsReview } from './settings-review.ts';
import { openMemoryStorage } from './storage.ts';

jest.setTimeout(120_000);

interface Kept {
  store: EngineStore & ObjectStore;
  settingFacts(uid: string | null): Promise<SettingFact[]>;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Kept & { sql(text: string): Promise<unknown> }> {
  const fresh = await freshDatabase();
  const pool = createPool({ url: fresh.url });
  const database = createDatabase(pool);
  return {
    store: createStore(database, REGISTRY, TEST_VAULT.personal),
    settingFacts: createSettingFacts(database),
    sql: (text) => pool.query(text),
    close: async () => {
      await pool.end();
      await fresh.drop();
    },
  };
}

const KEPT: [string, () => Promise<Kept>][] = [
  ['PostgreSQL', onPostgres],
  ['memory', async () => openMemoryStorage()],
];
const by = (name: string) => ({ actor: `user:${name}`, onBehalfOf: null, from: 'test', requestId: name });

describe.each(KEPT)('settings in %s', (_name, open) => {
  let kept: Kept;
  let settings: LiveSettings;
  let admission: Admission;
  beforeEach(async () => {
    kept = await open();
    settings = createLiveSettings({ ...kept, file: {} });
    const parts = { store: kept.store, settings, now: systemClock.now };
    admission = {
      registry: REGISTRY as Registry,
      store: kept.store,
      environment: systemEnvironment,
      sealer: testSealer,
      review: settingsReview(parts),
      reviewChange: settingsChangeReview(parts),
    };
  });
  afterEach(() => kept.close());

  const wish = async (who: string, name: string, spec: object, kind = 'Setting') => {
    const manifests = [{ kind, metadata: { name }, spec: spec as never }];
    const outcome = await applyManifests(admission, { manifests, principal: by(who), source: who, takeOver: true });
    await settings.refresh();
    return outcome.ok ? 'ok' : outcome.issues.map(({ path, message }) => `${path} ${message}`);
  };
  const key = (name: string) => ({ kind: 'Setting', project: null, name });
  const said = async (outcome: Awaited<ReturnType<typeof deleteObjects>>) => {
    await settings.refresh();
    return outcome.ok ? 'ok' : outcome.issues.map(({ message }) => message).join();
  };
  const approve = async (who: string, name: string, token: string) =>
    said(await requestAction(admission, { keys: [key(name)], principal: by(who), name: 'approve', token }));
  const remove = async (who: string, name: string) =>
    said(await deleteObjects(admission, { keys: [key(name)], principal: by(who) }));

  it('count from the write on, end with the object, and what was is not forgotten', async () => {
    const begun = systemClock.now() - 1;
    expect(settings.value('signIn.sessionHours')).toBe(12);
    expect(await wish('anna', 'shifts', { key: 'signIn.sessionHours', value: 10, reason: 'shifts' })).toBe('ok');
    expect(settings.value('signIn.sessionHours')).toBe(10);
    const [written] = await settings.facts(null);
    const since = written?.at ?? 0;
    expect(written).toMatchObject({ name: 'shifts', actor: 'user:anna', spec: { value: 10, reason: 'shifts' } });
    // What is written and removed within one millisecond never counted at any instant.
    while (systemClock.now() <= since) await new Promise((resolve) => setImmediate(resolve));
    expect(await remove('bert', 'shifts')).toBe('ok');
    expect(settings.value('signIn.sessionHours')).toBe(12);
    const at = async (time: number) =>
      (await settings.all(EVERYWHERE, time)).find((one) => one.key === 'signIn.sessionHours')?.value;
    expect([await at(begun), await at(since)]).toEqual([12, 10]);
    expect((await settings.facts(null)).map(({ actor }) => actor)).toEqual(['user:anna', 'user:bert']);
  });

  it('are followed by other instances, until these end', async () => {
    const other = createLiveSettings({ ...kept, file: {} });
    const bell = createChangeBell();
    const stop = new AbortController();
    const errors: unknown[] = [];
    let readings = 0;
    const changed = async () => {
      readings += 1;
    };
    const following = other.follow({ bell, stop: stop.signal, changed, onError: (error) => errors.push(error) });
    const until = async (what: () => boolean) => {
      for (let tries = 0; tries < 600 && !what(); tries += 1) {
        bell.ring();
        await systemClock.sleep(20);
      }
      expect(what()).toBe(true);
    };
    await until(() => readings > 0);
    await wish('anna', 'shifts', { key: 'signIn.sessionHours', value: 10 });
    await until(() => other.value('signIn.sessionHours') === 10);
    await remove('anna', 'shifts');
    await until(() => other.value('signIn.sessionHours') === 12);
    stop.abort();
    await following;
    expect(errors).toEqual([]);
  });

  it('name the first where a second would set the same', async () => {
    await wish('anna', 'one', { key: 'signIn.sessionHours', value: 10 });
    expect(await wish('anna', 'two', { key: 'signIn.sessionHours', value: 11 })).toEqual([
      expect.stringContaining('one'),
    ]);
    expect(settings.value('signIn.sessionHours')).toBe(10);
  });

  it('that need approval wait for another person, whatever is tried', async () => {
    expect(await wish('anna', 'lock', { key: 'signIn.lockOutAfter', value: 9 })).toBe('ok');
    expect(settings.value('signIn.lockOutAfter')).toBe(5);
    expect(await approve('anna', 'lock', '1')).toMatch(/was set by user:anna, so somebody else has to agree/);
    expect(await approve('bert', 'lock', 'yes')).toMatch(/stands at generation 1: .*steward settings approve lock/);
    expect(settings.value('signIn.lockOutAfter')).toBe(5);
    expect(await approve('bert', 'lock', '1')).toBe('ok');
    expect(settings.value('signIn.lockOutAfter')).toBe(9);
    expect(await approve('carl', 'lock', '7')).toMatch(/awaits no approval/);

    expect(await remove('anna', 'lock')).toMatch(/only two people change: set it to 5 and have that approved/);
    expect(await wish('anna', 'lock', { key: 'signIn.lockOutAfter', value: 5 })).toBe('ok');
    expect(settings.value('signIn.lockOutAfter')).toBe(9);
    expect(await approve('bert', 'lock', '2')).toBe('ok');
    expect(await remove('anna', 'lock')).toBe('ok');
    expect(settings.value('signIn.lockOutAfter')).toBe(5);

    expect(await wish('anna', 'shifts', { key: 'signIn.sessionHours', value: 10 })).toBe('ok');
    expect(await approve('bert', 'shifts', '1')).toMatch(/needs no approval/);
  });

  it('by which accounts are billed cannot change once there are accounts', async () => {
    expect(await wish('anna', 'period', { key: 'billing.period', value: 'CALENDAR' })).toBe('ok');
    expect(await approve('bert', 'period', '1')).toBe('ok');
    expect(await wish('anna', 'acme', { currency: 'EUR' }, 'Account')).toBe('ok');
    expect(await wish('anna', 'period', { key: 'billing.period', value: 'ANNIVERSARY' })).toEqual([
      expect.stringMatching(/^\/spec\/key cannot change any more: there are accounts \(acme\).*"CALENDAR"/),
    ]);
    expect(await remove('anna', 'period')).toMatch(/cannot change any more|only two people change/);
    expect(settings.value('billing.period')).toBe('CALENDAR');
  });

  it('that name an object name one that is there, and give strangers no role of the provider', async () => {
    expect(await wish('anna', 'usual', { key: 'registration.channel', value: 'nowhere' })).toEqual([
      '/spec/value is "nowhere", and there is no Channel of that name.',
    ]);
    expect(await wish('anna', 'boss', { side: 'provider', authorities: ['USER', 'ACCOUNT_MGMT'] }, 'Role')).toBe('ok');
    expect(await wish('anna', 'first', { key: 'registration.role', value: 'boss' })).toEqual([
      '/spec/value is "boss", which is no role of customers: whoever registers would have it.',
    ]);
    expect(await wish('anna', 'buyer', { authorities: ['USER'] }, 'Role')).toBe('ok');
    expect(await wish('anna', 'first', { key: 'registration.role', value: 'buyer' })).toBe('ok');
  });

  it('bound how long somebody acts as a customer', async () => {
    await wish('anna', 'masks', { key: 'masquerade.maxMinutes', value: 10 });
    await approve('bert', 'masks', '1');
    await wish('anna', 'acme', { currency: 'EUR' }, 'Account');
    await wish('anna', 'otto', { account: 'acme' }, 'User');
    const spec = { user: 'otto', account: 'acme', reason: 'Ticket 4711: cannot attach.', minutes: 15 };
    expect(await wish('anna', 'help', spec, 'Masquerade')).toEqual([
      '/spec/minutes is 15; at most 10 are allowed here (masquerade.maxMinutes).',
    ]);
    expect(await wish('anna', 'help', { ...spec, minutes: 10 }, 'Masquerade')).toBe('ok');
  });
});

describe('the facts of settings in PostgreSQL', () => {
  it('are never changed, whoever asks', async () => {
    const kept = await onPostgres();
    await expect(kept.sql('update setting_facts set actor = actor')).rejects.toThrow(/./);
    await expect(kept.sql('delete from setting_facts')).rejects.toThrow(/./);
    await expect(kept.sql('truncate setting_facts')).rejects.toThrow(/./);
    await kept.close();
  });
});
