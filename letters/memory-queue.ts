import type { LetterQueue, QueuedLetter } from './delivery.ts';

interface Standing {
  attempts: number;
  dueAt: number;
  over: boolean;
}

const LETTERS_MAX = 10_000;

/** Letters that wait in this process, and are forgotten with it. */
export function createMemoryQueue(
  waiting: (limit: number) => Promise<Omit<QueuedLetter, 'attempts'>[]>,
  now: () => number,
): LetterQueue {
  const standings = new Map<string, Standing>();
  const of = (id: string): Standing => standings.get(id) ?? { attempts: 0, dueAt: 0, over: false };
  const end = async (id: string) => {
    standings.set(id, { ...of(id), over: true });
  };
  return {
    claim: async ({ limit, leaseMs }) => {
      const all = await waiting(LETTERS_MAX);
      const due = all.filter(({ id }) => !of(id).over && of(id).dueAt <= now()).slice(0, limit);
      return due.map((letter) => {
        const { attempts } = of(letter.id);
        standings.set(letter.id, { attempts: attempts + 1, dueAt: now() + leaseMs, over: false });
        return { ...letter, attempts };
      });
    },
    sent: end,
    failed: async (id, { retryAfterMs }) => {
      if (retryAfterMs === null) return end(id);
      standings.set(id, { ...of(id), dueAt: now() + retryAfterMs });
    },
    forget: async () => undefined,
  };
}
