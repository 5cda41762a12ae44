import { describe, expect, it } from '@jest/globals';
import type { Refs } from '../../../reconciler/kind.ts';
import { Source, type SourceSpec } from './kind.ts';
import type { SourceSight } from './observe.ts';
import { planSource, type SourceInput } from './plan.ts';
import { reportSource } from './report.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const REPORT = { revision: 'aaaa', files: 1, applied: 1, unchanged: 2, pruned: 0, errors: [] };
const ERROR = { file: 'web.yaml', line: 3, column: 5, message: 'is wrong' };

function input(more: { spec?: Partial<SourceSpec>; sight?: Partial<SourceSight>; deleting?: boolean }): SourceInput {
  const spec = { folder: '/m', intervalSeconds: 60, prune: true, allowEmpty: false, suspend: false, ...more.spec };
  const last = { at: NOW - 1000, generation: 1, report: REPORT };
  const state: SourceSight = { revision: 'aaaa', error: null, last, ...more.sight };
  return {
    object: { spec, metadata: { generation: 1 } } as SourceInput['object'],
    observed: { sightings: [{ place: 'source', owned: true, state }], silent: [], asOf: NOW },
    refs: { at: () => undefined, all: () => [] } as Refs,
    now: NOW,
    claims: null,
    bindings: [],
    children: {},
    deleting: more.deleting ?? false,
    installationId: 'i',
  };
}
const plan = (more: Parameters<typeof input>[0]) => planSource(input(more));
const conditions = (more: Parameters<typeof input>[0]) =>
  reportSource({ ...input(more) }).conditions.map((c) => `${c.type} ${c.status} ${c.reason.code}`);
const last = (more: object, report: object = {}) => ({
  at: NOW - 1000,
  generation: 1,
  report: { ...REPORT, ...report },
  ...more,
});

describe('when a source is synced', () => {
  it.each([
    ['it never was', { last: null }, 'FirstSync'],
    ['it moved', { revision: 'bbbb' }, 'NewRevision'],
    ['its own settings changed', { last: last({ generation: 0 }) }, 'WishChanged'],
    ['errors were met an interval ago', { last: last({ at: NOW - 60_000 }, { errors: [ERROR] }) }, 'RetryDue'],
    ['nobody compared for ten minutes', { last: last({ at: NOW - 600_000 }) }, 'CheckDue'],
  ])('because %s', (_, sight, code) =>
    expect(plan({ sight })).toMatchObject({ steps: [{ verb: 'sync', why: { code }, risk: 'none' }] }),
  );

  it.each([
    ['nothing changed', {}],
    ['it is suspended', { spec: { suspend: true }, sight: { revision: null } }],
    ['it is being deleted', { deleting: true, sight: { last: null } }],
  ])('not when %s', (_, more) => expect(plan(more)).toEqual({ steps: [] }));

  it('and waits, saying why, while it cannot be read or its manifests are wrong', () => {
    const error = { code: 'Unreachable' as const, message: 'no route' };
    expect(plan({ sight: { revision: null, error } })).toEqual({
      waiting: { code: 'SourceUnavailable', params: { message: 'no route' } },
      afterMs: 60_000,
    });
    expect(plan({ sight: { last: last({}, { errors: [ERROR, ERROR] }) } })).toEqual({
      waiting: { code: 'ManifestsRefused', params: { count: 2, first: 'web.yaml:3:5: is wrong' } },
      afterMs: 60_000,
    });
  });
});

describe('what a source shows', () => {
  it('is how it was fetched and applied', () => {
    expect(conditions({})).toEqual(['Fetched True Fetched', 'Applied True Applied']);
    expect(conditions({ sight: { revision: 'bbbb' } })).toEqual([
      'Fetched True Fetched',
      'Applied False NotYetApplied',
    ]);
    expect(conditions({ sight: { revision: null } })).toEqual([
      'Fetched False SourceUnavailable',
      'Applied True Applied',
    ]);
    expect(conditions({ sight: { last: last({}, { errors: [ERROR] }) } })[1]).toBe('Applied False ManifestsRefused');
    expect(conditions({ spec: { suspend: true }, sight: { last: null } })[1]).toBe('Applied False Suspended');
  });

  it('is the first of its errors, and their number', () => {
    const errors = Array.from({ length: 30 }, () => ERROR);
    const { status } = reportSource({ ...input({ sight: { last: last({}, { errors }) } }) });
    expect(status).toMatchObject({
      revision: 'aaaa',
      objects: 3,
      changed: 1,
      errorCount: 30,
      syncedAt: '2026-01-01T11:59:59.000Z',
    });
    expect(status.errors).toHaveLength(20);
  });
});

describe('what a source may be', () => {
  const issues = (spec: object) =>
    Source.check?.({ spec: { ...(Source.spec.parse(spec) as object) } as never, old: null, now: 0 });

  it('is a folder or a branch', () => {
    expect(issues({ folder: 'a' })).toEqual([]);
    expect(issues({ git: { url: 'git@git.example.org:a.git' } })).toEqual([]);
    expect(issues({})).toEqual([expect.objectContaining({ message: expect.stringContaining('found none') })]);
    expect(issues({ folder: 'a', git: { url: 'https://x.example/y' } })).toHaveLength(1);
  });

  it.each(['ext::sh', 'http://x.example/y', '--upload-pack=x', 'https://u:p@x.example/y'])('refuses %s', (url) =>
    expect(issues({ git: { url } })).toEqual([expect.objectContaining({ path: '/git/url' })]),
  );

  it('stays within its repository', () => {
    expect(issues({ git: { url: 'https://x.example/y', path: '../z' } })).toEqual([
      expect.objectContaining({ path: '/git/path' }),
    ]);
  });
});
