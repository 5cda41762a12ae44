import type { CallOptions, Result } from '../port.ts';
import type { CallRecord } from './faults.ts';
import { failure } from './results.ts';
import type { HostState } from './state.ts';
import { logCall, type World } from './world.ts';

/** A connection of one installation to one host. */
export interface Connection {
  world: World;
  host: HostState;
  installationId: string;
  /** Aborted when the connection is closed. */
  closed: AbortSignal;
}

interface Request {
  verb: string;
  uid: string | null;
  changes: boolean;
  options: CallOptions | undefined;
}

/**
 * The way of every call: deadline, latency, faults, effect, reply. The effect runs in one go at one instant, so that answers are
 * never older than their call.
 */
export async function call<T>(
  connection: Connection,
  request: Request,
  effect: () => Result<T> | Promise<Result<T>>,
): Promise<Result<T>> {
  const { world, host } = connection;
  const record: CallRecord = {
    host: host.name,
    verb: request.verb,
    uid: request.uid,
    at: world.clock.now(),
    changes: request.changes,
  };
  const refusal = refusalAtOnce(connection, request);
  if (refusal) return refusal;
  logCall(world, record);
  const fault = world.faults.decide(record);
  if (fault?.kind === 'error') {
    await pass(connection, request, world.settings.latencyMs(record));
    return failure(fault.code, fault.message ?? `${request.verb} was refused.`);
  }
  if (fault?.kind === 'late') return late(connection, request, { record, effect, afterMs: fault.afterMs });
  const slowness = fault?.kind === 'slow' ? fault.ms : 0;
  const stopped = await pass(connection, request, world.settings.latencyMs(record) + slowness);
  if (stopped) return stopped;
  const result = await perform(world, record, effect);
  return fault?.kind === 'lostReply' ? timedOut(request) : result;
}

function refusalAtOnce({ world, host, closed }: Connection, request: Request) {
  if (request.options?.signal?.aborted) return aborted(request);
  if (closed.aborted) return failure('Unreachable', `The connection to ${host.name} was closed.`);
  if (world.unreachable.has(host.name)) return failure('Unreachable', `${host.name} does not answer.`);
  return null;
}

/** Lets the call's time go by; says why it ended early. */
async function pass(connection: Connection, request: Request, ms: number) {
  const { world, host } = connection;
  if (ms > 0) {
    const deadlineMs = request.options?.timeoutMs ?? world.settings.timeoutMs;
    await world.clock.sleep(Math.min(ms, deadlineMs), request.options?.signal);
    if (request.options?.signal?.aborted) return aborted(request);
    if (ms > deadlineMs) return timedOut(request);
  }
  return world.unreachable.has(host.name) ? failure('Unreachable', `${host.name} does not answer.`) : null;
}

async function late<T>(
  connection: Connection,
  request: Request,
  act: { record: CallRecord; effect: () => Result<T> | Promise<Result<T>>; afterMs: number },
): Promise<Result<T>> {
  const { clock, settings } = connection.world;
  const landing = clock.sleep(act.afterMs).then(() => perform(connection.world, act.record, act.effect));
  // Nobody waits for what lands late: not even for its crash.
  landing.catch(() => undefined);
  await clock.sleep(request.options?.timeoutMs ?? settings.timeoutMs, request.options?.signal);
  return request.options?.signal?.aborted ? aborted(request) : timedOut(request);
}

async function perform<T>(world: World, record: CallRecord, effect: () => Result<T> | Promise<Result<T>>) {
  if (!record.changes) return effect();
  world.faults.beforeEffect(record);
  const result = await effect();
  world.faults.afterEffect(record);
  return result;
}

function aborted(request: Request) {
  return failure('Aborted', `${request.verb} was aborted.`);
}

function timedOut(request: Request) {
  return failure('TimedOut', `${request.verb} was not answered in time.`);
}
