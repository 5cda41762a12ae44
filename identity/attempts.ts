import { digestOf } from './one-way.ts';
import type { Records, RecordTypes, Row } from './records.ts';

/** How many tries something allows before each further one has to wait longer. */
export interface AttemptPolicy {
  /** What is counted, e.g. `signIn:user`. Different scopes never share a count. */
  scope: string;
  /** Tries without any wait. */
  free: number;
  /** Wait after the first try beyond these; it doubles with each further one. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** After such a time without a try all is forgotten. */
  forgetMs: number;
}

export type Attempt = { allowed: true; count: number } | { allowed: false; waitMs: number };

type State = RecordTypes['attempts'];

/** Pure: what one more try does to the count, or how long it has to wait. A try that has to wait is not counted. */
export function nextAttempt(
  policy: AttemptPolicy,
  state: State | undefined,
  now: number,
): { state: State; attempt: Attempt } {
  const fresh = state === undefined || now - state.lastAt > policy.forgetMs;
  const known: State = fresh ? { count: 0, lastAt: now, blockedUntil: 0 } : state;
  if (known.blockedUntil > now) return { state: known, attempt: { allowed: false, waitMs: known.blockedUntil - now } };
  const count = known.count + 1;
  const beyond = count - policy.free;
  const waitMs = beyond < 0 ? 0 : Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** Math.min(beyond, 40));
  return { state: { count, lastAt: now, blockedUntil: now + waitMs }, attempt: { allowed: true, count } };
}

const RACES_MAX = 8;

/**
 * Counts a try before it is judged, so that a thousand parallel guesses are a thousand tries. What succeeds is taken back by `forgive`.
 * Whom it is for is kept as a digest: the table names nobody, known or unknown.
 */
export async function countAttempt(
  records: Records,
  policy: AttemptPolicy,
  { whom, now }: { whom: string; now: number },
): Promise<Attempt> {
  const key = digestOf('attempts', policy.scope, whom);
  for (let race = 0; race < RACES_MAX; race++) {
    const row = await records.get('attempts', key);
    const { state, attempt } = nextAttempt(policy, row?.value, now);
    if (!attempt.allowed) return attempt;
    const next = { key, subject: policy.scope, value: state, expiresAt: now + policy.forgetMs };
    const counted = row
      ? await records.update('attempts', { ...next, version: row.version })
      : await records.insert('attempts', next);
    if (counted) return attempt;
  }
  return { allowed: false, waitMs: policy.firstWaitMs };
}

/** Takes one try back that did succeed; failures of others from there stay counted. */
export async function takeBack(
  records: Records,
  policy: AttemptPolicy,
  { whom, now }: { whom: string; now: number },
): Promise<void> {
  const key = digestOf('attempts', policy.scope, whom);
  for (let race = 0; race < RACES_MAX; race++) {
    const row = await records.get('attempts', key);
    if (!row) return;
    const count = row.value.count - 1;
    const blockedUntil = count < policy.free ? now : row.value.blockedUntil;
    if (await records.update('attempts', { ...row, value: { ...row.value, count, blockedUntil } })) return;
  }
}

export async function forgive(records: Records, policy: AttemptPolicy, whom: string): Promise<void> {
  await records.remove('attempts', digestOf('attempts', policy.scope, whom));
}

/** Tries that were counted and not forgiven. */
export async function attemptsOf(
  records: Records,
  policy: AttemptPolicy,
  { whom, now }: { whom: string; now: number },
): Promise<number> {
  const row: Row<'attempts'> | undefined = await records.get('attempts', digestOf('attempts', policy.scope, whom));
  return row === undefined || now - row.value.lastAt > policy.forgetMs ? 0 : row.value.count;
}

/** One household or server has one IPv4 address, or a /64 of IPv6. */
export function addressOf(from: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(from)?.[1];
  if (mapped !== undefined) return mapped;
  if (!from.includes(':')) return from;
  const [head = '', tail] = from.toLowerCase().split('%')[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => '0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}
