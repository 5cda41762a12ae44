import type { SessionSpan } from './policy.ts';
import type { SessionValue } from './records.ts';

/** Use is noted at most this often: a session is read with every request, and written seldom. */
const NOTE_EVERY_MS = 60_000;

/** Pure: whether a session still counts, and what to keep of this use. Epoch ms. */
export function judgeSession(
  session: SessionValue,
  { span, now }: { span: SessionSpan; now: number },
): { ok: false } | { ok: true; note: SessionValue | null } {
  if (now >= session.endsAt || now >= session.seenAt + span.idleMs) return { ok: false };
  const note = now - session.seenAt >= Math.min(NOTE_EVERY_MS, span.idleMs / 4) ? { ...session, seenAt: now } : null;
  return { ok: true, note };
}

/** When the row may be forgotten: at its end, or earlier when nobody uses it. */
export function sessionExpiry(session: SessionValue, span: SessionSpan): number {
  return Math.min(session.endsAt, session.seenAt + span.idleMs);
}

/** Whether a proof of who one is is recent enough for what is dangerous: passwords, second factors, keys. */
export function isFresh(
  session: Pick<SessionValue, 'provedAt'>,
  { freshMs, now }: { freshMs: number; now: number },
): boolean {
  return now - session.provedAt < freshMs;
}
