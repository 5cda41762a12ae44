import type { AnyKind } from '../../reconciler/kind.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { type ListedObject, OBJECT_FIELDS } from '../output/objects.ts';
import type { Client } from './graphql.ts';

export interface ListFilter {
  /** Undefined: all projects. */
  project?: string | undefined;
  labels?: string | undefined;
  /** `Ready=False`, `Reachable`. */
  condition?: string | undefined;
}

const PAGE = 200;
const OBJECTS_MAX = 200_000;

const LIST = `query ($kind: String!, $after: String, $project: String, $labels: String, $condition: ConditionFilter) {
  objects(kind: $kind, first: ${PAGE}, after: $after, project: $project, labels: $labels, condition: $condition) {
    nodes { ${OBJECT_FIELDS} }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Page {
  objects: { nodes: ListedObject[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

/** All objects of a kind that pass the filter, page by page. */
export async function listObjects(client: Client, kind: AnyKind, filter: ListFilter): Promise<ListedObject[]> {
  const all: ListedObject[] = [];
  const project = kind.scope === 'project' ? (filter.project ?? null) : null;
  const variables = {
    kind: kind.kind,
    project,
    labels: filter.labels ?? null,
    condition: conditionOf(filter.condition),
  };
  for (let after: string | null = null; all.length < OBJECTS_MAX; ) {
    const { objects }: Page = await client.query<Page>(LIST, { ...variables, after });
    all.push(...objects.nodes);
    after = objects.pageInfo.endCursor;
    if (!objects.pageInfo.hasNextPage || after === null) return all;
  }
  throw new CliError(`There are more than ${OBJECTS_MAX} ${kind.plural}; narrow the list with -l or -p.`);
}

function conditionOf(text: string | undefined): { type: string; status: string } | null {
  if (text === undefined) return null;
  const [type = '', status = 'True'] = text.split('=');
  if (!['True', 'False', 'Unknown'].includes(status))
    throw new CliError(`"${text}": a condition is True, False or Unknown, for example Ready=False.`, EXIT.usage);
  return { type, status };
}

const ONE = `query ($kind: String!, $name: String!, $project: String) {
  object(kind: $kind, name: $name, project: $project) { ${OBJECT_FIELDS} }
}`;

/** The objects of these keys in their order; a missing one is an error that names it. */
export async function getObjects(client: Client, keys: readonly ObjectKey[]): Promise<ListedObject[]> {
  const found: (ListedObject | null)[] = [];
  for (const key of keys) found.push((await client.query<{ object: ListedObject | null }>(ONE, { ...key })).object);
  const missing = keys.filter((_, i) => found[i] === null).map(keyText);
  if (missing.length > 0)
    throw new CliError(`${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not exist.`, EXIT.notFound);
  return found.filter((object) => object !== null);
}
