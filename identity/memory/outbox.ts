import type { Outbox, WaitingLetter } from '../letters.ts';

const LETTERS_MAX = 10_000;

/** Letters that nobody will read after the process has ended. */
export function createMemoryOutbox(): Outbox {
  const letters = new Map<string, WaitingLetter>();
  return {
    put: async (letter) => {
      const key = JSON.stringify([letter.event, letter.recipientIndex, letter.template]);
      if (letters.has(key) || letters.size >= LETTERS_MAX) return false;
      letters.set(key, { ...letter });
      return true;
    },
    waiting: async (limit) => [...letters.values()].slice(0, limit),
  };
}
