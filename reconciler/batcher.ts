/**
 * Group commit: calls made while a flush is under way travel together in the next one. So a thousand reconciles that each read or
 * write one row cost a constant number of round trips per batch, and nobody has to know of the others.
 */
export type Batcher<In, Out> = (item: In) => Promise<Out>;

interface Waiting<In, Out> {
  item: In;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/** `flush` answers in the order of its items. At most `parallel` flushes run at a time; items beyond `max` wait for the next. */
export function createBatcher<In, Out>(
  flush: (items: In[]) => Promise<readonly Out[]>,
  { max, parallel }: { max: number; parallel: number },
): Batcher<In, Out> {
  let queue: Waiting<In, Out>[] = [];
  let running = 0;
  let scheduled = false;

  const schedule = () => {
    if (scheduled || running >= parallel || queue.length === 0) return;
    scheduled = true;
    // Two turns of the microtask queue let the reconciles that were resumed together reach the same call.
    void Promise.resolve()
      .then(() => undefined)
      .then(() => {
        scheduled = false;
        void start();
      });
  };

  const start = async () => {
    const batch = queue.slice(0, max);
    queue = queue.slice(max);
    running++;
    schedule();
    try {
      const results = await flush(batch.map((waiting) => waiting.item));
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index] as Out);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      running--;
      schedule();
    }
  };

  return (item) =>
    new Promise<Out>((resolve, reject) => {
      queue.push({ item, resolve, reject });
      schedule();
    });
}
