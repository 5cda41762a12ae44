import type { Command } from 'commander';
import { yamlText } from '../../manifests/format.ts';
import type { StoredObject } from '../../reconciler/object.ts';
import { keyText } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { readManifests } from '../input/manifests.ts';
import { kindNamed } from '../input/names.ts';
import type { Io } from '../io.ts';
import { filesOption, timeoutOption } from '../options.ts';
import { table } from '../output/table.ts';
import { openSession, type Session } from '../session.ts';
import { waitForObjects } from '../waiting.ts';
import { applyManifests, targetsOf } from './apply.ts';

interface Options {
  file: string[];
  wait?: boolean;
  timeout: number;
}

interface Foreign {
  host: string;
  uid: string;
  name: string;
}

export function addAdopt(program: Command, io: Io): void {
  program
    .command('adopt')
    .description(
      'machines that Steward did not make: without arguments lists them; with an id and -f takes one over as the manifest says',
    )
    .argument('[id]', 'uuid of the machine, as listed')
    .addOption(filesOption())
    .option('--wait', 'until it is ready')
    .addOption(timeoutOption('5m'))
    .action(async (id: string | undefined, options: Options, command: Command) => {
      const session = openSession(io, command);
      const foreign = await unmanaged(session);
      if (id === undefined) return io.out(listText(foreign));
      const found = foreign.find(({ uid, name }) => uid === id || name === id);
      if (!found)
        throw new CliError(`No host has an unmanaged machine "${id}". "steward adopt" lists them.`, EXIT.notFound);
      if (options.file.length === 0) return io.out(skeleton(found, session.project));
      await adopt(session, found, options);
    });
}

async function unmanaged({ client }: Session): Promise<Foreign[]> {
  const hosts = await listObjects(client, kindNamed(REGISTRY, 'Host'), {});
  return hosts.flatMap(({ name, json }) => {
    const list =
      (json.status as StoredObject['status'] & { unmanaged?: { uid: string; name: string }[] }).unmanaged ?? [];
    return list.map((machine) => ({ host: name, ...machine }));
  });
}

function listText(foreign: readonly Foreign[]): string {
  if (foreign.length === 0) return 'Every machine on every host is managed.\n';
  return table(
    ['ID', 'NAME', 'HOST'],
    foreign.map(({ uid, name, host }) => [uid, name, host]),
  );
}

/** A manifest to fill in: what the machine is like is the person's to say. */
function skeleton({ uid, name, host }: Foreign, project: string): string {
  const safe =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 63) || 'adopted';
  const manifest = {
    apiVersion: 'steward/v1',
    kind: 'VirtualMachine',
    metadata: { name: safe, project, adopt: uid },
    spec: { cpus: 1, memoryMiB: 1024, placement: { host } },
  };
  return `# Fill in what it is like, then: steward adopt ${uid} -f <this file>\n${yamlText([manifest])}`;
}

async function adopt(session: Session, found: Foreign, options: Options): Promise<void> {
  const items = await readManifests(session.io, { names: options.file, registry: REGISTRY, project: session.project });
  const [item] = items;
  if (!item || items.length !== 1 || item.manifest.kind !== 'VirtualMachine')
    throw new CliError('Adopting takes one manifest, of a VirtualMachine.', EXIT.usage);
  const spec = {
    ...item.manifest.spec,
    placement: { ...(item.manifest.spec.placement as object | undefined), host: found.host },
  };
  const manifest = { ...item.manifest, metadata: { ...item.manifest.metadata, adopt: found.uid }, spec };
  const applied = await applyManifests(session, [{ ...item, manifest }], {
    source: 'cli',
    allow: 'none',
    wait: options.wait ?? false,
  });
  session.io.out(applied.map(({ key }) => `${keyText(key)} takes over ${found.name} on ${found.host}\n`).join(''));
  if (!options.wait) return;
  await waitForObjects(session, {
    targets: targetsOf(applied),
    timeoutMs: options.timeout,
  });
}
