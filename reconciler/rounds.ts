import { childChanges, NO_CHILD_CHANGES } from './children.ts';
import { iso } from './clock.ts';
import { isReady } from './conditions.ts';
import { withDeadline } from './deadline.ts';
import { type Reason, reason } from './json.ts';
import { isGone, type Observation } from './observation.ts';
import { type Performance, perform } from './perform.ts';
import { type Child, type Plan, riskier, type Step } from './plan.ts';
import { refsView } from './resolve-refs.ts';
import { planInput, type Run, seen, type Verdict, verdict } from './run.ts';

const SILENCE_RETRY_MS = 10_000;

/** observe → plan → act, again and again until nothing is left to do, something must be waited for, or the rounds are used up. */
export async function converge<Ports>(run: Run<Ports>): Promise<Verdict> {
  const { rounds, takeoverGraceMs } = run.engine.options;
  let notBefore = run.now();
  for (let round = 0; round < rounds; round++) {
    if (!(round === 0 && run.looked) && !(await look(run, notBefore))) return unanswered();
    const decided = await decide(run);
    if ('outcome' in decided) return decided;
    learn(run);
    const { kind, claim, object, lease, holds, reconcileId } = run;
    // What was Ready as wished and needs a step all the same was changed by somebody outside.
    const drift = isReady(object) && !run.deleting;
    const performed = await perform(run.engine, {
      kind,
      claim,
      object,
      lease,
      holds,
      reconcileId,
      drift,
      refs: refsView(run.refs),
      steps: decided.steps,
    });
    run.records.push(...performed.records);
    Object.assign(run.fulfilled, performed.fulfilled);
    remember(run, performed.fulfilled);
    if (performed.stopped) {
      if (performed.stopped.reason.code === 'TimedOut') run.landsUntil = iso(run.now() + takeoverGraceMs);
      await look(run, run.now());
      return stopped(performed.stopped, decided.verdict);
    }
    notBefore = run.now();
  }
  return verdict({ kind: 'progressed', afterMs: 1_000 });
}

/** Reads the world into the run. False if the observation as a whole did not come back. */
export async function look<Ports>(run: Run<Ports>, notBefore: number): Promise<boolean> {
  const { kind, engine, bindings, object } = run;
  if (!kind.observe) return true;
  const input = {
    object,
    refs: refsView(run.refs),
    now: run.now(),
    claims: run.claims,
    bindings,
    notBefore,
    installationId: engine.installationId,
  };
  const observe = kind.observe;
  const timed = await withDeadline(
    engine.environment.clock,
    { deadlineMs: engine.options.observeDeadlineMs, outer: run.lease },
    () => observe.call(kind, engine.ports, input),
  );
  if (timed.outcome !== 'done') return false;
  run.observed = timed.value;
  const { silent } = timed.value;
  const places = bindings.map(({ place }) => place).filter((place) => !silent.some((one) => one.place === place));
  engine.watcher.observed?.({ places, at: run.now() });
  return true;
}

/** The observation as a whole did not come back. */
export function unanswered(): Verdict {
  return waiting('PlaceSilent', { place: 'observation', code: 'TimedOut' }, SILENCE_RETRY_MS);
}

type Decision = Verdict | { steps: Step[]; verdict: Verdict };

/** Pure but for reading children that others own: what to do about what was seen. */
async function decide<Ports>(run: Run<Ports>): Promise<Decision> {
  const all = seen(run);
  const foreign = all.sightings.find((sighting) => !sighting.owned);
  // On the way out, what others made under our name is as if it were not there.
  const observed = run.deleting ? { ...all, sightings: all.sightings.filter((sighting) => sighting.owned) } : all;
  if (foreign && !run.deleting && run.object.metadata.adopt === null) {
    return waiting('NotOwned', { place: foreign.place }, run.engine.options.resyncMs);
  }
  const holders = run.loaded.holders;
  if (run.deleting && run.kind.protectedWhileReferenced !== false && holders.total > 0) {
    const named = holders.first.map((key) => `${key.kind}/${key.name}`).join(', ');
    return waiting('InUse', { holders: holders.total > holders.first.length ? `${named} and others` : named }, 15_000);
  }
  const plan = await planned(run, observed);
  run.plan = plan;
  if ('invalid' in plan) return verdict({ kind: 'failed', reason: plan.invalid, terminal: true });
  const children = run.paused ? NO_CHILD_CHANGES : childrenOf(run, plan.children);
  if (run.paused || run.engine.options.reportOnly) return verdict({ kind: 'settled' });
  if ('waiting' in plan) return verdict({ kind: 'waiting', reason: plan.waiting, afterMs: plan.afterMs }, { children });
  return allowed(run, {
    observed,
    steps: plan.steps,
    done: verdict(afterSteps(run, observed), { children, remove: removable(run, observed) }),
  });
}

async function planned<Ports>(run: Run<Ports>, observed: Observation): Promise<Plan> {
  if (!run.kind.plan) return { steps: [] };
  const plan = run.kind.plan(planInput(run, observed));
  const unknown = ('invalid' in plan ? [] : (plan.children ?? [])).filter(
    (c) => c.ownerUid !== undefined && !run.children[c.key],
  );
  if (unknown.length === 0) return plan;
  const lookups = unknown.map(({ kind, name, project }) => ({ kind, name, project, pinnedUid: null }));
  const found = await run.engine.store.resolve(lookups);
  run.lookups = lookups.map((lookup, index) => ({ ...lookup, known: found[index] }));
  const known = unknown.flatMap((child, i) => (found[i] ? [[child.key, found[i]] as const] : []));
  if (known.length === 0) return plan;
  run.children = { ...run.children, ...Object.fromEntries(known) };
  return run.kind.plan(planInput(run, observed));
}

/** Holds back steps at silent places and steps that may cost more than was allowed. */
function allowed<Ports>(
  run: Run<Ports>,
  { observed, steps, done }: { observed: Observation; steps: Step[]; done: Verdict },
): Decision {
  const silent = new Map(observed.silent.map(({ place, code }) => [place, code]));
  const reachable = steps.filter((step) => step.place === null || !silent.has(step.place));
  const risky = reachable.findIndex((step) => riskier(step.risk, run.object.metadata.allowedRisk));
  const safe = risky < 0 ? reachable : reachable.slice(0, risky);
  if (safe.length > 0) return { steps: safe, verdict: done };
  const blocked = reachable[risky];
  if (blocked)
    return waiting('ApprovalRequired', { verb: blocked.verb, risk: blocked.risk }, run.engine.options.resyncMs, done);
  const [first] = observed.silent;
  if (first && (steps.length > 0 || run.deleting)) return waiting('PlaceSilent', { ...first }, SILENCE_RETRY_MS, done);
  return done;
}

/** The outcome when no step is left: settled, or on the way out. */
function afterSteps<Ports>(run: Run<Ports>, observed: Observation): Verdict['outcome'] {
  if (!run.deleting) return { kind: 'settled' };
  const own = ownChildren(run);
  if (own.length > 0) {
    const names = own
      .slice(0, 5)
      .map((child) => `${child.kind}/${child.metadata.name}`)
      .join(', ');
    return { kind: 'waiting', reason: reason('ChildrenRemain', { count: own.length, names }), afterMs: 5_000 };
  }
  if (removable(run, observed)) return { kind: 'settled' };
  return { kind: 'waiting', reason: reason('Deleting'), afterMs: 2_000 };
}

/** Only once every bound place answered and none of them holds it, and no child is left. */
function removable<Ports>(run: Run<Ports>, observed: Observation): boolean {
  if (!run.deleting || ownChildren(run).length > 0) return false;
  return isGone(
    observed,
    run.bindings.map((binding) => binding.place),
  );
}

function childrenOf<Ports>(run: Run<Ports>, planned: readonly Child[] | undefined) {
  const changes = { owner: run.object, existing: run.children, now: run.now() };
  if (!run.deleting) return planned ? childChanges(run.engine, { ...changes, planned }) : NO_CHILD_CHANGES;
  const own = ownChildren(run).filter((child) => child.metadata.deletedAt === null);
  return { apply: [], remove: own.map((child) => child.metadata.uid) };
}

function ownChildren<Ports>(run: Run<Ports>) {
  return run.loaded.children.filter((child) => child.metadata.ownerUid === run.object.metadata.uid);
}

/** What a round reports is known to the next one, as if each were a reconcile of its own. */
function learn<Ports>(run: Run<Ports>): void {
  const { kind, observed, plan, object } = run;
  if (!kind.report || !plan || (kind.observe && observed === null)) return;
  const { status } = kind.report(Object.assign(planInput(run, seen(run)), { plan }));
  run.object = { ...object, status: { ...object.status, ...status } };
}

/** Requests that are done must not be planned again in the next round. */
function remember<Ports>(run: Run<Ports>, fulfilled: Record<string, string>): void {
  const { status } = run.object;
  run.object = { ...run.object, status: { ...status, requests: { ...status.requests, ...fulfilled } } };
}

function stopped(stop: NonNullable<Performance['stopped']>, { children }: Verdict): Verdict {
  if (stop.retry === 'wait') return verdict({ kind: 'waiting', reason: stop.reason, afterMs: 5_000 }, { children });
  return verdict({ kind: 'failed', reason: stop.reason, terminal: stop.retry === 'never' }, { children });
}

function waiting(code: string, params: Reason['params'], afterMs: number, base?: Verdict): Verdict {
  return verdict({ kind: 'waiting', reason: reason(code, params), afterMs }, { children: base?.children ?? null });
}
