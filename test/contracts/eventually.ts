/** Reads until the assertion holds: a log's safe horizon may trail a commit by the length of another transaction. */
export async function eventually<T>(read: () => Promise<T>, check: (value: T) => void): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const value = await read();
    try {
      check(value);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  check(await read());
}
