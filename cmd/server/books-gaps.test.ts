import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { booksOnPostgres, SHOP } from './books.fixture.ts';

jest.setTimeout(120_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the audit of a cloud that was away', () => {
  let cloud: Awaited<ReturnType<typeof booksOnPostgres>>;
  beforeEach(async () => {
    cloud = await booksOnPostgres();
    await cloud.apply(SHOP);
    await cloud.settle();
  });
  afterEach(async () => {
    await cloud.close();
  });

  /** Stands from now on; without a run, as a volume has none. */
  const stands = async (uid: string, { runId = null }: { runId?: string | null } = {}) => {
    const now = await cloud.books.now();
    await cloud.pool.query(
      `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
      values ($1, $2, 'VirtualMachine', 'shop', 'web', 'acme', 'vm.running', 1, 1, '{}', $3, 'host-1')`,
      [now, uid, runId],
    );
    await cloud.pool.query(
      `insert into journal_levels (uid, meter, seq, level, attributes, run_id) values ($1, 'vm.running', 1, 1, '{}', $2)`,
      [uid, runId],
    );
    await cloud.pool.query(
      "insert into bindings (uid, place, incarnation, state) values ($1, 'host-1', 0, 'confirmed')",
      [uid],
    );
  };
  const covered = (from: number, to: number) =>
    cloud.pool.query(
      `insert into coverage (place, from_at, to_at) values ('host-1', $1, $2)
      on conflict (place, from_at) do update set to_at = excluded.to_at`,
      [from, to],
    );
  const unmetered = async () => {
    const found = (await cloud.open.api.audit()).filter(({ check }) => check === 'what runs is not metered');
    return found.map(({ detail }) => detail).toSorted();
  };

  it('says nothing of a gap that is free, however long it was and whenever it is asked', async () => {
    const began = await cloud.books.now();
    await stands('disk-1');
    await stands('vm-1', { runId: '7' });
    await covered(began, began + 15 * HOUR);
    await cloud.advance(15 * HOUR);
    await cloud.settle();
    expect(await unmetered()).toEqual([]);

    await cloud.advance(10 * DAY);
    expect(await unmetered()).toEqual([]);
    await cloud.settle();
    const back = await cloud.books.now();
    for (let hours = 3; hours <= 60; hours += 3) {
      await covered(back, back + hours * HOUR);
      await cloud.advance(3 * HOUR);
      expect([hours, await unmetered()]).toEqual([hours, []]);
      await cloud.settle();
      expect([hours, await unmetered()]).toEqual([hours, []]);
    }
    expect(cloud.errors).toEqual([]);
  });

  it('tells what was covered for days and never metered, before a gap and after one', async () => {
    const began = await cloud.books.now();
    await stands('disk-1');
    await covered(began, began + 3 * DAY);
    await cloud.advance(3 * DAY);
    // As if a pass had left it out.
    await cloud.pool.query("update books_accounts set settled_at = now_ms() where account = 'acme'");
    expect(await unmetered()).toEqual(['vm.running of disk-1']);
    // The journal is read once a day.
    await cloud.advance(DAY);
    await cloud.settle();
    expect(await unmetered()).toEqual([]);

    await cloud.advance(10 * DAY);
    await cloud.settle();
    const back = await cloud.books.now();
    await covered(back, back + 3 * DAY);
    await cloud.advance(3 * DAY);
    await cloud.pool.query("update books_accounts set settled_at = now_ms() where account = 'acme'");
    expect(await unmetered()).toEqual(['vm.running of disk-1']);
  });
});
