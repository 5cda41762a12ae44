import type { JsonObject } from '../reconciler/json.ts';
import { keyText, type ObjectKey, type StoredObject } from '../reconciler/object.ts';
import { CliError, EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';

/** What somebody waits for: an object at a generation, a request, or that it is gone. */
export interface Target {
  key: ObjectKey;
  uid: string;
  generation: number;
  request?: { name: string; token: string };
  gone?: boolean;
  /** Field of its status, and what it must be. */
  status?: { field: string; value: string };
}

interface State {
  node: {
    isReady: boolean;
    ready: { reason: string; message: string };
    observedGeneration: number;
    json: StoredObject;
  } | null;
  operation: { readyGeneration: number; generation: number; gone: boolean; requests: Record<string, string> } | null;
}

const STATE = `query ($uid: ID!) {
  node(id: $uid) { ... on Object { isReady observedGeneration json ready { reason message } } }
  operation(uid: $uid) { readyGeneration generation gone requests }
}`;
const POLL_FIRST_MS = 150;
const POLL_MAX_MS = 2000;

/** Waits until every target is done, showing progress on a terminal. What is not done in time is named with its reason. */
export async function waitForObjects(
  session: Session,
  input: { targets: readonly Target[]; timeoutMs: number },
): Promise<void> {
  try {
    await untilDone(session, input);
  } finally {
    session.io.progress('');
  }
}

async function untilDone(session: Session, input: { targets: readonly Target[]; timeoutMs: number }): Promise<void> {
  const { io } = session;
  const deadline = io.now() + input.timeoutMs;
  let open = [...input.targets];
  let reasons = new Map<string, string>();
  for (let pause = POLL_FIRST_MS; open.length > 0; pause = Math.min(pause * 1.5, POLL_MAX_MS)) {
    const states = await inParallel(open, (target) => session.client.query<State>(STATE, { uid: target.uid }));
    const byUid = new Map(open.map((target, i) => [target.uid, states[i] as State]));
    reasons = new Map(open.map((target, i) => [keyText(target.key), whyNot(target, states[i] as State)]));
    open = open.filter((target) => reasons.get(keyText(target.key)) !== '');
    const stuck = open.filter((target) => stalled(target, byUid.get(target.uid)));
    if (stuck.length > 0)
      throw new CliError(`Without a change of the wish this will not be:\n  ${linesOf(stuck, reasons)}`);
    io.progress(`${input.targets.length - open.length} of ${input.targets.length} done`);
    if (open.length === 0) break;
    if (io.signal.aborted) throw new CliError('Interrupted; the server goes on by itself.', EXIT.interrupted);
    if (io.now() >= deadline) break;
    await io.sleep(Math.min(pause, Math.max(1, deadline - io.now())));
  }
  if (open.length === 0) return;
  throw new CliError(
    `Not done after ${Math.round(input.timeoutMs / 1000)} s:\n  ${linesOf(open, reasons)}`,
    EXIT.timeout,
  );
}

function linesOf(targets: readonly Target[], reasons: ReadonlyMap<string, string>): string {
  const lines = targets.slice(0, 20).map((target) => `${keyText(target.key)}: ${reasons.get(keyText(target.key))}`);
  return lines.join('\n  ');
}

/** The server has given up until the wish changes: more waiting is of no use. */
function stalled(target: Target, state: State | undefined): boolean {
  const node = state?.node;
  if (!node || target.gone || node.observedGeneration < target.generation) return false;
  return node.json.status.conditions.some((condition) => condition.type === 'Stalled' && condition.status === 'True');
}

/** '' when done, else the reason in words. */
function whyNot(target: Target, { node, operation }: State): string {
  if (target.gone) return node === null ? '' : `still there: ${node.ready.message}`;
  if (node === null) return 'it is gone';
  if (target.request) {
    const done = operation?.requests[target.request.name] === target.request.token;
    return done ? '' : node.ready.message;
  }
  if (target.status) {
    const { field, value } = target.status;
    const is = (node.json.status as unknown as JsonObject)[field];
    return is === value ? '' : `${field} is ${JSON.stringify(is)}: ${node.ready.message}`;
  }
  const ready = node.isReady && node.observedGeneration >= target.generation;
  return ready ? '' : node.ready.message;
}

const PARALLEL = 8;

async function inParallel<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += PARALLEL)
    results.push(...(await Promise.all(items.slice(i, i + PARALLEL).map(run))));
  return results;
}
