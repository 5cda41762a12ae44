/** What was opened, to be closed in the opposite order. */
export interface Closing {
  add(close: () => unknown): void;
  close(): Promise<void>;
}

/** Opens one part after another; where one of them cannot be opened, those before it are closed again. */
export async function closingOnError<T>(open: (closing: Closing) => Promise<T>): Promise<T> {
  const closes: (() => unknown)[] = [];
  const closing: Closing = {
    add: (close) => closes.push(close),
    close: async () => {
      for (let close = closes.pop(); close; close = closes.pop()) await close();
    },
  };
  try {
    return await open(closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}
