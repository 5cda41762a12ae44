import { type Command, InvalidArgumentError, Option } from 'commander';
import type { SettingsInput } from './load.ts';
import { SETTINGS, type Setting } from './settings.ts';

/** Gives a command a flag for every setting, and `--listen HOST:PORT` for the two at once. */
export function addSettingFlags(command: Command): Command {
  command.addOption(new Option('--listen <host:port>', 'host and port at once').argParser(hostAndPort));
  for (const setting of SETTINGS) command.addOption(optionOf(setting));
  return command;
}

/** The settings among a command's flags, by their dotted paths. */
export function settingFlags(command: Command): SettingsInput['flags'] {
  const given: Record<string, string | boolean | readonly string[]> = {};
  const listen: [string, string] | undefined = command.getOptionValue('listen');
  if (listen !== undefined) [given['listen.host'], given['listen.port']] = listen;
  for (const setting of SETTINGS) {
    const name = optionOf(setting).attributeName();
    if (command.getOptionValueSource(name) === 'cli') given[setting.path] = command.getOptionValue(name);
  }
  return given;
}

function optionOf({ flag, field }: Setting): Option {
  const description = field.description?.replaceAll('`', '') ?? '';
  if (field.type === 'boolean') return new Option(`${flag} [true|false]`, description).preset('true');
  if (field.type !== 'list') return new Option(`${flag} <value>`, description);
  const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];
  return new Option(`${flag} <value>`, `${description} May be repeated.`).argParser(collect);
}

function hostAndPort(text: string): [string, string] {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write HOST:PORT, e.g. 127.0.0.1:8470 or [::1]:8470.');
  return [match[1] ?? match[2] ?? '', match[3] ?? ''];
}
