import { describe, expect, it } from '@jest/globals';
import { type Access, allows, type Target } from '../../reconciler/access/access.ts';
import { type Rule, VERBS } from '../../reconciler/access/rule.ts';
import { type Standing, statementsOf } from '../../reconciler/access/standing.ts';
import { AUTHORITIES, type Authority } from '../../resources/identity/role/authorities.ts';
import { PROFILES } from '../../resources/identity/role/profiles.ts';

/** Removing any one rule of the table, or any one authority of a profile, changes what somebody may do: none is there for nothing. */
const STANDING: Standing = {
  user: 'me',
  account: 'acme',
  memberships: ['acme-one', 'bolt-joined'],
  accounts: new Map([['acme', { accounts: ['acme'], projects: ['acme-one', 'acme-two'] }]]),
  channels: new Map([['direct', { accounts: ['acme', 'apex'], projects: ['acme-one', 'acme-two', 'apex-one'] }]]),
  channel: 'direct',
};

const PLACES: readonly Omit<Target, 'kind'>[] = [
  { project: 'acme-one', createdBy: 'user:me' },
  { project: 'acme-two', createdBy: 'user:olga' },
  { project: 'bolt-joined', createdBy: 'user:ben' },
  { project: 'bolt-joined', createdBy: 'user:me' },
  { project: 'apex-one', createdBy: 'user:xena' },
  { project: 'bolt-one', createdBy: 'user:ben' },
  { project: 'bolt-one', createdBy: 'user:ben', public: true },
  { project: null, name: 'acme', account: 'acme', createdBy: 'user:me' },
  { project: null, name: 'acme-x', account: 'acme', createdBy: 'user:olga' },
  { project: null, name: 'me', account: 'acme', user: 'me', createdBy: 'user:olga' },
  { project: null, name: 'k', account: null, user: 'me', createdBy: 'user:olga' },
  { project: null, name: 'bolt-joined', account: 'bolt', createdBy: 'user:ben' },
  { project: null, name: 'bolt', account: 'bolt', createdBy: 'user:ben' },
  { project: null, name: 'z', account: null, createdBy: 'token:admin' },
];

function decisions(rules: readonly Rule[]): string {
  const statements = statementsOf({ name: 'r', side: 'customer', rules }, {}, STANDING);
  const access: Access = { root: false, statements, limits: null, within: null, refused: [] };
  const kinds = [
    ...new Set(Object.values(AUTHORITIES).flatMap((all) => all.flatMap((rule): readonly string[] => rule.kinds))),
  ];
  const fields = [
    ...new Set(Object.values(AUTHORITIES).flatMap((all) => all.flatMap((rule: Rule) => rule.fields ?? []))),
  ];
  const cells = kinds.flatMap((kind) =>
    PLACES.flatMap((place) => {
      const target = { kind, ...place };
      const verbs = VERBS.map((verb) => allows(access, verb, target));
      return [...verbs, ...fields.map((field) => allows(access, 'update', target, [field]))];
    }),
  );
  return cells.map((cell) => (cell ? '1' : '0')).join('');
}

const without = <T>(list: readonly T[], index: number) => list.filter((_, at) => at !== index);

describe('every rule is needed', () => {
  const rules = Object.entries(AUTHORITIES).flatMap(([name, all]: [string, readonly Rule[]]) =>
    all.map((rule, index) => [name, JSON.stringify(rule.kinds), rule.scope, { all, index }] as const),
  );
  it.each(rules)('%s: %s (%s)', (_name, _kinds, _scope, { all, index }) => {
    expect(decisions(without(all, index)) === decisions(all)).toBe(false);
  });
});

describe('every verb and kind of a rule is needed', () => {
  const parts = Object.entries(AUTHORITIES).flatMap(([name, all]: [string, readonly Rule[]]) =>
    all.flatMap((rule, at) => [
      ...rule.kinds.map(
        (kind, index) => [name, kind, { all, at, smaller: { ...rule, kinds: without(rule.kinds, index) } }] as const,
      ),
      ...rule.verbs.map(
        (verb, index) => [name, verb, { all, at, smaller: { ...rule, verbs: without(rule.verbs, index) } }] as const,
      ),
    ]),
  );
  it.each(parts)('%s: %s', (_name, _part, { all, at, smaller }) => {
    const changed = all.map((rule, index) => (index === at ? smaller : rule));
    expect(decisions(changed) === decisions(all)).toBe(false);
  });
});

describe('every authority of a profile is needed', () => {
  const profiles = Object.entries(PROFILES).filter(([name]) => name !== 'root');
  const rulesOf = (names: readonly Authority[]) => names.flatMap((name): readonly Rule[] => AUTHORITIES[name]);
  it.each(
    profiles.flatMap(([name, { authorities }]) =>
      authorities.map((authority, index) => [name, authority, { authorities, index }] as const),
    ),
  )('%s: %s', (_profile, _authority, { authorities, index }) => {
    expect(decisions(rulesOf(without(authorities, index))) === decisions(rulesOf(authorities))).toBe(false);
  });
});
