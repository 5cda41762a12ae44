import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../json.ts';
import { leavesOf, mergeOwnership } from './ownership.ts';

const merge = (input: Partial<Parameters<typeof mergeOwnership>[0]> & { wished: JsonObject }) =>
  mergeOwnership({ current: {}, managed: {}, source: 'git', filled: () => input.wished, takeOver: false, ...input });

describe('who owns which field', () => {
  it('a source that leaves out what it set before gives it up; others keep theirs', () => {
    const merged = merge({
      current: { cpus: 2, memory: 1, label: 'x' },
      managed: { git: ['/cpus', '/memory'], portal: ['/label'] },
      wished: { cpus: 4 },
    });
    expect(merged).toEqual({
      wish: { label: 'x', cpus: 4 },
      managed: { portal: ['/label'], git: ['/cpus'] },
      conflicts: [],
    });
  });

  it('only a different value on another source’s field is a conflict', () => {
    const other = { current: { cpus: 2 }, managed: { portal: ['/cpus'] } };
    expect(merge({ ...other, wished: { cpus: 2 } }).conflicts).toEqual([]);
    expect(merge({ ...other, wished: { cpus: 3 } }).conflicts).toEqual([
      { path: '/cpus', owner: 'portal', has: 2, asked: 3 },
    ]);
  });

  it('a list that only leaves defaults out is the same list', () => {
    const current = { disks: [{ name: 'root', bus: 'virtio' }] };
    const wished = { disks: [{ name: 'root' }] };
    expect(merge({ current, managed: { portal: ['/disks'] }, wished, filled: () => current }).conflicts).toEqual([]);
    expect(merge({ current, managed: { portal: ['/disks'] }, wished }).conflicts).toHaveLength(1);
  });

  it('a field inside or around another source’s field conflicts as well', () => {
    const other = { current: { a: { b: 1 } }, managed: { portal: ['/a/b'] } };
    expect(merge({ ...other, wished: { a: [] } }).conflicts.map(({ path }) => path)).toEqual(['/a']);
  });

  it('taking over moves the field from one to the other', () => {
    const merged = merge({ current: { cpus: 2 }, managed: { portal: ['/cpus'] }, wished: { cpus: 3 }, takeOver: true });
    expect(merged).toEqual({ wish: { cpus: 3 }, managed: { git: ['/cpus'] }, conflicts: [] });
  });

  it('what one source alone wishes comes out as it went in, whatever the names of its fields', () => {
    const spec = fc.dictionary(
      fc.string({ minLength: 1 }),
      fc.oneof(fc.integer(), fc.array(fc.integer()), fc.dictionary(fc.string({ minLength: 1 }), fc.integer())),
    );
    fc.assert(
      fc.property(spec, (wished) => {
        const { wish, managed } = merge({ wished: wished as JsonObject });
        expect(leavesOf(wish)).toEqual(leavesOf(wished as JsonObject));
        expect(managed.git).toEqual([...leavesOf(wished as JsonObject).keys()]);
      }),
    );
  });
});
