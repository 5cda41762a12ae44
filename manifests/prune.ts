import { keyText, type ObjectKey } from '../reconciler/object.ts';

/** An object that has something of a source in it. */
export interface Held {
  key: ObjectKey;
  /** Another source owns a part of it too: then it is not this source's to remove. */
  shared: boolean;
}

export type Pruning = { remove: ObjectKey[] } | { refused: string };

/** So few may always go at once. */
const FEW = 5;
const SHARE_MAX = 0.5;

/**
 * Pure: what a source no longer holds. An empty source, and one that lost most of what it held, is far more often a wrong path, a
 * failed mount or a bad merge than a wish; removal then waits for somebody to say so.
 */
export function prunePlan(input: {
  held: readonly Held[];
  wanted: readonly ObjectKey[];
  allowEmpty: boolean;
}): Pruning {
  const wanted = new Set(input.wanted.map(keyText));
  const remove = input.held.filter((h) => !h.shared && !wanted.has(keyText(h.key))).map((h) => h.key);
  if (input.allowEmpty || remove.length === 0) return { remove };
  if (wanted.size === 0)
    return { refused: `the source holds no manifest any more; its ${count(remove)} stay. ${REMEDY}` };
  if (remove.length > FEW && remove.length > input.held.length * SHARE_MAX)
    return { refused: `${remove.length} of its ${count(input.held)} would be removed at once; they stay. ${REMEDY}` };
  return { remove };
}

const REMEDY = 'Set allowEmpty on the Source if that is wished';

function count(list: readonly unknown[]): string {
  return list.length === 1 ? '1 object' : `${list.length} objects`;
}
