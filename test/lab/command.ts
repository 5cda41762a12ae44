import { execFile } from 'node:child_process';

/** What a program wrote to its standard output. Throws, with its standard error, when it fails or exceeds the time. */
export function command(
  file: string,
  args: readonly string[],
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      env: environment(),
      killSignal: 'SIGKILL',
    } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else
        reject(
          new Error(
            `${[file, ...args].join(' ')}: ${error.killed ? `no end within ${timeoutMs} ms` : stderr || error.message}`,
          ),
        );
    });
  });
}

/** Daemons' programs live in folders that are not on every PATH; messages are compared, so they come in English. */
export function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
    LC_ALL: 'C.UTF-8',
  };
}

/** Asks again and again until the answer is neither undefined nor false. Throws, naming what was awaited, after the time. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  { timeoutMs = 30_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
