import { hashText } from './prng.ts';

/** What happened, in order: a hash of all of it, and the last lines to read. */
export interface Trace {
  note(line: string): void;
  hash(): number;
  tail(lines: number): string[];
  length(): number;
}

const KEPT = 4_000;

export function createTrace(now: () => number, startedAt: number): Trace {
  let hash = 0x811c9dc5;
  let count = 0;
  let lines: string[] = [];
  return {
    note: (line) => {
      const text = `${((now() - startedAt) / 1000).toFixed(3)} ${line}`;
      hash = hashText(text, hash);
      count++;
      lines.push(text);
      if (lines.length > 2 * KEPT) lines = lines.slice(-KEPT);
    },
    hash: () => hash,
    tail: (wanted) => lines.slice(-wanted),
    length: () => count,
  };
}
