import { type Access, grants, hasLabels, type Reach, type Statement, unlimited } from './access.ts';
import { plainVerb, VERBS, type Verb } from './rule.ts';

/**
 * Pure: the first permission of `wanted` that `access` does not have itself, in words; null when it has all of them. Nobody gives what
 * they lack, and nobody changes somebody who may do more.
 */
export function lacking(access: Access, wanted: readonly Statement[]): string | null {
  if (access.root) return null;
  for (const statement of wanted) {
    for (const kind of statement.rule.kinds) {
      const verbs = statement.rule.verbs.includes('*') ? VERBS : (statement.rule.verbs as readonly Verb[]);
      const missing = verbs.find((verb) => !covered(access, { statement, kind, verb: plainVerb(verb) }));
      if (missing !== undefined) return `${missing} ${kind} (${statement.rule.scope})`;
    }
  }
  return null;
}

function covered(access: Access, wanted: { statement: Statement; kind: string; verb: Verb }): boolean {
  const { statement, kind, verb } = wanted;
  if (access.within !== null || !unlimited(access, verb, kind)) return false;
  return access.statements.some(
    ({ rule, reach }) =>
      (kind === '*' ? grantsAll(rule.kinds, rule.verbs, verb) : grants(rule, verb, kind)) &&
      holds(reach, statement.reach) &&
      hasLabels(statement.rule.selector ?? {}, rule.selector) &&
      (rule.fields === undefined ||
        (statement.rule.fields ?? ['']).every((field) => rule.fields?.some((own) => field.startsWith(own)))),
  );
}

function grantsAll(kinds: readonly string[], verbs: readonly (Verb | '*')[], verb: Verb): boolean {
  return kinds.includes('*') && (verbs.includes('*') || verbs.some((one) => one !== '*' && plainVerb(one) === verb));
}

/** Whether a reach takes in another. What is everybody's own is no more than one's own. */
function holds(reach: Reach, other: Reach): boolean {
  if (reach.kind === 'all') return true;
  if (other.kind === 'public') return reach.kind === 'public';
  if (reach.kind !== 'some' || other.kind !== 'some') return false;
  if (reach.own !== null && other.own === null) return false;
  return (
    other.accounts.every((account) => reach.accounts.includes(account)) &&
    other.projects.every((project) => reach.projects.includes(project))
  );
}
