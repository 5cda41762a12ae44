import { type Command, Option } from 'commander';
import type { LoadedManifest } from '../../manifests/manifest.ts';
import { keyText, type ObjectKey } from '../../reconciler/object.ts';
import type { FieldChange, Risk } from '../../reconciler/plan.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { readManifests } from '../input/manifests.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { allowOption, filesOption, sourceOption, timeoutOption } from '../options.ts';
import { changeLines } from '../output/changes.ts';
import { openSession, type Session } from '../session.ts';
import { type Target, waitForObjects } from '../waiting.ts';

export interface ApplyOptions {
  file: string[];
  allow: Risk;
  source: string;
  takeOver?: boolean;
  dryRun?: boolean;
  wait?: boolean;
  timeout: number;
  plan?: string;
  output: 'text' | 'name' | 'json';
}

export interface Applied {
  key: ObjectKey;
  change: 'created' | 'configured' | 'unchanged';
  changes: FieldChange[];
  /** Only when it was asked for, to be followed. */
  operation?: { uid: string; generation: number };
}

const RESULT = `... on ApplySuccess { results { key { kind project name } change changes { path from to } operation @include(if: $follow) { uid generation } } } ${REFUSED_FIELDS}`;
const APPLY = `mutation ($manifests: [JSON!]!, $source: String, $takeOver: Boolean, $allowedRisk: Risk, $dryRun: Boolean, $follow: Boolean!, $key: String) {
  apply(manifests: $manifests, source: $source, takeOver: $takeOver, allowedRisk: $allowedRisk, dryRun: $dryRun, idempotencyKey: $key) { ${RESULT} }
}`;
const APPLY_PLAN = `mutation ($id: ID!, $follow: Boolean!, $key: String) { applyPlan(id: $id, idempotencyKey: $key) { ${RESULT} } }`;
const APPLY_TIMEOUT_MS = 120_000;

type Result = { results: Applied[] } | Refused;

export function addApply(program: Command, io: Io): void {
  program
    .command('apply')
    .description('make the objects as the manifests say: all of them, or none and every reason why')
    .addOption(filesOption())
    .addOption(allowOption())
    .addOption(sourceOption())
    .option('--take-over', 'take fields over from other sources')
    .option('--dry-run', 'judge everything, write nothing')
    .option('--plan <id>', 'apply a plan that "steward plan --save" showed, exactly')
    .option('--wait', 'until everything is ready')
    .addOption(timeoutOption('10m'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'name', 'json']).default('text'))
    .action(async (options: ApplyOptions, command: Command) => {
      const session = openSession(io, command);
      const applied =
        options.plan === undefined ? await applyFiles(session, options) : await applyPlan(session, options.plan);
      io.out(resultText(session.io, applied, options));
      if (!options.wait || options.dryRun) return;
      await waitForObjects(session, {
        targets: targetsOf(applied),
        timeoutMs: options.timeout,
      });
    });
}

async function applyFiles(session: Session, options: ApplyOptions): Promise<Applied[]> {
  const items = await readManifests(session.io, { names: options.file, registry: REGISTRY, project: session.project });
  return applyManifests(session, items, options);
}

/** Sends checked manifests; the server's objections are shown at their places in the files. */
export async function applyManifests(
  { client }: Pick<Session, 'client'>,
  items: readonly LoadedManifest[],
  options: Pick<ApplyOptions, 'source' | 'takeOver' | 'allow' | 'dryRun' | 'wait'>,
): Promise<Applied[]> {
  const variables = {
    manifests: items.map(({ manifest }) => manifest),
    source: options.source,
    takeOver: options.takeOver ?? false,
    allowedRisk: options.allow,
    dryRun: options.dryRun ?? false,
    follow: options.wait ?? false,
  };
  const { apply } = await client.mutate<{ apply: Result }>(APPLY, variables, { timeoutMs: APPLY_TIMEOUT_MS });
  if ('issues' in apply) throw refusal(apply, items);
  return apply.results;
}

async function applyPlan({ client }: Session, id: string): Promise<Applied[]> {
  const { applyPlan: result } = await client.mutate<{ applyPlan: Result }>(
    APPLY_PLAN,
    { id, follow: true },
    { timeoutMs: APPLY_TIMEOUT_MS },
  );
  if ('issues' in result) throw new CliError(refusal(result).message, EXIT.conflict);
  return result.results;
}

/** What to wait for after an apply that was asked to be followed. */
export function targetsOf(applied: readonly Applied[]): Target[] {
  return applied.flatMap(({ key, operation }) => (operation ? [{ key, ...operation }] : []));
}

function resultText({ paint }: Io, applied: readonly Applied[], options: ApplyOptions): string {
  if (options.output === 'json') return `${JSON.stringify(applied, null, 2)}\n`;
  if (options.output === 'name') return applied.map(({ key }) => `${keyText(key)}\n`).join('');
  const colour = { created: paint.good, configured: paint.warn, unchanged: paint.dim };
  const changed = applied.filter(({ change }) => change !== 'unchanged');
  const lines = (applied.length > 20 ? changed : applied).flatMap(({ key, change, changes }) => [
    `${keyText(key)} ${colour[change](change)}`,
    ...(change === 'configured' ? changeLines(changes, paint) : []),
  ]);
  const count = (change: Applied['change']) => applied.filter((one) => one.change === change).length;
  const dry = options.dryRun ? ' (dry run: nothing was written)' : '';
  const total = `${count('created')} created, ${count('configured')} configured, ${count('unchanged')} unchanged${dry}`;
  return `${[...lines, total].join('\n')}\n`;
}
