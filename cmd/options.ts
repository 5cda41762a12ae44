import { InvalidArgumentError, Option } from 'commander';
import { RISKS } from '../reconciler/plan.ts';
import { FORMATS } from './output/objects.ts';

/** Options that several commands share, so that they mean the same everywhere. */

export function formatOption(choices: readonly string[] = FORMATS): Option {
  return new Option('-o, --output <format>', 'how to print').choices([...choices]).default(choices[0]);
}

export function filesOption(): Option {
  return new Option('-f, --file <path>', 'file or folder of manifests, or - for stdin; may be repeated')
    .argParser<string[]>((value, before = []) => [...before, value])
    .default([], 'none');
}

export function allowOption(): Option {
  return new Option('--allow <risk>', 'the most that steps may cost').choices([...RISKS]).default('none');
}

export function sourceOption(): Option {
  return new Option('--source <name>', 'who owns the fields: a stable name of where the manifests live').default('cli');
}

export function timeoutOption(usual: string): Option {
  return new Option('--timeout <duration>', 'how long to wait, e.g. 90s or 5m')
    .argParser(durationMs)
    .default(durationMs(usual), usual);
}

/** `90`, `90s`, `5m`, `1h` → milliseconds. */
export function durationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new InvalidArgumentError('Write a duration such as 90s, 5m or 1h.');
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * unit;
}
