import type { Registry } from '../registry.ts';
import type { ObjectStore, RecordClause } from '../store.ts';
import { type Access, allows, type Statement, targetOf, unlimited } from './access.ts';
import { visible } from './filter.ts';

/** Kinds without a project whose facts their own people may read: there are few objects of each. */
const OWN_KINDS = ['Account', 'Project', 'User'];
const OWN_MAX = 500;

/**
 * Which facts somebody may read: those of the objects that they see, if they may read this sort of fact at all. Null: all. Facts about
 * what is only shared with them, or reachable by a label or an author alone, are not for them.
 */
export async function visibleFacts(
  registry: Pick<Registry, 'kinds' | 'kind'>,
  store: Pick<ObjectStore, 'getByUid' | 'list'>,
  access: Access,
  { record, uid }: { record: string; uid: string | undefined },
): Promise<RecordClause[] | null> {
  if (access.root) return null;
  const readable = statementsFor(access, record);
  if (readable.length === 0) return [];
  const everywhere = readable.some(({ reach }) => reach.kind === 'all');
  const inner: Access = { ...access, statements: access.statements.filter(({ reach }) => reach.kind !== 'public') };
  if (everywhere && registry.kinds.every((kind) => visible(inner, kind) === null)) return null;
  if (uid !== undefined) {
    const [object] = await store.getByUid([uid]);
    return object && allows(inner, 'get', targetOf(object)) ? [{ uids: [uid] }] : [];
  }
  const clauses = registry.kinds.flatMap((kind): RecordClause[] => {
    const filter = visible(inner, kind);
    if (filter === null) return [{ kinds: [kind.kind], projects: null }];
    return filter.flatMap(({ projects, createdBy, labels }) =>
      projects && createdBy === undefined && labels === undefined ? [{ kinds: [kind.kind], projects }] : [],
    );
  });
  return [...grouped(clauses), { uids: await ownUids(registry, store, inner) }];
}

function statementsFor(access: Access, record: string): Statement[] {
  if (!unlimited(access, 'get', record)) return [];
  return access.statements.filter(
    ({ rule }) =>
      (rule.verbs.includes('*') || rule.verbs.includes('get')) &&
      (rule.kinds.includes('*') || rule.kinds.includes(record)),
  );
}

function grouped(clauses: readonly RecordClause[]): RecordClause[] {
  const byProjects = new Map<string, { kinds: string[]; projects: readonly string[] | null }>();
  for (const clause of clauses) {
    if ('uids' in clause) continue;
    const text = JSON.stringify(clause.projects);
    const group = byProjects.get(text) ?? { kinds: [] as string[], projects: clause.projects };
    group.kinds.push(...clause.kinds);
    byProjects.set(text, group);
  }
  return [...byProjects.values()];
}

async function ownUids(
  registry: Pick<Registry, 'kind'>,
  store: Pick<ObjectStore, 'list'>,
  access: Access,
): Promise<string[]> {
  const uids: string[] = [];
  for (const name of OWN_KINDS) {
    const kind = registry.kind(name);
    const filter = kind ? visible(access, kind) : [];
    if (filter === null || filter.length === 0) continue;
    const page = await store.list({ kind: name, within: filter, orderBy: 'name', limit: OWN_MAX });
    uids.push(...page.items.map(({ object }) => object.metadata.uid));
  }
  return uids;
}
