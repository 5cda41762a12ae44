import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { jsonText, manifestOf, yamlText } from '../../manifests/format.ts';
import type { Manifest } from '../../manifests/manifest.ts';
import { keyOfManifest } from '../../manifests/manifest-key.ts';
import { inOrder } from '../../manifests/order.ts';
import { keyText } from '../../reconciler/object.ts';
import { secretsIn } from '../../reconciler/refs.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects, listObjects } from '../client/lists.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  output: 'yaml' | 'json';
  selector?: string;
  allProjects?: boolean;
  directory?: string;
}

export function addExport(program: Command, io: Io): void {
  program
    .command('export')
    .description('objects as manifests that can be applied again, in the order of their dependencies')
    .argument('[names...]', 'vm/web | vm,net | all (the default)')
    .option('-l, --selector <labels>', 'only with these labels')
    .option('-A, --all-projects', 'of all projects')
    .option('-d, --directory <folder>', 'one file an object, into this folder')
    .addOption(new Option('-o, --output <format>', 'how to write').choices(['yaml', 'json']).default('yaml'))
    .action(async (words: string[], options: Options, command: Command) => {
      const session = openSession(io, command);
      const manifests = await manifestsOf(session, words, options);
      const sealed = manifests.filter(({ kind, spec }) => hasSecrets(kind, spec));
      if (sealed.length > 0)
        io.err(
          `Secrets are never exported: ${sealed.map((one) => keyText(keyOfManifest(one))).join(', ')} show "(sealed …)" in their place.\n`,
        );
      if (options.directory === undefined)
        return io.out(options.output === 'json' ? jsonText(manifests) : yamlText(manifests));
      const folder = resolve(io.cwd, options.directory);
      writeAll(folder, manifests, options.output);
      io.out(`${manifests.length} manifests in ${options.directory}\n`);
    });
}

/** What other objects made is left out: their makers make it again. */
async function manifestsOf(session: Session, words: readonly string[], options: Options): Promise<Manifest[]> {
  const { kinds, keys } = parseNames(REGISTRY, words.length > 0 ? words : ['all'], session.project);
  const filter = { project: options.allProjects ? undefined : session.project, labels: options.selector };
  const found = keys.length > 0 ? await getObjects(session.client, keys) : [];
  if (keys.length === 0) for (const kind of kinds) found.push(...(await listObjects(session.client, kind, filter)));
  const own = found.filter(({ metadata }) => metadata.ownerUid === null && metadata.deletedAt === null);
  const items = own.map(({ kind, json }) => ({ manifest: manifestOf(json, REGISTRY.kind(kind)) }));
  return inOrder(items, REGISTRY).ordered.map(({ manifest }) => manifest);
}

function hasSecrets(kind: string, spec: Manifest['spec']): boolean {
  const known = REGISTRY.kind(kind);
  return known !== undefined && secretsIn(known, spec).length > 0;
}

function writeAll(folder: string, manifests: readonly Manifest[], format: 'yaml' | 'json'): void {
  mkdirSync(folder, { recursive: true });
  for (const manifest of manifests) {
    const { name, project } = manifest.metadata;
    const file = [manifest.kind.toLowerCase(), ...(project ? [project] : []), name].join('.');
    writeFileSync(join(folder, `${file}.${format}`), format === 'json' ? jsonText([manifest]) : yamlText([manifest]));
  }
}
