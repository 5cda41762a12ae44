import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ShardRow, shareShards } from './share-shards.ts';

const NOW = 1_000_000;
const LEASE = 1_000;

/** Plays one beat of an instance over the table. */
function beat(rows: ShardRow[], instance: string, { live, now }: { live: string[]; now: number }): ShardRow[] {
  const share = shareShards(rows, { instance, live, now });
  return rows.map((row) => {
    if (share.giveUp.includes(row.shard)) return { ...row, holder: null, lease_until: 0 };
    if (share.take.includes(row.shard))
      return { ...row, holder: instance, epoch: row.epoch + 1, lease_until: now + LEASE };
    return share.keep.includes(row.shard) ? { ...row, lease_until: now + LEASE } : row;
  });
}

const empty = (): ShardRow[] =>
  Array.from({ length: 64 }, (_, shard) => ({ shard, holder: null, epoch: 0, lease_until: 0 }));

describe('sharing out the shards', () => {
  it('gives a lone instance all of them', () => {
    expect(shareShards(empty(), { instance: 'a', live: ['a'], now: NOW }).take).toHaveLength(64);
  });

  it('never takes from a holder whose lease is good', () => {
    const held = empty().map((row) => ({ ...row, holder: 'a', lease_until: NOW + 1 }));
    expect(shareShards(held, { instance: 'b', live: ['a', 'b'], now: NOW })).toEqual({
      keep: [],
      take: [],
      giveUp: [],
    });
  });

  it('takes from a holder that is gone', () => {
    const held = empty().map((row) => ({ ...row, holder: 'dead', lease_until: NOW }));
    expect(shareShards(held, { instance: 'b', live: ['b'], now: NOW }).take).toHaveLength(64);
  });

  it('comes to equal parts within two beats of each, whoever comes and goes', () => {
    const crowd = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(crowd, crowd, (before, after) => {
        let rows = empty();
        let now = NOW;
        for (const live of [before, after]) {
          for (let round = 0; round < 2; round++) {
            // Those that left have not renewed, and their leases run out.
            now += LEASE;
            for (const instance of live) rows = beat(rows, instance, { live, now });
          }
          const counts = live.map((instance) => rows.filter(({ holder }) => holder === instance).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(counts.reduce((total, count) => total + count, 0)).toBe(64);
        }
      }),
    );
  });
});
