import type { JsonObject } from '../json.ts';
import type { StoredObject } from '../object.ts';
import { plainVerb, type Rule, type Verb } from './rule.ts';

/** All that somebody may do, as it stood when it was read. */
export interface Access {
  /** Everything: the administrator's token, and the system itself. */
  root: boolean;
  statements: readonly Statement[];
  /** Scopes of an API key, which narrow the statements; null: not narrowed. */
  limits: readonly Limit[] | null;
  /** Only things of these projects, whatever the statements say; null: not narrowed. */
  within: readonly string[] | null;
  /** Verbs and kinds that are refused whatever else is said: masquerade. */
  refused: readonly Limit[];
}

/** A rule as it applies to one person. */
export interface Statement {
  /** Role that it comes from. */
  role: string;
  /** Whose people have the role: `provider`, `customer`, `project`. */
  side: string;
  rule: Rule;
  reach: Reach;
}

/** Where a rule reaches, in names. */
export type Reach =
  | { kind: 'all' }
  /** What others share with everybody, and all of a kind that lives in no project: catalogs. */
  | { kind: 'public' }
  | {
      kind: 'some';
      accounts: readonly string[];
      projects: readonly string[];
      /** Only what this person made, or what is this person's. */
      own: { actor: string; user: string } | null;
    };

export interface Limit {
  verb: string;
  kind: string;
}

/** What authorisation asks about a thing. Of an object that does not exist yet: as it would be. */
export interface Target {
  kind: string;
  /** Null: it lives in no project. */
  project: string | null;
  /** Account that a thing without a project belongs to. */
  account?: string | null;
  name?: string;
  /** User that it belongs to: an API key's, a session's. */
  user?: string | null;
  createdBy?: string;
  labels?: Readonly<Record<string, string>>;
  public?: boolean;
}

export const EVERYTHING: Access = { root: true, statements: [], limits: null, within: null, refused: [] };
export const NOTHING: Access = { root: false, statements: [], limits: null, within: null, refused: [] };

/** Pure: whether the verb is allowed. `changed`: JSON pointers of the spec that an update changes. */
export function allows(access: Access, verb: Verb, target: Target, changed?: readonly string[]): boolean {
  if (access.root) return true;
  const plain = plainVerb(verb);
  if (!unlimited(access, plain, target.kind) || !isWithin(access, target)) return false;
  const fitting = access.statements.filter(
    ({ rule, reach }) => grants(rule, plain, target.kind) && reaches(reach, target),
  );
  const selected = fitting.filter(({ rule }) => hasLabels(target.labels ?? {}, rule.selector));
  if (changed === undefined || selected.some(({ rule }) => rule.fields === undefined)) return selected.length > 0;
  const fields = selected.flatMap(({ rule }) => rule.fields ?? []);
  return selected.length > 0 && changed.every((path) => fields.some((field) => isBelow(path, field)));
}

/** Pure: whether it is allowed by what the provider's own people are given, leaving out what customers have. */
export function allowsProvider(access: Access, verb: Verb, target: Target): boolean {
  return allows({ ...access, statements: access.statements.filter(({ side }) => side === 'provider') }, verb, target);
}

/** What an object is to authorisation. */
export function targetOf({ kind, metadata, spec }: Pick<StoredObject, 'kind' | 'metadata' | 'spec'>): Target {
  return {
    ...ownership({ kind, name: metadata.name, project: metadata.project, spec }),
    createdBy: metadata.createdBy,
    labels: metadata.labels,
    public: metadata.sharing === 'public',
  };
}

/** Whose a wish is by its own words: an account is its own, other things without a project name theirs. */
export function ownership({
  kind,
  name,
  project,
  spec,
}: {
  kind: string;
  name: string;
  project: string | null;
  spec: JsonObject;
}): Target {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const account = kind === 'Account' ? name : project === null ? text(spec.account) : null;
  return { kind, project, name, account, user: kind === 'User' ? name : text(spec.user) };
}

/** Whether a rule speaks of the verb and the kind at all. */
export function grants(rule: Rule, verb: Verb, kind: string): boolean {
  return (
    (rule.verbs.includes('*') || rule.verbs.some((one) => one !== '*' && plainVerb(one) === verb)) &&
    (rule.kinds.includes('*') || rule.kinds.includes(kind))
  );
}

/** Whether the scopes of a key, and what is refused at any rate, leave room for the verb on the kind. */
export function unlimited({ limits, refused }: Access, verb: Verb, kind: string): boolean {
  const fits = (limit: Limit) =>
    (limit.verb === '*' || plainVerb(limit.verb as Verb) === verb) && (limit.kind === '*' || limit.kind === kind);
  return (limits === null || limits.some(fits)) && !refused.some(fits);
}

function isWithin({ within }: Access, target: Target): boolean {
  return within === null || (target.project !== null && within.includes(target.project));
}

function reaches(reach: Reach, target: Target): boolean {
  if (reach.kind === 'all') return true;
  if (reach.kind === 'public') return target.project === null || target.public === true;
  const inside =
    target.project !== null
      ? reach.projects.includes(target.project)
      : (target.account != null && reach.accounts.includes(target.account)) ||
        (target.kind === 'Project' && target.name !== undefined && reach.projects.includes(target.name));
  if (reach.own === null) return inside;
  const theirs = target.project === null && target.user != null && target.user === reach.own.user;
  return theirs || (inside && target.createdBy === reach.own.actor);
}

export function hasLabels(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

function isBelow(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}/`) || field === '';
}
