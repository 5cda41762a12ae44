import { describe, expect, it } from '@jest/globals';
import { Announcement } from './kind.ts';
import { phaseOf } from './phase.ts';

const at = (hour: number) => `2026-01-31T${String(hour).padStart(2, '0')}:00:00Z`;
const check = (spec: object) =>
  Announcement.check?.({ spec: { description: '', ...spec } as never, old: null, now: 0 });

describe('an announcement', () => {
  it('of maintenance says when it begins and ends, in that order', () => {
    const type = 'Maintenance';
    expect(check({ type, from: at(1), until: at(2) })).toEqual([]);
    expect(check({ type })).toEqual([expect.objectContaining({ path: '/from' })]);
    expect(check({ type, from: at(1) })).toEqual([expect.objectContaining({ path: '/until' })]);
    expect(check({ type, from: at(2), until: at(2) })).toEqual([
      { path: '/until', message: 'must be after from (2026-01-31T02:00:00Z)' },
    ]);
    expect(check({ type: 'Issue' })).toEqual([]);
  });

  it('is to come, then current from its first instant on, and over at its last', () => {
    const phase = (more: object, hour: number) =>
      phaseOf({ type: 'Maintenance', createdAt: at(0), ...more }, Date.parse(at(hour)));
    const span = { from: at(2), until: at(4) };
    expect([1, 2, 3, 4].map((hour) => phase(span, hour))).toEqual(['upcoming', 'current', 'current', 'past']);
    expect([0, 23].map((hour) => phase({ type: 'Issue' }, hour))).toEqual(['current', 'current']);
    expect(phase({ type: 'Issue', until: at(1) }, 1)).toBe('past');
    const resolution = { type: 'Resolution' as const, createdAt: at(0) };
    const day = Date.parse(at(0)) + 86_400_000;
    expect([day - 1, day].map((now) => phaseOf(resolution, now))).toEqual(['current', 'past']);
  });
});
