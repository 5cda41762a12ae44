import type { Command } from 'commander';
import { keyText, type ObjectKey, type StoredObject } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { type Described, descriptionText } from '../output/description.ts';
import { nothingText } from '../output/objects.ts';
import { cellText, table } from '../output/table.ts';
import { openSession } from '../session.ts';

const DESCRIBE = `query ($kind: String!, $name: String!, $project: String) {
  object(kind: $kind, name: $name, project: $project) {
    kind name project isReady json stats
    ready { status reason message }
    conditions { type status reason message lastTransitionAt }
    owner { kind name project }
    children { kind name project isReady ready { reason } }
    events(first: 10) { nodes { at type reason message actor } }
    steps(first: 10) { nodes { at verb place risk ok error message durationMs } }
  }
}`;

const HISTORY = `query ($account: String!) {
  accountHistory(account: $account) { at what oldState newState actor reason memo }
}`;

type Decision = Record<'at' | 'what' | 'oldState' | 'newState' | 'actor' | 'reason' | 'memo', string>;

/** What was decided about an account, for the provider's people; to others it is not there. */
async function historyOf(client: { query: Query }, account: string): Promise<string> {
  const { accountHistory } = await client
    .query<{ accountHistory: Decision[] }>(HISTORY, { account })
    .catch(() => ({ accountHistory: [] }));
  if (accountHistory.length === 0) return '';
  const rows = accountHistory.map(({ at, what, oldState, newState, actor, reason, memo }) => [
    at,
    what,
    oldState === newState ? newState : `${oldState} → ${newState}`,
    actor,
    reason,
    cellText(memo),
  ]);
  return `\nHistory\n${table(['AT', 'WHAT', 'STATE', 'BY', 'REASON', 'MEMO'], rows)}`;
}

type Query = ReturnType<typeof openSession>['client']['query'];

export function addDescribe(program: Command, io: Io): void {
  program
    .command('describe')
    .description('everything about objects: wish, state, why it is where it is, what happened')
    .argument('<names...>', 'vm/web | vm web db | vm')
    .action(async (words: string[], _options: object, command: Command) => {
      const session = openSession(io, command);
      const { kinds, keys } = parseNames(REGISTRY, words, session.project);
      const all: ObjectKey[] = [...keys];
      if (all.length === 0)
        for (const kind of kinds) all.push(...(await listObjects(session.client, kind, { project: session.project })));
      if (all.length === 0) io.err(nothingText(kinds, session.project));
      const texts: string[] = [];
      for (const { kind, project, name } of all) {
        const { object } = await session.client.query<{ object: (Described & { json: StoredObject }) | null }>(
          DESCRIBE,
          { kind, project, name },
        );
        if (object === null) throw new CliError(`${keyText({ kind, project, name })} does not exist.`, EXIT.notFound);
        const decided = kind === 'Account' ? await historyOf(session.client, name) : '';
        texts.push(`${descriptionText(session.io, object, REGISTRY.kind(object.kind))}${decided}`);
      }
      io.out(texts.join('\n---\n\n'));
    });
}
