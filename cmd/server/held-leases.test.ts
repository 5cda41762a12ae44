import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../test/lab/command.ts';
import { holdLeases } from './held-leases.ts';

describe('the leases of an instance', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('end in their time though the database is away and the clock of the machine was put back', async () => {
    let away = false;
    const answer = async <T>(value: T) => (away ? Promise.reject(new Error('away')) : value);
    const leases = { holdShards: () => answer(new Map([[7, 1]])), holdName: () => answer(1) };
    const errors: unknown[] = [];
    const options = { holder: 'a', leaseMs: 600, onError: (error: unknown) => errors.push(error) };
    const held = await holdLeases(leases, options, () => undefined);
    const stop = new AbortController();
    const beating = held.keep(stop.signal);
    await until('both kinds', () => held.name('sweeper') && held.shards().length === 1);
    away = true;
    const now = Date.now;
    jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
    await until('the end of both', () => held.shards().length === 0 && !held.name('sweeper'));
    expect(errors.length).toBeGreaterThan(0);
    stop.abort();
    await beating;
  });
});
