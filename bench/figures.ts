import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

/** One figure with the limit it is judged by. A figure without `must` is shown for orientation. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** The figure must not be above this (or below it, with `atLeast`). */
  must?: number;
  aim?: number;
  atLeast?: boolean;
  note?: string;
}

export function verdictOf({ value, must, atLeast }: Figure): 'ok' | 'MISSED' | '' {
  if (must === undefined) return '';
  return (atLeast ? value >= must : value <= must) ? 'ok' : 'MISSED';
}

export function figureLine(figure: Figure): string {
  const limit =
    figure.must === undefined
      ? ''
      : `${figure.atLeast ? '≥' : '≤'} ${figure.must}${figure.aim === undefined ? '' : ` (aim ${figure.aim})`}`;
  const value = figure.value >= 100 ? figure.value.toFixed(0) : figure.value.toPrecision(3);
  return `  ${figure.name.padEnd(58)} ${value.padStart(8)} ${figure.unit.padEnd(12)} ${limit.padEnd(20)} ${verdictOf(figure).padEnd(7)} ${figure.note ?? ''}`.trimEnd();
}

export function machineLine(): string {
  const { model } = cpus()[0] ?? { model: 'unknown' };
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 1024 ** 3)} GiB, load before ${(loadavg()[0] ?? 0).toFixed(2)}, Node ${process.version}`;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? Number.NaN;
}

export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

/** CPU seconds that this process used so far. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds used so far by all processes whose command line matches. */
export function cpuSecondsOf(pattern: RegExp): number {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .reduce((sum, pid) => sum + cpuOf(pid, pattern), 0);
}

const TICKS_PER_SECOND = 100;

function cpuOf(pid: string, pattern: RegExp): number {
  try {
    if (!pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '))) return 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
