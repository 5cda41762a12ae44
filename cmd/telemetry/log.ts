import { type Logger, pino } from 'pino';

export interface LogOptions {
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `json`: one object a line, for machines. `text`: one line for people. */
  format: 'json' | 'text';
  /** Takes whole lines, with their ends. */
  write(line: string): void;
  /** Stands in every line: which of several instances wrote it. */
  instance: string;
}

export type Log = Logger;

/** Structured logs. Whatever is logged, secrets and e-mail addresses in it are hidden: fields by their names, and what looks like one in any text. */
export function createLog({ level, format, write, instance }: LogOptions): Log {
  return pino(
    {
      level,
      base: { instance },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: HIDDEN },
      hooks: { streamWrite: (line) => (format === 'text' ? textLine(hideSecrets(line)) : jsonLine(hideSecrets(line))) },
    },
    { write },
  );
}

const HIDDEN = '***';
const SECRET_FIELDS = ['password', 'token', 'secret', 'authorization', 'cookie', 'privateKey', 'userData'];

/** Passwords in addresses, e-mail addresses, bearer tokens, our own tokens, PEM keys: wherever they stand in a text. */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${HIDDEN}@`)
    .replaceAll(/[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+/gu, HIDDEN)
    .replaceAll(/\b(password=)[^\s&"']+/gi, `$1${HIDDEN}`)
    .replaceAll(/\b(Bearer\s+)[\w.~+/-]+=*/gi, `$1${HIDDEN}`)
    .replaceAll(/\b(stw|sts|stk|sks|sto|stb|str|stx)_[\w-]+/g, HIDDEN)
    .replaceAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, HIDDEN);
}

/** JSON's own writer leaves some control characters as they are. */
function jsonLine(line: string): string {
  return `${plain(line.trimEnd())}\n`;
}

/** `12:00:01 warn  act failed kind=Volume verb=create`, with an error's trace below. */
function textLine(line: string): string {
  const { time, level, msg, err, instance: _, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const known = Object.entries(rest).filter(([, value]) => value !== null);
  const fields = known.map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg ?? '')}`;
  return `${plain([head, ...fields].join(' '))}\n${trace(err)}`;
}

/** Whoever's text is logged neither begins a line of their own nor moves the reader's cursor. */
function plain(text: string): string {
  return text.replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

function trace(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return '';
  const lines = String(error.stack).split(/\r?\n/);
  return lines.map((line) => `  ${plain(line)}\n`).join('');
}
