import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import { apply, type KeyInput, keysOf } from '../mutations.ts';

const METHODS_MAX = 100;

/** One of a project's methods is the default, and the others are not: one change, all or none. */
export async function setDefaultMethod(context: Context, object: KeyInput): Promise<true> {
  const [key] = keysOf(context.api.registry, [object]);
  if (key?.kind !== 'PaymentMethod' || key.project === null)
    throw new UserError(`object: ${object.kind} is no PaymentMethod.`);
  const { project, name } = key;
  const page = await context.api.store.list({ kind: 'PaymentMethod', project, orderBy: 'name', limit: METHODS_MAX });
  const names = page.items.map(({ object }) => object.metadata.name);
  if (!names.includes(name)) throw new UserError(`object: the project "${project}" has no PaymentMethod "${name}".`);
  const outcome = await apply(context, {
    manifests: names.map((each) => ({
      kind: 'PaymentMethod',
      metadata: { name: each, project },
      spec: { default: each === name },
    })),
    source: 'payments',
    takeOver: true,
  });
  if (outcome.tag === 'ApplySuccess') return true;
  throw new UserError(outcome.issues.map(({ path, message }) => `${path} ${message}`).join('; '));
}
