import type { LabelRequirement, ListQuery } from '../../reconciler/store.ts';
import type { Builder } from '../builder.ts';
import type { CommonTypes } from '../types/metadata.ts';
import type { Derived } from './derived.ts';

export const PAGE_MAX = 500;
const PAGE_DEFAULT = 100;

export interface ListArgs {
  first?: number | null;
  after?: string | null;
  project?: string | null;
  names?: string[] | null;
  namePrefix?: string | null;
  labels?: string | null;
  condition?: { type: string; status: 'True' | 'False' | 'Unknown' } | null;
  refersTo?: string | null;
  ownerUid?: string | null;
  source?: string | null;
  orderBy?: 'NAME' | 'CREATED_AT' | null;
  descending?: boolean | null;
}

export type ListTypes = ReturnType<typeof addListTypes>;

/** Arguments that all lists share. */
export function addListTypes(builder: Builder, { conditionStatus }: CommonTypes) {
  const orderBy = builder.enumType('ListOrder', {
    description: 'What a list is sorted by.',
    values: ['NAME', 'CREATED_AT'] as const,
  });
  const conditionFilter = builder
    .inputRef<{ type: string; status: 'True' | 'False' | 'Unknown' }>('ConditionFilter')
    .implement({
      description: 'Only objects that have this condition, such as Ready: False.',
      fields: (t) => ({
        type: t.string({ required: true, description: 'Such as Ready; Kind.conditions names them.' }),
        status: t.field({ type: conditionStatus, required: true, description: 'How it must be.' }),
      }),
    });
  return { orderBy, conditionFilter };
}

export function listArgs(arg: Derived, { orderBy, conditionFilter }: ListTypes) {
  return {
    first: arg.int({ description: `At most ${PAGE_MAX}; default ${PAGE_DEFAULT}.` }),
    after: arg.string({ description: 'Cursor of the last item of the page before.' }),
    project: arg.string({ description: 'Only this project; all when absent.' }),
    names: arg.stringList({ description: 'Only objects of these names.' }),
    namePrefix: arg.string({ description: 'Only objects whose names begin so.' }),
    labels: arg.string({ description: 'Selector as kubectl has it: tier=web,env in (a,b),!legacy.' }),
    condition: arg({ type: conditionFilter, description: 'Only objects that have this condition.' }),
    refersTo: arg.id({ description: 'Only objects that refer to the object of this uid.' }),
    ownerUid: arg.id({ description: 'Only objects that the object of this uid made.' }),
    source: arg.string({ description: 'Only objects of which this source owns something.' }),
    orderBy: arg({ type: orderBy, description: 'By name when absent.' }),
    descending: arg.boolean({ description: 'The last first.' }),
  };
}

export function listQuery(kind: string, args: ListArgs): ListQuery {
  const project = args.project === null || args.project === undefined ? {} : { project: args.project };
  return {
    kind,
    ...project,
    ...(args.names ? { names: args.names } : {}),
    ...(args.namePrefix ? { namePrefix: args.namePrefix } : {}),
    ...(args.labels ? { labels: parseSelector(args.labels) } : {}),
    ...(args.condition ? { condition: args.condition } : {}),
    ...(args.refersTo ? { refersTo: args.refersTo } : {}),
    ...(args.ownerUid ? { ownerUid: args.ownerUid } : {}),
    ...(args.source ? { source: args.source } : {}),
    ...(args.after ? { after: args.after } : {}),
    orderBy: args.orderBy === 'CREATED_AT' ? 'createdAt' : 'name',
    descending: args.descending ?? false,
    limit: pageSize(args.first),
  };
}

export function pageSize(first: number | null | undefined): number {
  if (first === null || first === undefined) return PAGE_DEFAULT;
  if (first < 1 || first > PAGE_MAX)
    throw new UserError(`first: ${first} is out of range; ask for 1 to ${PAGE_MAX} and page on with "after".`);
  return first;
}

/** Shown to the caller as it is; everything else that is thrown is masked. */
export class UserError extends Error {
  readonly code = 'BAD_USER_INPUT';
}

const TERM =
  /^(?:!(?<absent>[\w./-]+)|(?<setKey>[\w./-]+)\s+(?<op>in|notin)\s*\((?<values>[^()]*)\)|(?<key>[\w./-]+)\s*(?<eq>==?|!=)\s*(?<value>[\w.-]*)|(?<exists>[\w./-]+))$/;

/** kubectl's label selectors: `a=b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, joined by commas. */
export function parseSelector(selector: string): LabelRequirement[] {
  const terms = selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
  return terms.slice(0, 50).map((term) => {
    const groups = TERM.exec(term)?.groups;
    if (!groups)
      throw new UserError(
        `labels: "${term}" is no label requirement; write key=value, key!=value, key in (a,b), key or !key.`,
      );
    const { absent, setKey, op, values, key, eq, value, exists } = groups;
    if (absent) return { key: absent, op: 'absent', values: [] };
    if (exists) return { key: exists, op: 'exists', values: [] };
    if (setKey)
      return {
        key: setKey,
        op: op === 'in' ? 'in' : 'notIn',
        values: (values ?? '').split(',').map((one) => one.trim()),
      };
    return { key: key as string, op: eq === '!=' ? 'notIn' : 'in', values: [value ?? ''] };
  });
}
