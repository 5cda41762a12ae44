import type { Command } from 'commander';
import { keyText, type ObjectKey, type StoredObject } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { type Described, descriptionText } from '../output/description.ts';
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
      const texts: string[] = [];
      for (const { kind, project, name } of all) {
        const { object } = await session.client.query<{ object: (Described & { json: StoredObject }) | null }>(
          DESCRIBE,
          { kind, project, name },
        );
        if (object === null) throw new CliError(`${keyText({ kind, project, name })} does not exist.`, EXIT.notFound);
        texts.push(descriptionText(session.io, object, REGISTRY.kind(object.kind)));
      }
      io.out(texts.join('\n---\n\n'));
    });
}
