import { describe, expect, it } from '@jest/globals';
import type { Json } from '../../../reconciler/json.ts';
import { CATALOGUE, SETTING_KEYS } from './catalogue.ts';
import { EVERYWHERE, effective } from './effective.ts';
import { type SettingFact, standingAt } from './facts.ts';
import { Setting } from './kind.ts';
import { reportSetting } from './report.ts';

const check = (spec: object) => Setting.check?.({ spec: spec as never, old: null, now: 0 });

let clock = 0;
/** What a write by somebody leaves. */
function fact(change: Partial<SettingFact> & { value?: Json; key?: string; channel?: string; accountType?: string }) {
  const { value = 10, key = 'signIn.sessionHours', channel, accountType, ...rest } = change;
  const spec = { key, value, ...(channel && { channel }), ...(accountType && { accountType }) };
  clock += 1_000;
  return {
    at: clock,
    uid: 'u1',
    name: 'one',
    generation: 1,
    actor: 'user:anna',
    onBehalfOf: null,
    spec,
    deletedAt: null,
    approve: null,
    ...rest,
  } satisfies SettingFact;
}
const LOCK = { key: 'signIn.lockOutAfter' };
const standing = (...facts: SettingFact[]) => standingAt(facts, Number.MAX_SAFE_INTEGER).get('u1');

describe('the catalogue', () => {
  it('has a default that its own type takes, a unit and a sentence for every property', () => {
    for (const key of SETTING_KEYS) {
      const { schema, fallback, unit, description } = CATALOGUE[key];
      expect([key, schema.safeParse(fallback).success]).toEqual([key, true]);
      expect(`${unit} ${description}`).toMatch(/^\S.* .*\.$/);
    }
  });
});

describe('a wish for a property', () => {
  it('that there is not is answered with the one that was probably meant', () => {
    expect(check({ key: 'signIn.sesionHours', value: 10 })).toEqual([
      { path: '/key', message: 'is "signIn.sesionHours", which is no property; did you mean "signIn.sessionHours"?' },
    ]);
  });

  it('with a wrong value hears the place, the value and what would be right', () => {
    const [issue] = check({ key: 'signIn.sessionHours', value: 'long' }) ?? [];
    expect(issue).toEqual({ path: '/value', message: expect.stringMatching(/^is "long"; expected .*In hours/) });
    expect(check({ key: 'signIn.sessionHours', value: 100_000 })?.[0]?.message).toMatch(/^is 100000; .*720/);
    expect(check({ key: 'registration.refusedCountries', value: ['DE', 'Germany'] })?.[0]?.path).toBe('/value/1');
    expect(check({ key: 'billing.budgetMarks', value: [50, 80, 100] })).toEqual([]);
  });

  it('goes only where the property may be set, and to one place', () => {
    expect(check({ key: 'signIn.sessionHours', value: 10, channel: 'direct' })).toEqual([
      {
        path: '/channel',
        message: 'sets "signIn.sessionHours" in the channel direct; it may be set everywhere at once.',
      },
    ]);
    expect(check({ key: 'billing.dueDays', value: 7, channel: 'a', accountType: 'b' })?.[0]?.path).toBe('/accountType');
    const unique = (spec: object) => Setting.uniqueKeys?.({ spec: spec as never, metadata: {} as never });
    expect(unique({ key: 'billing.dueDays', accountType: 'b' })).toEqual(['billing.dueDays/accountType/b']);
    expect(unique({ key: 'billing.dueDays' })).toEqual(['billing.dueDays/global']);
  });
});

describe('what is in force', () => {
  const file = { 'signIn.sessionHours': 8 };
  const of = (key: Parameters<typeof effective>[0], where: object, ...facts: SettingFact[]) => {
    const standings = standingAt(facts, Number.MAX_SAFE_INTEGER);
    return effective(key, { ...EVERYWHERE, ...where }, { standings, file });
  };

  it('is what the narrowest scope says, and else the file, and else the catalogue; the answer says which', () => {
    const facts = [
      fact({ uid: 'g', key: 'billing.collectionWindowHours', value: 2 }),
      fact({ uid: 'c', key: 'billing.collectionWindowHours', value: 3, channel: 'direct' }),
      fact({ uid: 't', key: 'billing.collectionWindowHours', value: 4, accountType: 'retail' }),
    ];
    const hours = (where: object) => {
      const { value, origin } = of('billing.collectionWindowHours', where, ...facts);
      return [value, origin.from === 'setting' ? origin.scope : origin.from];
    };
    expect(hours({})).toEqual([2, 'global']);
    expect(hours({ channel: 'direct' })).toEqual([3, 'channel']);
    expect(hours({ channel: 'other' })).toEqual([2, 'global']);
    expect(hours({ channel: 'direct', accountType: 'retail' })).toEqual([4, 'accountType']);
    expect(of('signIn.sessionHours', {})).toMatchObject({
      value: 8,
      origin: { from: 'file', setting: 'signIn.sessionHours' },
    });
    expect(of('signIn.freshMinutes', {})).toMatchObject({ value: 10, origin: { from: 'default' } });
  });

  it('ends with the object, at the end of its grace; what was before can still be asked', () => {
    const set = fact({ value: 20 });
    const gone = fact({ value: 20, deletedAt: clock + 5_000 });
    const at = (time: number) => standingAt([set, gone], time).get('u1')?.inForce?.value;
    expect([at(set.at - 1), at(set.at), at(gone.at), at(gone.deletedAt ?? 0)]).toEqual([undefined, 20, 20, undefined]);
  });

  it('of a property that needs approval changes once another person agrees to this very value', () => {
    const set = fact({ ...LOCK, value: 9 });
    expect(standing(set)).toMatchObject({ inForce: null, awaiting: { value: 9, by: ['user:anna'] } });
    const own = fact({ ...LOCK, value: 9, approve: '1' });
    expect(standing(set, own)).toMatchObject({ inForce: null });
    const ownKey = fact({ ...LOCK, value: 9, approve: '1', actor: 'key:deploy', onBehalfOf: 'user:anna' });
    expect(standing(set, ownKey)).toMatchObject({ inForce: null });
    const masked = fact({ ...LOCK, value: 9, approve: '1', onBehalfOf: 'user:bert' });
    expect(standing(set, masked)).toMatchObject({ inForce: null });
    const other = fact({ ...LOCK, value: 9, approve: '1', actor: 'user:bert' });
    expect(standing(set, other)).toMatchObject({
      inForce: { value: 9, by: ['user:anna'], approvedBy: 'user:bert', since: other.at },
      awaiting: null,
    });
    const next = fact({ ...LOCK, value: 30, generation: 2, approve: '1' });
    expect(standing(set, other, next)).toMatchObject({ inForce: { value: 9 }, awaiting: { value: 30 } });
    const back = fact({ ...LOCK, value: 9, generation: 3, approve: '1' });
    expect(standing(set, other, next, back)).toMatchObject({ inForce: { value: 9 }, awaiting: null });
  });

  it('is not agreed to before it is wished, nor by anybody who had a hand in it', () => {
    const set = fact({ ...LOCK, value: 9 });
    const early = fact({ ...LOCK, value: 9, approve: '2', actor: 'user:bert' });
    const changed = fact({ ...LOCK, value: 50, generation: 2, approve: '2' });
    expect(standing(set, early, changed)).toMatchObject({ inForce: null, awaiting: { value: 50 } });
    const touched = fact({ ...LOCK, value: 50, generation: 3, approve: '2', actor: 'user:bert' });
    const agreed = fact({ ...LOCK, value: 50, generation: 3, approve: '3' });
    expect(standing(set, early, changed, touched, agreed)).toMatchObject({
      inForce: null,
      awaiting: { by: ['user:anna', 'user:bert'] },
    });
    const third = fact({ ...LOCK, value: 50, generation: 3, approve: '3', actor: 'user:carl' });
    expect(standing(set, early, changed, touched, third)).toMatchObject({ inForce: { approvedBy: 'user:carl' } });
  });
});

describe('a Setting shows itself', () => {
  it('as in force, or as waiting for somebody else, with what holds until then', () => {
    const shown = (...facts: SettingFact[]) => {
      const state = standing(...facts);
      const observed = { sightings: state ? [{ place: 'settings', owned: true, state }] : [], silent: [], asOf: 0 };
      return reportSetting({ object: { metadata: { name: 'one' }, spec: { key } } as never, observed });
    };
    let key = 'signIn.sessionHours';
    expect(shown().conditions).toMatchObject([{ status: 'True', reason: { code: 'CountsAtOnce' } }]);
    key = LOCK.key;
    expect(shown().conditions).toMatchObject([{ status: 'False', reason: { code: 'NeedsApproval' } }]);
    expect(shown(fact({}))).toMatchObject({
      status: { value: 10, by: 'user:anna' },
      conditions: [{ type: 'InForce', status: 'True', reason: { code: 'SettingInForce' } }],
    });
    expect(shown(fact({ ...LOCK }))).toMatchObject({
      status: {},
      conditions: [
        {
          status: 'False',
          reason: { code: 'AwaitsApproval', params: { by: 'user:anna', until: 'the default holds' } },
        },
      ],
    });
  });
});
