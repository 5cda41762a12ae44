import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { rotateKeyFile } from '../../integrations/seal/key-source.ts';
import { addSettingFlags, settingFlags } from '../config/flags.ts';
import { loadSealedSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { keyFileOf, openVault } from '../config/vault.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** `steward secret`: seals values for the settings file, and rotates the keys, where the server's keys are. */
export function addSecret(program: Command, io: Io): void {
  const secret = program.command('secret').description('seal values for the settings file; rotate the keys');
  const seal = secret
    .command('seal')
    .description('seal what is given on standard input; the result may stand in the settings file in its place')
    .option('--config <file>', 'settings file (default: steward.yaml in this folder)');
  addSettingFlags(seal);
  seal.action(async (options: { config?: string }, self: Command) => {
    const value = (await text(process.stdin)).replace(/\r?\n$/, '');
    if (value === '') throw new CliError('Nothing was given. Write the value to standard input.', EXIT.usage);
    const vault = await openVault(await settingsOf(io, options.config, self)).catch(asCliError);
    io.out(`${vault.seal(value)}\n`);
  });
  const rotate = secret
    .command('rotate')
    .description(
      'add a key to the key file; from the next start on it seals, and what older keys sealed is sealed anew',
    )
    .option('--config <file>', 'settings file (default: steward.yaml in this folder)');
  addSettingFlags(rotate);
  rotate.action(async (options: { config?: string }, self: Command) => {
    const settings = await settingsOf(io, options.config, self);
    if (settings.sealing.keys !== '' || settings.sealing.command.length > 0)
      throw new CliError('The keys do not come from a file. Add a key where they come from, and name it as `current`.');
    const file = keyFileOf(settings);
    const { current } = await rotateKeyFile(file).catch(asCliError);
    io.out(`Key ${current} seals from the next start of the server on. Keep ${file} with your backups.\n`);
  });
}

async function settingsOf(io: Io, file: string | undefined, self: Command): Promise<Settings> {
  const input = { file, env: io.env, flags: settingFlags(self), cwd: io.cwd };
  const loaded = await loadSealedSettings(input, async (settings) => (await openVault(settings)).unseal);
  if (loaded.ok) return loaded.settings;
  throw new CliError(`The settings are wrong:\n${loaded.errors.map((error) => `  ${error}`).join('\n')}`, EXIT.usage);
}

function asCliError(error: unknown): never {
  throw new CliError(error instanceof Error ? error.message : String(error));
}
