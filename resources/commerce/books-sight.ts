import type { JsonObject } from '../../reconciler/json.ts';
import type { Metadata } from '../../reconciler/object.ts';
import { nothingSeen, type Observation } from '../../reconciler/observation.ts';
import type { Ports } from '../ports.ts';

/** Where the books say what became of a wish. Nothing of it stands outside, so there is nothing to remove. */
const BOOKS_PLACE = 'books';

/** What the books know of a wish. Until they are there, or know it, nothing is seen. */
async function observeInBooks(
  { books }: Ports,
  { object, now }: { object: { metadata: Pick<Metadata, 'uid' | 'deletedAt'> }; now: number },
): Promise<Observation<JsonObject>> {
  const state = (await books?.statusOf(object.metadata.uid)) ?? null;
  if (state === null || object.metadata.deletedAt !== null) return nothingSeen(now);
  return { sightings: [{ place: BOOKS_PLACE, owned: true, state }], silent: [], asOf: now };
}

/** Of a kind whose status is what the books say of it. */
export const SEEN_IN_BOOKS = {
  observe: observeInBooks,
  report: ({ observed }: { observed: Observation }) => ({
    status: (observed.sightings[0]?.state ?? {}) as JsonObject,
    conditions: [],
  }),
};
