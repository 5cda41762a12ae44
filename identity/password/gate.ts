/** Lets a few in at a time, a bounded number wait, and turns the others away: each hash takes its 19 MiB. */
export function createGate({ inside, waiting }: { inside: number; waiting: number }) {
  let within = 0;
  const queue: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T | 'busy'> => {
    if (within >= inside) {
      if (queue.length >= waiting) return 'busy';
      await new Promise<void>((resolve) => queue.push(resolve));
    } else within++;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else within--;
    }
  };
}
