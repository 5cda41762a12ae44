import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { API_VERSION, emptyStatus, newMetadata, type StoredObject } from '../object.ts';
import { type Access, allows, type Reach, type Statement, targetOf } from './access.ts';
import { fits, visible } from './filter.ts';
import { VERBS } from './rule.ts';

const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const names = fc.subarray([...NAMES]);

const reach: fc.Arbitrary<Reach> = fc.oneof(
  fc.constant<Reach>({ kind: 'all' }),
  fc.constant<Reach>({ kind: 'public' }),
  fc.record({
    kind: fc.constant('some' as const),
    accounts: names,
    projects: names,
    own: fc.option(name.map((user) => ({ actor: `user:${user}`, user }))),
  }),
);
const kinds = ['Thing', 'Global', 'Account', 'Project', 'User'] as const;
const statement: fc.Arbitrary<Statement> = fc.record({
  role: fc.constant('r'),
  side: fc.constant('customer'),
  rule: fc.record({
    verbs: fc.subarray([...VERBS, '*' as const], { minLength: 1 }),
    kinds: fc.subarray([...kinds, '*'], { minLength: 1 }),
    scope: fc.constant('all' as const),
    selector: fc.option(fc.constant({ team: 'web' }), { nil: undefined }),
  }),
  reach,
});
const limit = fc.record({ verb: fc.constantFrom('*', 'get', 'list', 'create'), kind: fc.constantFrom('*', ...kinds) });
const access: fc.Arbitrary<Access> = fc.record({
  root: fc.constant(false),
  statements: fc.array(statement, { maxLength: 4 }),
  limits: fc.option(fc.array(limit, { maxLength: 2 })),
  within: fc.option(names),
  refused: fc.array(limit, { maxLength: 1 }),
});

const object: fc.Arbitrary<StoredObject> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    name,
    project: name,
    account: name,
    user: name,
    by: name,
    web: fc.boolean(),
    open: fc.boolean(),
  })
  .map(({ kind, name: called, project, account, user, by, web, open }) => ({
    apiVersion: API_VERSION,
    kind,
    metadata: newMetadata({
      uid: 'u',
      name: called,
      project: kind === 'Thing' ? project : null,
      labels: web ? { team: 'web' } : {},
      createdAt: '2026-01-01T00:00:00.000Z',
      createdBy: `user:${by}`,
      sharing: open ? 'public' : 'own',
    }),
    spec: { account, user },
    status: emptyStatus(),
  }));

describe('what a list shows', () => {
  it('is what may be got one by one, for whatever rights and objects there are', () => {
    fc.assert(
      fc.property(access, object, (rights, thing) => {
        const kind = { kind: thing.kind, scope: thing.kind === 'Thing' ? ('project' as const) : ('global' as const) };
        const filter = visible(rights, kind);
        expect(filter === null || fits(filter, thing)).toBe(allows(rights, 'get', targetOf(thing)));
      }),
      { seed: 4, numRuns: 3_000 },
    );
  });
});
