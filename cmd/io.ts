import { createColors } from 'picocolors';

/** Where a command's words go, and what it may know of its surroundings. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Reads all of stdin as text. */
  readAll(): Promise<string>;
  /** stdout is a terminal: colours, progress and widths make sense. */
  isTerminal: boolean;
  columns: number;
  paint: Paint;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

export type Paint = Record<'good' | 'bad' | 'warn' | 'dim' | 'bold', (text: string) => string>;

const STDIN_MAX_BYTES = 64 * 1024 * 1024;

export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const isTerminal = stdout.isTTY === true;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readAll: async () => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of stdin) {
        chunks.push(chunk as Buffer);
        bytes += (chunk as Buffer).length;
        if (bytes > STDIN_MAX_BYTES) throw new Error(`More than ${STDIN_MAX_BYTES} bytes on stdin.`);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    isTerminal,
    columns: stdout.columns ?? 120,
    paint: paintOf(isTerminal && !env.NO_COLOR && env.TERM !== 'dumb'),
    env,
    cwd: process.cwd(),
    now: () => Date.now(),
    sleep: (ms) =>
      new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          interrupted.signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        interrupted.signal.addEventListener('abort', end, { once: true });
      }),
    signal: interrupted.signal,
  };
}

export function paintOf(colours: boolean): Paint {
  const c = createColors(colours);
  return { good: c.green, bad: c.red, warn: c.yellow, dim: c.dim, bold: c.bold };
}
