import { createColors } from 'picocolors';
import { CliError, EXIT } from './exit-codes.ts';

/** Where a command's words go, and what it may know of its surroundings. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** One line that the next one replaces, on a terminal that can; '' takes it away. */
  progress(text: string): void;
  /** Reads all of stdin as text. */
  readAll(): Promise<string>;
  /** stdout is a terminal: colours, progress and widths make sense. */
  isTerminal: boolean;
  columns: number;
  /** For stdout. */
  paint: Paint;
  /** For stderr, which may go elsewhere. */
  errPaint: Paint;
  env: NodeJS.ProcessEnv;
  cwd: string;
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

export type Paint = Record<'good' | 'bad' | 'warn' | 'dim' | 'bold', (text: string) => string>;

const PIPE_MAX_BYTES = 64 * 1024 * 1024;

export function processIo(): Io {
  const { stdout, stderr, stdin, env } = process;
  const isTerminal = stdout.isTTY === true;
  const isDumb = env.TERM === 'dumb';
  const isColourful = !env.NO_COLOR && !isDumb && !process.argv.includes('--no-color');
  const interrupted = interruption({ isTerminal });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    progress: (text) => {
      if (stderr.isTTY === true && !isDumb) stderr.write(`\r\u001b[K${text}`);
    },
    readAll: () => textOf(stdin),
    isTerminal,
    columns: stdout.columns ?? 120,
    paint: paintOf(isTerminal && isColourful),
    errPaint: paintOf(stderr.isTTY === true && isColourful),
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

/** npm passes on what the terminal has sent to both, so that one Ctrl-C comes twice. */
const SAME_SIGNAL_MS = 1_000;

/** The first signal asks for an orderly end; one that comes later is impatient, and ends the process at once. */
function interruption({ isTerminal }: { isTerminal: boolean }): AbortController {
  const interrupted = new AbortController();
  let first: number | null = null;
  const onSignal = () => {
    first ??= performance.now();
    if (performance.now() - first > SAME_SIGNAL_MS) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // A terminal that is closed; under nohup, which wants to live on, there is none.
  if (isTerminal) process.on('SIGHUP', onSignal);
  return interrupted;
}

/** All that comes through a pipe, which does not say beforehand how much that is. */
export async function textOf(pipe: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of pipe) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > PIPE_MAX_BYTES)
      throw new CliError(`A pipe may bring ${PIPE_MAX_BYTES} bytes of text at most.`, EXIT.usage);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function paintOf(colours: boolean): Paint {
  const c = createColors(colours);
  return { good: c.green, bad: c.red, warn: c.yellow, dim: c.dim, bold: c.bold };
}
