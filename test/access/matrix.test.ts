import { describe, expect, it } from '@jest/globals';
import { rootFields, roots } from '../../graphql/root-fields.ts';
import type { Rule, Verb } from '../../reconciler/access/rule.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { AUTHORITIES } from '../../resources/identity/role/authorities.ts';
import { PROFILES } from '../../resources/identity/role/profiles.ts';
import { KINDS, REGISTRY } from '../../resources/registry.ts';
import {
  belongsToSomebody,
  createTenants,
  ME,
  nameOf,
  projectOf,
  RELATIONS,
  type Relation,
  SCHEMA,
  specFor,
  type Tenants,
} from '../fixtures/tenants.ts';

/**
 * What the table says, read in the plainest way there is, against what the API does: every predefined role × every kind × every
 * operation × whose the thing is.
 */
const KNOWN = KINDS as readonly AnyKind[];
/** Who these are about decides too: see people.test.ts. */
const KINDS_OF_PEOPLE = ['User', 'ApiKey', 'Role', 'Masquerade'];

function rulesOf(profile: string): readonly Rule[] {
  const { authorities = [], rules = [] } = PROFILES[profile] ?? {};
  return [...authorities.flatMap((name): readonly Rule[] => AUTHORITIES[name]), ...rules];
}

/** From whom a scope takes in things, for a person of the account who is a member of no project. */
const REACHED: Record<string, readonly Relation[]> = {
  own: ['own'],
  project: [],
  account: ['own', 'account'],
  channel: ['own', 'account', 'channel'],
  all: RELATIONS,
  public: [],
};

function expected(profile: string, verb: Verb, { kind, relation }: { kind: AnyKind; relation: Relation }): boolean {
  return rulesOf(profile).some(({ verbs, kinds, scope, fields }) => {
    if (!(verbs.includes(verb) || verbs.includes('*')) || !(kinds.includes(kind.kind) || kinds.includes('*')))
      return false;
    if (fields !== undefined && verb === 'update') return false;
    if (scope === 'public') return kind.scope === 'global';
    if (!belongsToSomebody(kind)) return scope === 'all';
    // An account is nobody's own: whoever made it, it is the account of all its people.
    if (kind.kind === 'Account' && scope === 'own') return false;
    // What somebody makes in a project of the account is the maker's own.
    if (scope === 'own' && verb === 'create') return relation === 'own' || relation === 'account';
    return REACHED[scope]?.includes(relation) ?? false;
  });
}

interface Cell {
  kind: AnyKind;
  relation: Relation;
}

const CELLS: Cell[] = KNOWN.flatMap((kind) =>
  (belongsToSomebody(kind) ? RELATIONS : (['own'] as const)).map((relation) => ({ kind, relation })),
);

const key = ({ kind, relation }: Cell) => ({
  kind: kind.kind,
  name: nameOf(kind, relation),
  ...(kind.scope === 'project' ? { project: projectOf(relation) } : {}),
});

const ISSUES = '{ __typename ... on AdmissionFailure { issues { code path message } } }';
type Issues = { issues?: { code: string; path: string; message: string }[] };

/** Refused for want of permission, or because the thing is not there for the caller. */
const refused = ({ issues = [] }: Issues) =>
  issues.some(
    ({ code, path }) =>
      code === 'Denied' ||
      (code === 'RefMissing' && path === '') ||
      // The name is taken by something that the caller does not see.
      (code === 'Conflict' && path === '/metadata/name'),
  );

describe.each(Object.keys(PROFILES).filter((name) => PROFILES[name]?.side !== 'project'))('as %s', (profile) => {
  let tenants: Tenants;
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const answer = await tenants.as(ME)(query, variables);
    // The same networks and formats stand in every project here; admission finds that only once all else is allowed.
    const twice = answer.errors.some(({ message }) => message.includes('met a unique key'));
    if (!twice) expect(answer.errors).toEqual([]);
    return twice ? { done: {} } : answer.data;
  };
  const start = () => {
    tenants = createTenants([{ role: profile }]);
  };
  const wrong = async (verb: Verb, cells: readonly Cell[], allowed: (cell: Cell) => Promise<boolean>) => {
    const found: string[] = [];
    for (const cell of cells) {
      const is = await allowed(cell);
      const should = expected(profile, verb, cell);
      if (is !== should) found.push(`${verb} ${cell.kind.kind} (${cell.relation}): ${is}, should be ${should}`);
    }
    return found;
  };
  const written = CELLS.filter(({ kind }) => !KINDS_OF_PEOPLE.includes(kind.kind));

  it('sees what the table says, in every way to look', async () => {
    start();
    const single = (cell: Cell) =>
      ask(
        'query ($kind: String!, $name: String!, $project: String) { object(kind: $kind, name: $name, project: $project) { name metadata { uid } } }',
        key(cell),
      );
    expect(await wrong('get', CELLS, async (cell) => (await single(cell)).object !== null)).toEqual([]);
    const typed = async (cell: Cell) => {
      const field = cell.kind.kind.charAt(0).toLowerCase() + cell.kind.kind.slice(1);
      const { name, project } = key(cell) as { name: string; project?: string };
      const where = project === undefined ? '' : `, project: "${project}"`;
      return (await ask(`{ found: ${field}(name: "${name}"${where}) { name } }`)).found !== null;
    };
    expect(await wrong('get', CELLS, typed)).toEqual([]);
    const node = async (cell: Cell) => {
      const id = tenants.uidOf(cell.kind.kind, nameOf(cell.kind, cell.relation));
      const data = await ask(
        'query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } operation(uid: $id) { uid } }',
        { id },
      );
      expect(data.nodes[0] === null).toBe(data.node === null);
      expect(data.operation === null).toBe(data.node === null);
      return data.node !== null;
    };
    expect(await wrong('get', CELLS, node)).toEqual([]);
  });

  it('is shown in lists what the table says, and nothing else', async () => {
    start();
    for (const kind of KNOWN) {
      const data = await ask(
        `query ($kind: String!) { some: ${kind.plural}(first: 500) { nodes { metadata { uid } } } objects(kind: $kind, first: 500) { nodes { metadata { uid } } } }`,
        { kind: kind.kind },
      );
      const uids = (list: { nodes: { metadata: { uid: string } }[] }) => list.nodes.map((one) => one.metadata.uid);
      const shown = new Set(uids(data.objects));
      expect(new Set(uids(data.some))).toEqual(shown);
      const cells = CELLS.filter((cell) => cell.kind === kind);
      expect(
        await wrong('get', cells, async (cell) => shown.has(tenants.uidOf(kind.kind, nameOf(kind, cell.relation)))),
      ).toEqual([]);
    }
  });

  it('creates, changes and deletes what the table says', async () => {
    start();
    const apply = async (manifest: object) =>
      (await ask(`mutation ($m: [JSON!]!) { apply(manifests: $m) ${ISSUES} }`, { m: [manifest] })).apply;
    const change = async (cell: Cell) => {
      const { kind, ...metadata } = key(cell);
      return !refused(
        await apply({
          kind,
          metadata: { ...metadata, labels: { touched: 'yes' } },
          spec: tenants.specOf(kind, metadata.name),
        }),
      );
    };
    expect(await wrong('update', written, change)).toEqual([]);
    const create = async (cell: Cell) => {
      const { kind, ...metadata } = key(cell);
      return !refused(
        await apply({
          kind,
          metadata: { ...metadata, name: `new-${cell.relation}` },
          spec: specFor(cell.kind, cell.relation),
        }),
      );
    };
    const makeable = written.filter(({ kind, relation }) => kind.kind !== 'Account' || relation === 'other');
    expect(await wrong('create', makeable, create)).toEqual([]);
    const act = (field: string, more: string) => async (cell: Cell) => {
      const data = await ask(`mutation ($o: [ObjectKeyInput!]!) { done: ${field}(objects: $o${more}) ${ISSUES} }`, {
        o: [key(cell)],
      });
      return !refused(data.done);
    };
    expect(await wrong('request', written, act('request', ', name: "none"'))).toEqual([]);
    expect(await wrong('override', written, act('override', ', name: "paused", value: true'))).toEqual([]);
    expect(await wrong('delete', written, act('delete', ''))).toEqual([]);
  });

  it('opens consoles where the table says', async () => {
    start();
    const open = async (cell: Cell) => {
      const { errors } = await tenants.as(ME)('mutation ($o: ObjectKeyInput!) { openConsole(object: $o) { path } }', {
        o: key(cell),
      });
      return errors.length === 0;
    };
    const machines = CELLS.filter(({ kind }) => kind.kind === 'VirtualMachine');
    expect(await wrong('console', machines, open)).toEqual([]);
  });
});

describe('the table', () => {
  it('has a rule for every kind beside those of root', () => {
    const named = new Set(Object.values(AUTHORITIES).flatMap((rules) => rules.flatMap(({ kinds }) => [...kinds])));
    const without = KNOWN.map(({ kind }) => kind).filter((kind) => !named.has(kind));
    // A new kind is nobody's but root's until resources/identity/role/authorities.ts says whose it is.
    expect(without).toEqual([]);
  });

  it('has a rule for every field of the root', () => {
    const rules = rootFields(REGISTRY as Registry);
    const fields = roots(SCHEMA).flatMap(([root, type]) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${root}.${field}`),
    );
    // A new field answers the administrator only until graphql/root-fields.ts says how it is kept to what its caller may see.
    expect(fields.filter((field) => !rules.has(field))).toEqual([]);
    expect([...rules.keys()].filter((field) => !fields.includes(field))).toEqual([]);
  });
});
