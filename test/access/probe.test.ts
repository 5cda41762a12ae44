import { describe, expect, it } from '@jest/globals';
import type { GraphQLField } from 'graphql';
import { lower } from '../../graphql/derive/names.ts';
import { rootFields, roots } from '../../graphql/root-fields.ts';
import type { AnyKind } from '../../reconciler/kind.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { Registry } from '../../reconciler/registry.ts';
import { KINDS, REGISTRY } from '../../resources/registry.ts';
import {
  ADMIN,
  belongsToSomebody,
  createTenants,
  ME,
  nameOf,
  projectOf,
  SCHEMA,
  specFor,
} from '../fixtures/tenants.ts';
import { question, type Subject } from './questions.ts';

/**
 * A customer who knows every name and every id of another customer asks the whole schema about them. Whatever is answered must be what is
 * answered about things that do not exist.
 */
const OWNED = (KINDS as readonly AnyKind[]).filter(belongsToSomebody);
/** Names of these are unique in the installation, so that taking one that another has must fail; it says no more than that. */
const NAMED_ONCE = new Set(['Project', 'User', 'ApiKey', 'Masquerade']);

const GUARDS = rootFields(REGISTRY as Registry);

/** Fields of the root that may tell of things of a kind: those that know no kind, and the kind's own. */
function fieldsFor(root: string, kind: AnyKind): GraphQLField<unknown, unknown>[] {
  const type = roots(SCHEMA).find(([name]) => name === root)?.[1];
  const ofKinds = new Map(
    (KINDS as readonly AnyKind[]).flatMap((one) =>
      [lower(one.kind), one.plural, `create${one.kind}`, `update${one.kind}`].map((name) => [name, one.kind] as const),
    ),
  );
  return (Object.values(type?.getFields() ?? {}) as GraphQLField<unknown, unknown>[]).filter(
    ({ name }) => (ofKinds.get(name) ?? kind.kind) === kind.kind && GUARDS.get(`${root}.${name}`) !== 'everybody',
  );
}

function pair(kind: AnyKind, uid: string): { theirs: Subject; nobodys: Subject } {
  const project = kind.scope === 'project' ? projectOf('other') : null;
  const spec = specFor(kind, 'own');
  const theirs = { kind: kind.kind, name: nameOf(kind, 'other'), project, uid, account: 'bolt', spec };
  return {
    theirs,
    nobodys: {
      ...theirs,
      name: theirs.name.replace(/^./, 'z'),
      project: project === null ? null : project.replace(/^./, 'z'),
      uid: uid.replace(/^0/, 'f'),
      account: 'zolt',
    },
  };
}

/** The answer with the names that were asked about written as one. */
function told(answer: unknown, { name, project, uid, account }: Subject): string {
  const words = [uid, project, name, account].filter((word): word is string => word !== null);
  return words
    .reduce((text, word) => text.replaceAll(word, '*'), JSON.stringify(answer))
    .replace(/01940000-[0-9a-f-]+/g, '#');
}

const asked = async (principal: Principal, kind: AnyKind, root: 'Query' | 'Mutation') => {
  const different: string[] = [];
  let tenants = createTenants([{ role: 'master-user' }]);
  for (const field of fieldsFor(root, kind)) {
    const answers: string[] = [];
    for (const which of ['theirs', 'nobodys'] as const) {
      if (root === 'Mutation') tenants = createTenants([{ role: 'master-user' }]);
      const subject = pair(kind, tenants.uidOf(kind.kind, nameOf(kind, 'other')))[which];
      const { document, variables } = question(root === 'Query' ? 'query' : 'mutation', field, subject);
      const { data, errors } = await tenants.as(principal)(document, variables);
      answers.push(told({ data, errors: errors.map(({ message }) => message) }, subject));
    }
    if (answers[0] !== answers[1]) different.push(`${field.name}: ${answers[0]} <> ${answers[1]}`.slice(0, 600));
  }
  return different;
};

describe.each(OWNED.map((kind) => [kind.kind, kind] as const))('a %s of another customer', (_name, kind) => {
  it('is to every query as if it did not exist', async () => {
    expect(await asked(ME, kind, 'Query')).toEqual([]);
  });

  it('is to every mutation as if it did not exist', async () => {
    const taken = (line: string) =>
      NAMED_ONCE.has(kind.kind) && /^(apply|plan|create[A-Z]\w*): .*not available; choose another name/.test(line);
    expect((await asked(ME, kind, 'Mutation')).filter((line) => !taken(line))).toEqual([]);
  });
});

describe('the probe', () => {
  it('tells the difference where there is one: asked by the administrator', async () => {
    const machines = OWNED.find(({ kind }) => kind === 'VirtualMachine') as AnyKind;
    const found = (await asked(ADMIN, machines, 'Query')).map((line) => line.split(':')[0]);
    expect(found).toEqual(
      expect.arrayContaining(['node', 'nodes', 'object', 'objects', 'virtualMachine', 'virtualMachines']),
    );
    const changed = (await asked(ADMIN, machines, 'Mutation')).map((line) => line.split(':')[0]);
    expect(changed).toEqual(expect.arrayContaining(['delete', 'override', 'openConsole']));
  });
});

describe('everything that a customer can reach', () => {
  it('names nothing of the others, however deep it is followed', async () => {
    const tenants = createTenants([{ role: 'master-user' }]);
    const foreign = tenants.objects.filter(({ metadata }) =>
      /bolt|apex|ben|xena|(other|channel)-thing/.test(metadata.name),
    );
    const secrets = foreign.flatMap(({ metadata: { uid, project } }) => (project === null ? [uid] : [uid, project]));
    expect(foreign.length).toBeGreaterThan(30);
    for (const kind of OWNED) {
      const name = nameOf(kind, 'own');
      const project = kind.scope === 'project' ? projectOf('own') : null;
      const subject = {
        kind: kind.kind,
        name,
        project,
        uid: tenants.uidOf(kind.kind, name),
        account: 'acme',
        spec: {},
      };
      for (const field of fieldsFor('Query', kind)) {
        const { document, variables } = question('query', field, subject);
        const answer = JSON.stringify(await tenants.as(ME)(document, variables));
        const leaked = secrets.filter((word) => answer.includes(word));
        expect({ asked: field.name, of: kind.kind, leaked }).toEqual({ asked: field.name, of: kind.kind, leaked: [] });
      }
    }
  });
});
