import { describe, expect, it } from '@jest/globals';
import { rational } from '../money/rational.ts';
import { type CoverageRow, chargeable, type LevelRow } from './journal.ts';

const HOUR = 3_600_000;
const level = (seq: number, hour: number, more: Partial<LevelRow> = {}): LevelRow => ({
  uid: 'vm-1',
  meter: 'vm.running',
  seq,
  at: hour * HOUR,
  recordedAt: hour * HOUR,
  level: rational(1n),
  attributes: {},
  place: 'host-1',
  runId: 'run-1',
  ...more,
});
const covered = (from: number, to: number, place = 'host-1'): CoverageRow => ({
  place,
  from: from * HOUR,
  to: to * HOUR,
  recordedAt: to * HOUR,
});
const OFF = { level: rational(0n), runId: null };
const hours = (levels: LevelRow[], coverage: CoverageRow[], policy: 'FREE' | 'CHARGE' = 'FREE') =>
  chargeable(levels, coverage, policy).map(({ from, to }) => [from / HOUR, to / HOUR]);

describe('what was observed is charged (BR-38)', () => {
  it('while it was seen to stand, and no longer', () => {
    expect(hours([level(1, 0), level(2, 5, OFF)], [covered(0, 3), covered(3, 9)])).toEqual([
      [0, 3],
      [3, 5],
    ]);
  });

  it('nothing for what never ran, and nothing where nobody has looked yet', () => {
    expect(hours([level(1, 0, OFF)], [covered(0, 9)])).toEqual([]);
    expect(hours([level(1, 0)], [])).toEqual([]);
    expect(hours([level(1, 0)], [covered(0, 3, 'host-2')])).toEqual([]);
  });

  it('a hole in which the same run stood on', () => {
    expect(hours([level(1, 0)], [covered(0, 3), covered(6, 9)])).toEqual([
      [0, 3],
      [3, 9],
    ]);
  });

  it('but not a hole after which another run stood, unless the policy says so', () => {
    const levels = [level(1, 0), level(2, 6, { runId: 'run-2' })];
    const seen = [covered(0, 3), covered(6, 9)];
    expect(hours(levels, seen)).toEqual([
      [0, 3],
      [6, 9],
    ]);
    expect(hours(levels, seen, 'CHARGE')).toEqual([
      [0, 3],
      [3, 6],
      [6, 9],
    ]);
  });

  it('not a hole in what has no runs, such as a volume', () => {
    expect(hours([level(1, 0, { runId: null })], [covered(0, 3), covered(6, 9)])).toEqual([
      [0, 3],
      [6, 9],
    ]);
  });

  it('every instant once, where coverage overlaps or levels change inside it', () => {
    const resized = [level(1, 0), level(2, 4, { level: rational(2n) })];
    expect(hours(resized, [covered(0, 5), covered(3, 9)])).toEqual([
      [0, 4],
      [4, 5],
      [5, 9],
    ]);
  });

  it('the same windows with the same names, however often it is read', () => {
    const read = () => chargeable([level(1, 0)], [covered(0, 3), covered(6, 9)], 'FREE');
    expect(read()).toEqual(read());
    expect(new Set(read().map(({ id }) => id)).size).toBe(2);
  });
});
