import { stringify } from 'yaml';
import type { Json } from '../../reconciler/json.ts';
import type { Origins } from './load.ts';
import { SETTINGS, type Setting, type Settings, shownSetting } from './settings.ts';

/** `steward serve --print-config`: every setting as it is in force, where it came from, no password. Is itself a settings file. */
export function printSettings(settings: Settings, origins: Origins): string {
  const lines: string[] = [];
  let open: string[] = [];
  for (const setting of SETTINGS) {
    const groups = setting.path.split('.');
    const name = groups.pop() ?? '';
    groups.forEach((group, depth) => {
      if (open.slice(0, depth + 1).join('.') === groups.slice(0, depth + 1).join('.')) return;
      lines.push(`${'  '.repeat(depth)}${group}:`);
    });
    open = groups;
    const value = stringify(shownSetting(setting, valueAt(settings, setting)), {
      collectionStyle: 'flow',
      lineWidth: 0,
    });
    const origin = origins.get(setting.pointer) ?? 'default';
    lines.push(`${'  '.repeat(groups.length)}${name}: ${value.trimEnd()} # ${origin}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The table of docs/operations.md, written by `npm run generate`. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ path, variable, flag, field }) =>
    [`\`${path}\``, `\`${flag}\`<br>\`${variable}\``, fallback(field.default), field.description ?? ''].join(' | '),
  );
  return [
    '| setting | flag, variable | default | meaning |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function fallback(value: Json | undefined): string {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${String(value)}\``;
}

function valueAt(settings: Settings, { pointer }: Setting): Json {
  let at: unknown = settings;
  for (const name of pointer.slice(1).split('/')) at = (at as Record<string, unknown>)[name];
  return at as Json;
}
