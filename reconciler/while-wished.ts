import { OVER } from './deadline.ts';
import type { Engine } from './engine.ts';

const LOOK_EVERY_MS = 10_000;

/**
 * Does something long for an object, and aborts its signal also once the object is being deleted: nobody waits for hours until a copy is
 * complete that goes at once. What it answers when it has tidied up is waited for.
 */
export async function whileWished<Ports, T>(
  engine: Engine<Ports>,
  { uid, outer }: { uid: string; outer: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const unwished = new AbortController();
  void watch(engine, { uid, over: AbortSignal.any([outer, over.signal]), unwished });
  try {
    return await work(AbortSignal.any([outer, unwished.signal]));
  } finally {
    over.abort(OVER);
  }
}

async function watch<Ports>(
  { environment: { clock }, store }: Engine<Ports>,
  { uid, over, unwished }: { uid: string; over: AbortSignal; unwished: AbortController },
): Promise<void> {
  while (!over.aborted && !unwished.signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, over);
    if (over.aborted) return;
    // A store that does not answer says nothing about the wish: the next look tells.
    const loaded = await store.load({ uid, known: undefined }).catch(() => undefined);
    const deletedAt = loaded?.object.metadata.deletedAt ?? null;
    if (deletedAt !== null && Date.parse(deletedAt) <= clock.now()) unwished.abort(OVER);
  }
}
