/** What a batch is asked for: some keys, or everything. */
export type Wanted = ReadonlySet<string> | null;

/**
 * Reads shared by all who ask at about the same time. An asker only ever joins a read that starts afterwards, so what it gets is
 * never older than its question. At most two reads run at once; whoever asks meanwhile shares the next.
 */
export class Batcher<V> {
  readonly #read: (wanted: Wanted) => Promise<V>;
  #running = 0;
  #next: Batch<V> | null = null;

  constructor(read: (wanted: Wanted) => Promise<V>) {
    this.#read = read;
  }

  ask(keys: Iterable<string> | null): Promise<V> {
    const batch = this.#next ?? this.#open();
    if (keys === null) batch.wanted = null;
    else for (const key of keys) batch.wanted?.add(key);
    return batch.answer;
  }

  /** A turn of the event loop lets the other callers of the same burst join. */
  #open(): Batch<V> {
    const batch = openBatch<V>();
    this.#next = batch;
    setImmediate(() => this.#startNext());
    return batch;
  }

  #startNext(): void {
    const batch = this.#next;
    if (batch === null || this.#running >= concurrentReads) return;
    this.#next = null;
    this.#running += 1;
    const done = () => {
      this.#running -= 1;
      this.#startNext();
    };
    this.#read(batch.wanted).then(batch.resolve, batch.reject).finally(done);
  }
}

/** Runs `work` for every item, `width` at a time: enough to keep a connection's window full, never its whole queue. */
export async function pipelined<T, R>(items: readonly T[], work: (item: T) => Promise<R>, width = 32): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

interface Batch<V> {
  wanted: Set<string> | null;
  answer: Promise<V>;
  resolve: (value: V) => void;
  reject: (reason: unknown) => void;
}

const concurrentReads = 2;

function openBatch<V>(): Batch<V> {
  let resolve: (value: V) => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const answer = new Promise<V>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { wanted: new Set(), answer, resolve, reject };
}
