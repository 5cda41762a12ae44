import { type Command, Option } from 'commander';
import type { LoadedManifest } from '../../manifests/manifest.ts';
import type { ObjectKey } from '../../reconciler/object.ts';
import type { Risk } from '../../reconciler/plan.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { CliError, EXIT, tellDifferences } from '../exit-codes.ts';
import { readManifests } from '../input/manifests.ts';
import { parseNames } from '../input/names.ts';
import { REFUSED_FIELDS, type Refused, refusal } from '../input/refusal.ts';
import type { Io } from '../io.ts';
import { allowOption, filesOption, sourceOption } from '../options.ts';
import { hasChanges, PLAN_FIELDS, type PlanView, reviewText } from '../output/review.ts';
import { openSession, type Session } from '../session.ts';

interface Options {
  file: string[];
  delete: string[];
  allow: Risk;
  source: string;
  takeOver?: boolean;
  save?: boolean;
  exitCode?: boolean;
  output: 'text' | 'json';
}

export function addPlan(program: Command, io: Io): void {
  program
    .command('plan')
    .description('what applying would do: field by field, step by step, and what it costs')
    .addOption(filesOption())
    .option('--delete <names...>', 'foresee deleting these too, e.g. vm/web', [])
    .addOption(allowOption())
    .addOption(sourceOption())
    .option('--take-over', 'as if fields were taken over from other sources')
    .option('--save', 'keep it, to be applied exactly by "steward apply --plan <id>"')
    .option('--exit-code', `end with ${EXIT.differences} when there is something to do`)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action((options: Options, command: Command) =>
      tellDifferences(options, () => showPlan(openSession(io, command), options)),
    );
}

/** True if there is something to do. */
async function showPlan(session: Session, options: Options): Promise<boolean> {
  const { io, project } = session;
  if (options.file.length === 0 && options.delete.length === 0)
    throw new CliError('Say what to foresee: -f for manifests, --delete for objects.', EXIT.usage);
  const input = { registry: REGISTRY, project, names: options.file };
  const items = options.file.length > 0 ? await readManifests(io, input) : [];
  const deletes = options.delete.length > 0 ? parseNames(REGISTRY, options.delete, project).keys : [];
  const plan = await foresee(session, { ...options, items, deletes });
  io.out(options.output === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : reviewText(plan, io.paint));
  if (plan.id !== null && options.output === 'text')
    io.out(`Saved. To apply exactly this: steward apply --plan ${plan.id}\n`);
  return hasChanges(plan);
}

const PLAN = `mutation ($manifests: [JSON!], $deletes: [ObjectKeyInput!], $look: [ObjectKeyInput!], $source: String, $takeOver: Boolean, $allowedRisk: Risk, $save: Boolean, $key: String) {
  plan(manifests: $manifests, deletes: $deletes, look: $look, source: $source, takeOver: $takeOver, allowedRisk: $allowedRisk, save: $save, idempotencyKey: $key) {
    ${PLAN_FIELDS} ${REFUSED_FIELDS}
  }
}`;
const PLAN_TIMEOUT_MS = 300_000;

/** Asks the server to run the engine on a copy of store and world. */
export async function foresee(
  { client }: Pick<Session, 'client'>,
  request: {
    items?: readonly LoadedManifest[];
    deletes?: readonly ObjectKey[];
    look?: readonly ObjectKey[];
    source?: string;
    takeOver?: boolean;
    allow?: Risk;
    save?: boolean;
  },
): Promise<PlanView> {
  const {
    items = [],
    deletes = [],
    look = [],
    source = 'cli',
    takeOver = false,
    allow = 'none',
    save = false,
  } = request;
  const variables = {
    manifests: items.map(({ manifest }) => manifest),
    deletes,
    look,
    source,
    takeOver,
    allowedRisk: allow,
    save,
  };
  const { plan } = await client.mutate<{ plan: PlanView | Refused }>(PLAN, variables, { timeoutMs: PLAN_TIMEOUT_MS });
  if ('issues' in plan) throw refusal(plan, items);
  return plan;
}
