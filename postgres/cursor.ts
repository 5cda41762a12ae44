import { CursorError } from '../reconciler/cursor-error.ts';
/** Opaque cursors: the sort key of the last item, so that a page stays right while rows come and go. */
export function encodeCursor(rank: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(rank)).toString('base64url');
}

interface Types {
  string: string;
  number: number;
}

/** Throws, naming the cursor, if no page can have returned it. */
export function decodeCursor<A extends keyof Types, B extends keyof Types>(
  cursor: string,
  [first, second]: [A, B],
): [Types[A], Types[B]] {
  const rank = parse(cursor);
  if (Array.isArray(rank) && rank.length === 2 && typeof rank[0] === first && typeof rank[1] === second) {
    return rank as [Types[A], Types[B]];
  }
  throw new CursorError(cursor);
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}
