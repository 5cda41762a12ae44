import { describe, expect, it } from '@jest/globals';
import { paintOf } from '../io.ts';
import { hasChanges, type PlanView, reviewText } from './review.ts';

const key = (name: string) => ({ kind: 'VirtualMachine', project: 'shop', name });
const object = (name: string, more: Partial<PlanView['objects'][number]>): PlanView['objects'][number] => ({
  key: key(name),
  change: 'unchanged',
  changes: [],
  ready: true,
  gone: false,
  reason: 'Ready',
  message: 'Everything is as wished.',
  ...more,
});
const step = (name: string, more: Partial<PlanView['steps'][number]>): PlanView['steps'][number] => ({
  ...key(name),
  verb: 'define',
  args: {},
  risk: 'none',
  message: 'It differs.',
  changes: [],
  ok: true,
  error: null,
  ...more,
});
const review = (plan: Partial<PlanView>) =>
  reviewText({ id: null, complete: true, objects: [], steps: [], ...plan }, paintOf(false));

describe('a plan as a review', () => {
  it('says when there is nothing to do', () => {
    expect(review({ objects: [object('web', {})] })).toBe('Nothing to do: everything is as wished.\n');
    expect(hasChanges({ id: null, complete: true, objects: [object('web', {})], steps: [] })).toBe(false);
  });

  it('shows what changes field by field, what it costs, and in which order', () => {
    const plan = {
      objects: [
        object('new', {
          change: 'created',
          changes: [
            { path: '/cpus', from: null, to: 2 },
            { path: '/firmware', from: null, to: 'bios' },
          ],
        }),
        object('web', {
          change: 'configured',
          changes: [
            { path: '/memoryMiB', from: 64, to: 128 },
            { path: '/hostname', from: 'web', to: null },
          ],
        }),
        object('old', { change: 'deleted', gone: true, ready: false }),
        object('near', { change: 'affected' }),
        object('same', {}),
      ],
      steps: [
        step('web', { verb: 'restart', risk: 'restart', changes: [{ path: 'domain/memoryMiB', from: 64, to: 128 }] }),
        step('old', { verb: 'remove', risk: 'dataLoss' }),
      ],
    } satisfies Partial<PlanView>;
    expect(review(plan)).toBe(`+ VirtualMachine/shop/new created
    + cpus: 2
~ VirtualMachine/shop/web configured, restarts it
    ~ memoryMiB: 64 → 128
    - hostname: "web"
- VirtualMachine/shop/old deleted, LOSES DATA
! VirtualMachine/shop/near follows from the others

Steps, in order:
  1. restart VirtualMachine/shop/web  It differs.  [restarts it]
       ~ domain/memoryMiB: 64 → 128
  2. remove VirtualMachine/shop/old  It differs.  [LOSES DATA]

Plan: 1 to create, 1 to change, 1 to delete; 2 steps; 1 restarted, 1 LOSE DATA.
`);
  });

  it('says what would not be ready, what would fail, and what was cut off', () => {
    const text = review({
      complete: false,
      objects: [object('web', { change: 'created', ready: false, message: 'No host has room.' })],
      steps: [step('web', { ok: false, error: 'Sparks.' })],
    });
    expect(text).toContain('Not ready in the end: VirtualMachine/shop/web: No host has room.');
    expect(text).toContain('would fail: Sparks.');
    expect(text).toContain('Still at work after the ten minutes');
  });

  it('never shows a sealed value', () => {
    const changes = [{ path: '/data/token', from: null, to: 'sealed:v1:0123456789abcdef:k1:Zm9v' }];
    expect(review({ objects: [object('s', { change: 'created', changes })] })).toContain(
      'data.token: "(sealed 01234567)"',
    );
  });
});
