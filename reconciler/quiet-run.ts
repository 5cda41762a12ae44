import { isQuiet } from './completion.ts';
import { nextInstant } from './overrides.ts';
import { isResolvedAlike, isSeenAlike } from './quiet-passes.ts';
import { look, unanswered } from './rounds.ts';
import { type Run, type Verdict, verdict } from './run.ts';
import type { CompleteResult, Completion, RefLookup } from './store.ts';

/**
 * If everything that the last pass read is as it was, which had nothing to do, then neither has this one; null: it must be worked out. What
 * the world looks like is asked all the same, as freshly as ever.
 */
export async function stillQuiet<Ports>(run: Run<Ports>): Promise<Verdict | null> {
  const { before, engine } = run;
  if (before === null) return null;
  const found = await engine.store.resolve(before.lookups);
  if (!isResolvedAlike(before.lookups, found)) return null;
  run.refs = before.refs;
  if (run.kind.observe && !(await look(run, run.now()))) return unanswered();
  run.looked = true;
  run.unchanged = isSeenAlike(before.observed, run.observed);
  return run.unchanged ? verdict({ kind: 'settled' }) : null;
}

/** Remembers a pass that found nothing to do, for as long as it may be taken for the next one. */
export function noteQuietPass<Ports>(run: Run<Ports>, completion: Completion, result: CompleteResult): void {
  const { claim, before, loaded, refs, observed, engine } = run;
  const { quietPasses } = engine.store;
  if (result === 'done' && run.unchanged && before) before.epoch = claim.epoch;
  else if (result === 'done' && isRepeatable(run, completion)) {
    const lookups = [...refLookups(run), ...run.lookups];
    quietPasses.keep(claim.uid, { epoch: claim.epoch, loaded, refs, lookups, observed });
  } else quietPasses.forget(claim.uid);
}

/** It wrote nothing, and came out of nothing but what was loaded, resolved and observed. */
function isRepeatable<Ports>(run: Run<Ports>, completion: Completion): boolean {
  const { loaded, object } = run;
  const asLoaded = run.claims === loaded.claims && run.bindings === loaded.bindings;
  const timeless = object.metadata.deletedAt === null && nextInstant(object, run.now()) === null;
  return completion.outcome === 'settled' && isQuiet(completion) && asLoaded && timeless && !run.impure;
}

function refLookups<Ports>({ refs, object }: Run<Ports>): RefLookup[] {
  const { project } = object.metadata;
  return refs.map(({ path, kind, name, object: known }) => {
    return { kind, name, project, pinnedUid: object.status.refs[path] ?? null, known };
  });
}
