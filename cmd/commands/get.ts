import type { Command } from 'commander';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { formatOption } from '../options.ts';
import { type Format, nothingText, objectsText } from '../output/objects.ts';
import { openSession } from '../session.ts';

interface Options {
  output: Format;
  selector?: string;
  condition?: string;
  allProjects?: boolean;
  headers: boolean;
}

export function addGet(program: Command, io: Io): void {
  program
    .command('get')
    .description('list objects, or show some by name')
    .argument('<kind...>', 'vm | vm,net | vm web db | vm/web net/lan | all')
    .addOption(formatOption())
    .option('-l, --selector <labels>', 'only with these labels, e.g. tier=web,env in (a,b)')
    .option('--condition <condition>', 'only with this condition, e.g. Ready=False')
    .option('-A, --all-projects', 'of all projects')
    .option('--no-headers', 'rows only')
    .action(async (words: string[], options: Options, command: Command) => {
      const session = openSession(io, command);
      const { kinds, keys } = parseNames(REGISTRY, words, session.project);
      const filter = {
        project: options.allProjects ? undefined : session.project,
        labels: options.selector,
        condition: options.condition,
      };
      const named = keys.length > 0 ? await getObjects(session.client, keys) : null;
      const groups = [];
      for (const kind of kinds) {
        const objects =
          named?.filter((object) => object.kind === kind.kind) ?? (await listObjects(session.client, kind, filter));
        groups.push({ kind, objects });
      }
      const { output: format, headers: withHeaders } = options;
      const single = keys.length === 1;
      const withProject = options.allProjects === true;
      io.out(objectsText(session.io, groups, { format, withHeaders, withProject, single }));
      const isTable = format === 'table' || format === 'wide';
      if (isTable && groups.every(({ objects }) => objects.length === 0)) {
        const elsewhere = !withProject && kinds.some(({ scope }) => scope === 'project');
        io.err(
          `${nothingText(kinds, withProject ? null : session.project)}${elsewhere ? '-A looks in all projects.\n' : ''}`,
        );
      }
    });
}
