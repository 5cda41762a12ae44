import { describe, expect, it } from '@jest/globals';
import { dueRuns, parametersOf, type ScheduleRule, scheduledProblems } from './schedule.ts';

const rule = (more: Partial<ScheduleRule> = {}): ScheduleRule => ({
  every: 'day',
  at: '06:00',
  zone: 'Europe/Berlin',
  ...more,
});
const between = (after: string, until: string) => ({ after: Date.parse(after), until: Date.parse(until) });
const shown = (runs: ReturnType<typeof dueRuns>) =>
  runs.map(({ at, from, to }) => [new Date(at).toISOString(), from, to].join(' '));

describe('a scheduled report', () => {
  it('is due each local morning about the day before, across the change of the clocks', () => {
    expect(shown(dueRuns(rule(), between('2026-03-28T05:00:00Z', '2026-03-30T04:00:00Z')))).toEqual([
      '2026-03-29T04:00:00.000Z 2026-03-28 2026-03-28',
      '2026-03-30T04:00:00.000Z 2026-03-29 2026-03-29',
    ]);
  });

  it('is due on the first about the whole month before', () => {
    const monthly = rule({ every: 'month', zone: 'UTC' });
    expect(shown(dueRuns(monthly, between('2026-01-15T00:00:00Z', '2026-03-01T06:00:00Z')))).toEqual([
      '2026-02-01T06:00:00.000Z 2026-01-01 2026-01-31',
      '2026-03-01T06:00:00.000Z 2026-02-01 2026-02-28',
    ]);
    expect(dueRuns(monthly, between('2026-03-01T06:00:00Z', '2026-03-31T06:00:00Z'))).toEqual([]);
  });

  it('misses no date in any two walks of one stretch, and makes none twice', () => {
    const whole = shown(dueRuns(rule(), between('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')));
    const parts = ['2026-01-01T00:00:00Z', '2026-01-09T05:00:00Z', '2026-01-09T05:00:01Z', '2026-02-01T00:00:00Z'];
    const walked = parts.slice(1).flatMap((until, index) => shown(dueRuns(rule(), between(parts[index] ?? '', until))));
    expect(walked).toEqual(whole);
    expect(whole).toHaveLength(31);
  });

  it('gives up what is long past, rather than flood its readers', () => {
    const runs = dueRuns(rule(), between('2020-01-01T00:00:00Z', '2026-01-01T12:00:00Z'));
    expect(runs).toHaveLength(62);
    expect(runs.at(-1)?.to).toBe('2025-12-31');
  });

  it('is asked for its days where it takes some, as of the due time', () => {
    const [run] = dueRuns(
      rule({ every: 'month', zone: 'UTC' }),
      between('2026-01-15T00:00:00Z', '2026-02-02T00:00:00Z'),
    );
    const asked = { given: { top: '5' }, zone: 'UTC', run: run as NonNullable<typeof run> };
    const asOf = '2026-02-01T06:00:00.000Z';
    expect(parametersOf('top-customers', asked)).toEqual({
      top: '5',
      zone: 'UTC',
      from: '2026-01-01',
      to: '2026-01-31',
      asOf,
    });
    expect(parametersOf('spend-versus-budget', asked)).toEqual({ top: '5', zone: 'UTC', month: '2026-01', asOf });
  });

  it('may not say the days itself, nor what its report does not take', () => {
    expect(scheduledProblems('tax', { from: '2026-01-01', colour: 'red', currency: 'euro' })).toEqual([
      { parameter: 'from', message: 'follows from the due time: leave it out.' },
      { parameter: 'currency', message: expect.stringContaining('an ISO 4217 code') },
      { parameter: 'colour', message: 'is nothing that tax takes: leave it out.' },
    ]);
    expect(scheduledProblems('customer-activity', {})).toEqual([expect.objectContaining({ parameter: 'account' })]);
  });
});
