import { describe, expect, it } from '@jest/globals';
import type { ManifestInput } from '../../reconciler/admission/manifest.ts';
import { type Cloud, createCloud, PROJECT } from '../../test/fixtures/cloud.ts';

const manifest = (kind: string, name: string, spec: ManifestInput['spec']): ManifestInput => ({
  kind,
  metadata: { name },
  spec,
});

const card = (...revisions: ManifestInput['spec'][]) =>
  manifest('RateCard', 'prices', { zone: 'Europe/Berlin', revisions });
const bundle = (name: string, spec: ManifestInput['spec'] = {}) =>
  manifest('Bundle', name, { charges: [{ name: `${name}-fee` }], ...spec });

/** `path: message` of everything that is wrong; nothing where it was taken. */
async function faults(cloud: Cloud, ...manifests: ManifestInput[]): Promise<string[]> {
  const applied = await cloud.apply(manifests);
  return applied.ok ? [] : applied.issues.map(({ path, message }) => `${path}: ${message}`);
}

async function cloudWith(...manifests: ManifestInput[]): Promise<Cloud> {
  const cloud = createCloud();
  expect(await faults(cloud, ...PROJECT, ...manifests)).toEqual([]);
  await cloud.settle();
  return cloud;
}

/** A day as many days from now, in Berlin. */
function day(cloud: Cloud, days: number): string {
  const at = new Date(cloud.clock.now() + days * 86_400_000);
  return at.toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });
}

describe('a rate card', () => {
  it('takes numbers and texts as the same price', async () => {
    const cloud = await cloudWith(card({ prices: { fee: 5.5 } }));
    expect((await cloud.apply([card({ prices: { fee: '5.5' } })])).ok).toBe(true);
    expect((await cloud.get('RateCard', 'prices'))?.metadata.generation).toBe(1);
  });

  it('never changes what is in force', async () => {
    const cloud = await cloudWith(card({ prices: { fee: '5' } }));
    expect(await faults(cloud, card({ prices: { fee: '6' } }))).toEqual([
      expect.stringMatching(/^\/spec\/revisions\/0: changes prices in force from always/),
    ]);
    expect(await faults(cloud, card())).toEqual([
      expect.stringMatching(/^\/spec\/revisions: lacks the revision from always, which is in force/),
    ]);
  });

  it('is followed by prices that begin today or later, and those may change until they begin', async () => {
    const first = { prices: { fee: '5' } };
    const cloud = await cloudWith(card(first));
    const later = (from: string, fee: string) => card(first, { from, prices: { fee } });
    expect(await faults(cloud, later(day(cloud, -2), '6'))).toEqual([
      expect.stringMatching(/^\/spec\/revisions\/1\/from: is .*, which is over: begin at /),
    ]);
    expect(await faults(cloud, later(day(cloud, 3), '6'))).toEqual([]);
    expect(await faults(cloud, later(day(cloud, 4), '7'))).toEqual([]);
    const begun = day(cloud, 4);
    cloud.clock.advanceTo(cloud.clock.now() + 5 * 86_400_000);
    expect(await faults(cloud, later(begun, '8'))).toHaveLength(1);
    expect(await faults(cloud, later(begun, '7.00'))).toEqual([]);
  });

  it('says all that is wrong with it, each at its place', async () => {
    const cloud = await cloudWith();
    const tiers = [{ upTo: '5', unitPrice: '1' }, { upTo: '5', unitPrice: '2' }, {}];
    expect(await faults(cloud, card({ prices: { 'a/b': '1' } }))).toEqual([
      expect.stringMatching(/^\/spec\/revisions\/0\/prices\/a~1b: /),
    ]);
    const prices = {
      t: { model: 'VOLUME', tiers },
      p: { model: 'PACKAGE', price: '1', size: '0' },
      s: { model: 'STANDARD', unitPrice: '1', size: '2' },
    };
    expect(await faults(cloud, card({ from: '2026-02-30', prices }))).toEqual([
      expect.stringMatching(/^\/spec\/revisions\/0\/from: found "2026-02-30"/),
      expect.stringMatching(/^\/spec\/revisions\/0\/prices\/t\/tiers: .*each upTo must be above the one before/),
      expect.stringMatching(/^\/spec\/revisions\/0\/prices\/p\/size: .*above 0/),
      expect.stringMatching(/^\/spec\/revisions\/0\/prices\/s\/size: means nothing for STANDARD/),
    ]);
  });
});

describe('what lines were computed with', () => {
  it.each([
    ['a bundle', bundle('plan'), bundle('plan', { charges: [{ name: 'other-fee' }] })],
    ['a meter', manifest('Meter', 'm', {}), manifest('Meter', 'm', { aggregate: 'LEVEL' })],
    ['a tax rule', manifest('TaxRule', 't', { rate: 19 }), manifest('TaxRule', 't', { rate: 20 })],
    ['a campaign', manifest('Campaign', 'c', { percentOff: 10 }), manifest('Campaign', 'c', { percentOff: 20 })],
    ['a policy', manifest('BillingPolicy', 'p', {}), manifest('BillingPolicy', 'p', { unit: 'SECOND' })],
    ["an account's currency", manifest('Account', 'a', {}), manifest('Account', 'a', { currency: 'USD' })],
  ])('is fixed: %s', async (_what, before, after) => {
    const cloud = await cloudWith(before);
    expect(await faults(cloud, before)).toEqual([]);
    expect(await faults(cloud, after)).toEqual([expect.stringContaining('cannot change from')]);
  });

  it('counts from the next period on where it is the zone or the billing day of an account', async () => {
    const cloud = await cloudWith(manifest('Account', 'a', { zone: 'Asia/Tokyo' }));
    const moved = manifest('Account', 'a', { zone: 'Europe/Berlin', anchor: '2026-01-15', billingDay: 15 });
    expect(await faults(cloud, moved)).toEqual([]);
  });

  it('stays while somebody refers to it', async () => {
    const cloud = await cloudWith(bundle('plan'), manifest('Subscription', 's1', { bundle: 'plan' }));
    await cloud.remove({ kind: 'Bundle', project: null, name: 'plan' });
    await cloud.settle();
    expect(await cloud.condition('Bundle', 'plan')).toMatchObject({
      reason: 'InUse',
      params: { holders: 'Subscription/s1' },
    });
  });
});

describe('a subscription', () => {
  it('names a bundle that is there', async () => {
    const cloud = await cloudWith();
    expect(await faults(cloud, manifest('Subscription', 's1', { bundle: 'nothing' }))).toHaveLength(1);
  });

  it('says what state it is in, before the books do', async () => {
    const cloud = await cloudWith(
      bundle('plan'),
      manifest('Subscription', 'now', { bundle: 'plan' }),
      manifest('Subscription', 'later', { bundle: 'plan', start: '2099-01-01' }),
      manifest('Subscription', 'ending', { bundle: 'plan', end: '2099-01-01' }),
      manifest('Subscription', 'resting', { bundle: 'plan', paused: true }),
    );
    const state = async (name: string) => (await cloud.get('Subscription', name))?.status.state;
    expect(await Promise.all(['now', 'later', 'ending', 'resting'].map(state))).toEqual([
      'ACTIVE',
      'PENDING',
      'CANCELLING',
      'PAUSED',
    ]);
  });

  it('does not end in the past, where it was charged already', async () => {
    const cloud = await cloudWith(bundle('plan'), manifest('Subscription', 's1', { bundle: 'plan' }));
    const ending = (end: string) => manifest('Subscription', 's1', { bundle: 'plan', end });
    expect(await faults(cloud, ending('2001-01-01'))).toEqual([
      expect.stringMatching(/^\/spec\/end: is 2001-01-01, which is over/),
    ]);
    expect(await faults(cloud, ending(day(cloud, 1)))).toEqual([]);
  });
});

describe('money that is wished', () => {
  it.each([
    ['an adjustment without an amount', manifest('Adjustment', 'a', { type: 'CREDIT', reason: 'x' }), '/spec/amount: '],
    [
      'of a line with an invoice',
      manifest('Adjustment', 'a', { type: 'LINE', line: 'I/1', amount: '1', invoice: 'I', reason: 'x' }),
      '/spec/invoice: ',
    ],
    ['a budget of nothing', manifest('Budget', 'b', { amount: '0' }), '/spec/amount: '],
    ['a discount of more than all', manifest('Campaign', 'c', { percentOff: '101' }), '/spec/percentOff: '],
    ['a discount of two kinds', manifest('Campaign', 'c', { percentOff: '1', amountOff: '1' }), '/spec: '],
    [
      'a number that gives no numbers',
      manifest('NumberSeries', 'n', { document: 'invoice', format: 'X-{year}' }),
      '/spec/format: ',
    ],
    [
      "the installation's own numbers",
      manifest('NumberSeries', 'n', { document: 'invoice', format: 'INV-{year}-{n:5}' }),
      '/spec/format: ',
    ],
    [
      'a meter that only excludes',
      manifest('Meter', 'm', { rules: [{ usage: 'u', mode: 'EXCLUDE' }] }),
      '/spec/rules: ',
    ],
    ['a charge twice', bundle('b', { charges: [{ name: 'a' }, { name: 'a' }] }), '/spec/charges/1/name: '],
    [
      'a promise of nothing',
      bundle('b', { charges: [{ name: 'a', type: 'COMMITMENT', of: ['b'] }] }),
      '/spec/charges/0/of/0: ',
    ],
    [
      'the digits of a card',
      manifest('PaymentMethod', 'p', { gateway: 'g', token: 't', last4: '4242424242424242' }),
      '/spec/last4: ',
    ],
  ])('is refused: %s', async (_what, wrong, start) => {
    const cloud = await cloudWith();
    expect(await faults(cloud, wrong)).toEqual([expect.stringContaining(start)]);
  });

  it('in a wallet only rises', async () => {
    const wallet = (amount: string) => manifest('Wallet', 'w', { amount });
    const cloud = await cloudWith(wallet('10.00'));
    expect(await faults(cloud, wallet('9.99'))).toHaveLength(1);
    expect(await faults(cloud, wallet('20'))).toEqual([]);
  });

  it('has numbers that no other series gives', async () => {
    const series = (name: string) => manifest('NumberSeries', name, { document: 'invoice', format: 'D-{year}-{n}' });
    const cloud = await cloudWith(series('one'));
    expect(await faults(cloud, series('two'))).toEqual([expect.stringContaining('which NumberSeries "one" has')]);
  });

  it('is kept by a token that nobody reads again', async () => {
    const cloud = await cloudWith(manifest('PaymentMethod', 'visa', { gateway: 'sandbox', token: 'tok-secret' }));
    expect(JSON.stringify(await cloud.get('PaymentMethod', 'visa'))).not.toContain('tok-secret');
  });
});
