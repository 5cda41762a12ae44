import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { createDatabase } from './database.ts';
import { createLeases, type Leases } from './leases.ts';
import { createPool } from './pool.ts';

jest.setTimeout(60_000);

describe('leases', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let leases: Leases;
  beforeEach(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    leases = createLeases(createDatabase(pool));
  });
  afterEach(async () => {
    await pool.end();
    await fresh.drop();
  });

  const leaseMs = 30_000;
  const beat = (instance: string) => leases.holdShards({ instance, leaseMs });
  const pass = (ms: number) =>
    pool.query(
      `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${ms}::bigint $$`,
    );

  it('divide the shards fairly among the instances that live', async () => {
    expect((await beat('a')).size).toBe(64);
    expect((await beat('b')).size).toBe(0);
    expect((await beat('a')).size).toBe(32);
    expect((await beat('b')).size).toBe(32);
    await beat('c');
    await beat('a');
    await beat('b');
    const parts = [await beat('a'), await beat('b'), await beat('c')];
    expect(parts.map((part) => part.size).sort()).toEqual([21, 21, 22]);
    expect(new Set(parts.flatMap((part) => [...part.keys()])).size).toBe(64);
  });

  it('keep a shard and its epoch with an instance that renews, and give it a new epoch when it moves', async () => {
    const first = await beat('a');
    expect(await beat('a')).toEqual(first);
    await beat('b');
    await beat('a');
    const moved = await beat('b');
    for (const [shard, epoch] of moved) expect(epoch).toBe((first.get(shard) ?? 0) + 1);
  });

  it('pass on within the lease time when an instance dies, and at once when it leaves', async () => {
    await beat('a');
    await beat('b');
    await beat('a');
    expect((await beat('b')).size).toBe(32);
    await pass(leaseMs - 1_000);
    expect((await beat('b')).size).toBe(32);
    await pass(leaseMs + 1_000);
    expect((await beat('b')).size).toBe(64);
    expect((await beat('a')).size).toBe(0);
    await leases.leave('b');
    expect((await beat('a')).size).toBe(64);
  });

  it('are never held by two, however many beat at once', async () => {
    const instances = ['a', 'b', 'c', 'd', 'e'];
    for (let round = 0; round < 4; round++) {
      const parts = await Promise.all(instances.map(beat));
      const { rows } = await pool.query(
        'select holder, count(*) from shard_leases where holder is not null group by holder',
      );
      const held = parts.reduce((total, part) => total + part.size, 0);
      expect(held).toBeLessThanOrEqual(64 * 2);
      expect(rows.reduce((total, row) => total + row.count, 0)).toBeLessThanOrEqual(64);
    }
    const parts = await Promise.all(instances.map(beat));
    expect(parts.map((part) => part.size).sort()).toEqual([12, 13, 13, 13, 13]);
  });

  it('by name are held by one, with a new epoch for each new holder', async () => {
    const hold = (instance: string) => leases.holdName({ name: 'sweeper', instance, leaseMs });
    const epochs = await Promise.all(['a', 'b', 'c'].map(hold));
    expect(epochs.filter((epoch) => epoch !== null)).toEqual([1]);
    const holder = ['a', 'b', 'c'][epochs.findIndex((epoch) => epoch !== null)] ?? '';
    const other = holder === 'a' ? 'b' : 'a';
    expect(await hold(holder)).toBe(1);
    expect(await hold(other)).toBeNull();
    await pass(leaseMs + 1_000);
    expect(await hold(other)).toBe(2);
    expect(await hold(holder)).toBeNull();
    await leases.leaveName({ name: 'sweeper', instance: other });
    expect(await hold(holder)).toBe(3);
    await leases.leave(holder);
    expect(await hold(other)).toBe(4);
  });
});
