import { describe, expect, it } from '@jest/globals';
import { prunePlan } from './prune.ts';

const key = (i: number) => ({ kind: 'Machine', project: 'demo', name: `m${i}` });
const keys = (count: number) => Array.from({ length: count }, (_, i) => key(i));
const held = (count: number) => keys(count).map((k) => ({ key: k, shared: false }));

describe('what a source no longer holds', () => {
  it('is removed, and nothing else', () => {
    expect(prunePlan({ held: held(4), wanted: keys(3), allowEmpty: false })).toEqual({ remove: [key(3)] });
    expect(prunePlan({ held: held(3), wanted: keys(5), allowEmpty: false })).toEqual({ remove: [] });
    expect(prunePlan({ held: [], wanted: [], allowEmpty: false })).toEqual({ remove: [] });
  });

  it('stays when another source owns a part of it', () => {
    const both = [
      { key: key(0), shared: true },
      { key: key(1), shared: false },
      { key: key(2), shared: false },
    ];
    expect(prunePlan({ held: both, wanted: [key(2)], allowEmpty: false })).toEqual({ remove: [key(1)] });
  });

  it('stays when the source is empty or lost most of it, unless that is allowed', () => {
    expect(prunePlan({ held: held(1), wanted: [], allowEmpty: false })).toEqual({
      refused: expect.stringContaining('its 1 object stay'),
    });
    expect(prunePlan({ held: held(10), wanted: keys(4), allowEmpty: false })).toEqual({
      refused: expect.stringContaining('6 of its 10 objects would be removed at once'),
    });
    expect(prunePlan({ held: held(10), wanted: keys(5), allowEmpty: false })).toEqual({ remove: keys(10).slice(5) });
    expect(prunePlan({ held: held(10), wanted: [], allowEmpty: true })).toEqual({ remove: keys(10) });
  });
});
