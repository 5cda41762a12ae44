import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { applyManifests } from '../../reconciler/admission/apply.ts';
import { ANNA, booksOnPostgres, SHOP } from './books.fixture.ts';
import { createPricing } from './pricing.ts';

jest.setTimeout(120_000);

const ACCOUNTS = 12;

describe('new prices for those who subscribed already', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
    const customers = Array.from({ length: ACCOUNTS }, (_each, index) => `c${index}`).flatMap((name) => [
      { kind: 'Account', name, spec: { channel: 'direct', currency: 'EUR' } },
      { kind: 'Project', name: `p-${name}`, spec: { account: name } },
      { kind: 'Subscription', name: 'web', project: `p-${name}`, spec: { bundle: 'starter' } },
    ]);
    await cloud.apply([
      ...SHOP.filter(({ kind }) => !['Account', 'Project', 'Subscription'].includes(kind)),
      ...customers,
    ]);
    await cloud.settle();
  });
  afterEach(async () => {
    await cloud.close();
  });

  /** Another revision of the price list, as somebody applies it. */
  const reprice = async (fee: string, approvedImpact?: { accounts: number; month: string; by: string }) => {
    const { review } = createPricing(cloud, {
      ...cloud.open,
      onError: (error) => cloud.errors.push(error),
    });
    const from = new Date((await cloud.books.now()) + 40 * 86_400_000).toISOString().slice(0, 10);
    const revisions = [{ prices: { fee: '30.00', hours: '0.10' } }, { from, prices: { fee, hours: '0.10' } }];
    const spec = { currency: 'EUR', revisions, ...(approvedImpact && { approvedImpact }) };
    const manifests = [{ kind: 'RateCard', metadata: { name: 'public' }, spec }];
    return applyManifests(
      { ...cloud.admission, review },
      { manifests: manifests as never, principal: ANNA, source: 'test' },
    );
  };

  it('are refused where they touch many, with how many and by how much, until somebody stands for that', async () => {
    const refused = await reprice('31.50');
    expect(refused).toMatchObject({
      ok: false,
      issues: [
        {
          path: '/spec/approvedImpact',
          message: expect.stringContaining(
            'changes what 12 accounts pay that subscribed already, by 18.00 EUR a month',
          ),
        },
      ],
    });
    expect(await reprice('31.50', { accounts: 12, month: '17.99', by: 'finance' })).toMatchObject({ ok: false });
    expect(await reprice('31.50', { accounts: 11, month: '18.00', by: 'finance' })).toMatchObject({ ok: false });
    expect(await reprice('31.50', { accounts: 12, month: '18.00', by: 'finance' })).toMatchObject({ ok: true });
    // That was said of other prices: somebody has to look again.
    expect(await reprice('32.00', { accounts: 12, month: '18.00', by: 'finance' })).toMatchObject({ ok: false });
    expect(cloud.errors).toEqual([]);
  });

  it('are nobody’s question where they change nothing for anybody', async () => {
    expect(await reprice('30.00')).toMatchObject({ ok: true });
  });
});
