import { expect, it, jest } from '@jest/globals';
import { createDatabase } from '../../postgres/database.ts';
import { createSettingFacts } from '../../postgres/settings/facts.ts';
import { requestAction } from '../../reconciler/admission/change.ts';
import { booksOnPostgres, SHOP } from './books.fixture.ts';
import { createLiveSettings, type LiveSettings } from './live-settings.ts';

jest.setTimeout(120_000);

const DAY = 86_400_000;

it('what is decided for accounts holds in the books as soon as a second person agrees, and for what is issued from then on', async () => {
  const late: { settings?: LiveSettings } = {};
  const cloud = await booksOnPostgres({
    settings: { pauseOf: () => null, inForce: async () => (await late.settings?.inForce()) ?? [] },
  });
  const settingFacts = createSettingFacts(createDatabase(cloud.pool));
  late.settings = createLiveSettings({
    store: cloud.store,
    settingFacts,
    file: {},
    now: () => Number.MAX_SAFE_INTEGER,
  });
  const terms = async () => {
    const { invoices = [] } = (await cloud.open.accounts.current('acme')) ?? {};
    return invoices.map(({ issuedAt, dueAt }) => (dueAt - (issuedAt ?? 0)) / DAY);
  };
  const month = async () => {
    // A period is issued an hour after its end, and no month is longer than 31 days: whenever the test began, it is over then.
    await cloud.advance(32 * DAY);
    await cloud.settle();
    return terms();
  };

  await cloud.apply(SHOP);
  await cloud.settle();
  expect(await terms()).toEqual([30]);
  await cloud.apply([{ kind: 'Setting', name: 'soon', spec: { key: 'billing.dueDays', value: 7, channel: 'direct' } }]);
  expect(await month()).toEqual([30, 30]);
  const key = { kind: 'Setting', project: null, name: 'soon' };
  const principal = { actor: 'user:bert', onBehalfOf: null, from: 'test', requestId: 'r2' };
  const approved = await requestAction(cloud.admission, { keys: [key], principal, name: 'approve', token: '1' });
  expect(approved).toMatchObject({ ok: true });
  expect(await month()).toEqual([30, 30, 7]);
  expect(cloud.errors).toEqual([]);
  await cloud.close();
});
