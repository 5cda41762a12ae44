import { failureKind } from './failures.ts';

/**
 * Runs a batch as one; should the database refuse it for good, each item by itself, so that one poisoned item does not hold up the others.
 * The error is told all the same, once all others are done.
 */
export async function isolated<Item, Result>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  try {
    return await run(items);
  } catch (error) {
    if (items.length < 2 || failureKind(error) !== 'final') throw error;
    return oneByOne(items, run);
  }
}

async function oneByOne<Item, Result>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      results.push(...(await run([item])));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return results;
}
