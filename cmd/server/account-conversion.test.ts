import { beforeEach, describe, expect, it } from '@jest/globals';
import { accountCloud } from './account.fixture.ts';

const DAY = 86_400_000;

describe('an account that tries the cloud out', () => {
  let cloud: ReturnType<typeof accountCloud>;
  beforeEach(async () => {
    cloud = accountCloud();
    await cloud.apply(
      { kind: 'AccountType', name: 'trial', spec: { trial: true, trialDays: 14 } },
      { kind: 'AccountType', name: 'longer', spec: { trial: true, trialDays: 20 } },
      { kind: 'AccountType', name: 'corporate', spec: { paymentInfoNeeded: true, manualActivation: true } },
      { kind: 'Account', name: 'acme', spec: { type: 'trial' } },
      { kind: 'Project', name: 'shop', spec: { account: 'acme' } },
    );
    expect(await cloud.settle()).toEqual(['activate']);
  });

  const become = async (convertTo: string) => {
    const { type } = (await cloud.account()).spec;
    await cloud.apply({ kind: 'Account', name: 'acme', spec: { type, convertTo } });
  };
  const storeCard = () =>
    cloud.apply({
      kind: 'PaymentMethod',
      name: 'visa',
      project: 'shop',
      spec: { gateway: 'sandbox', token: 'tok-approved' },
    });
  const approve = async () =>
    cloud.history.append({
      account: (await cloud.account()).metadata.uid,
      at: cloud.at(),
      what: 'Approved',
      actor: 'user:fiona',
      detail: 'corporate',
      memo: 'The papers came.',
      once: null,
    });
  const converted = async () =>
    (await cloud.history.of((await cloud.account()).metadata.uid)).flatMap(({ what, detail }) =>
      what === 'Converted' ? [detail] : [],
    );

  it('is suspended once its days are over, not a moment before, and not twice', async () => {
    cloud.advance(14 * DAY - 1);
    expect(await cloud.settle()).toEqual([]);
    expect((await cloud.status()).state).toBe('ACTIVE');
    cloud.advance(1);
    expect(await cloud.settle()).toEqual(['endTrial']);
    const { state, holds } = await cloud.status();
    expect(state).toBe('SUSPENDED');
    expect(holds).toEqual([{ id: 'admin/trial', source: 'admin', severity: 'SUSPEND', since: cloud.now() }]);
    cloud.advance(30 * DAY);
    expect(await cloud.settle()).toEqual([]);
    await cloud.server().endTrial((await cloud.account()).metadata.uid);
    expect(await cloud.holds()).toHaveLength(1);
  });

  it('is suspended too while it only asks to be converted, and goes on as soon as it is', async () => {
    await become('corporate');
    cloud.advance(14 * DAY);
    expect(await cloud.settle()).toEqual(['endTrial']);
    await storeCard();
    await approve();
    expect(await cloud.settle()).toEqual(['convert', 'note', 'renewTrial']);
    expect(await cloud.status()).toMatchObject({ state: 'ACTIVE', holds: [] });
    cloud.advance(365 * DAY);
    expect(await cloud.settle()).toEqual([]);
  });

  it('is told that it is of another type, each time once', async () => {
    await become('longer');
    await cloud.settle();
    await cloud.server().note((await cloud.account()).metadata.uid);
    expect(await cloud.notices()).toMatchObject([
      { type: 'AccountConverted', account: 'acme', detail: 'trial → longer' },
      { type: 'AccountActivated', account: 'acme', detail: 'trial' },
    ]);
  });

  it('counts the days of each type of trial from when it was of it first', async () => {
    cloud.advance(10 * DAY);
    await become('longer');
    expect(await cloud.settle()).toEqual(['convert', 'note']);
    cloud.advance(5 * DAY);
    await become('trial');
    expect(await cloud.settle()).toEqual(['convert', 'note', 'endTrial']);
    await become('longer');
    expect(await cloud.settle()).toEqual(['convert', 'note', 'renewTrial']);
    cloud.advance(15 * DAY - 1);
    expect(await cloud.settle()).toEqual([]);
    cloud.advance(1);
    expect(await cloud.settle()).toEqual(['endTrial']);
  });

  it('is converted by whoever goes on where a server died, and by nobody before all is done that the new type demands', async () => {
    cloud.advance(20 * DAY);
    expect(await cloud.settle()).toEqual(['endTrial']);
    await become('corporate');
    expect(await cloud.once()).toBeNull();
    await storeCard();
    expect(await cloud.once()).toBeNull();
    expect(await cloud.status()).toMatchObject({ state: 'SUSPENDED', waits: ['FinanceApproved'] });
    await approve();
    const before = await cloud.holds();
    // Each of these servers does one thing, and dies.
    expect(await cloud.once()).toBe('convert');
    expect((await cloud.account()).spec.type).toBe('corporate');
    expect(await converted()).toEqual([]);
    expect(await cloud.holds()).toEqual(before);
    expect(await cloud.once()).toBe('note');
    expect(await converted()).toEqual(['trial → corporate']);
    expect((await cloud.status()).state).toBe('SUSPENDED');
    expect(await cloud.once()).toBe('renewTrial');
    expect(await cloud.once()).toBeNull();
    expect((await cloud.status()).state).toBe('ACTIVE');
  });

  it('does not become what nothing was done for, where its owner asks for another type at the last moment', async () => {
    await become('longer');
    expect(await cloud.once(() => become('corporate'))).toBe('convert');
    expect((await cloud.account()).spec.type).toBe('trial');
    expect(await cloud.settle()).toEqual([]);
  });

  it('is converted once, whatever two servers do at the same time', async () => {
    await become('longer');
    const { uid } = (await cloud.account()).metadata;
    const [one, other] = [cloud.server(), cloud.server()];
    await Promise.all([one.convert(uid, 'longer'), other.convert(uid, 'longer')]).catch(() => undefined);
    await Promise.all([one.note(uid), other.note(uid)]);
    await other.note(uid);
    expect(await cloud.settle()).toEqual([]);
    expect(await converted()).toEqual(['trial → longer']);
  });
});
