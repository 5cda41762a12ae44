import { hostname } from 'node:os';
import type { Command } from 'commander';
import { addSettingFlags, settingFlags } from '../config/flags.ts';
import { loadSealedSettings } from '../config/load.ts';
import type { Settings } from '../config/settings.ts';
import { printSettings } from '../config/show.ts';
import { openVault } from '../config/vault.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { runServer } from '../server/run.ts';

interface Options {
  config?: string;
  quickStart?: boolean;
  printConfig?: boolean;
  instance?: string;
}

/** `steward serve`: the control plane, until it is told to stop. */
export function addServe(program: Command, io: Io): void {
  const command = program
    .command('serve')
    .description('run the control plane: loops, API, explorer, sources')
    .option('--config <file>', 'settings file (default: steward.yaml in this folder)')
    .option(
      '--quick-start',
      'manage this machine (or an in-memory one) and follow the example manifests, unless the settings name others',
    )
    .option('--instance <name>', 'name of this instance among those on one database (default: host and process)')
    .option('--print-config', 'show the settings in force, with where each came from, and end');
  addSettingFlags(command);
  command.action(async (options: Options, self: Command) => {
    const input = { file: options.config, env: io.env, flags: settingFlags(self), cwd: io.cwd };
    const loaded = await loadSealedSettings(input, async (settings) => (await openVault(settings)).unseal);
    if (!loaded.ok)
      throw new CliError(
        `The settings are wrong:\n${loaded.errors.map((error) => `  ${error}`).join('\n')}`,
        EXIT.usage,
      );
    if (options.printConfig) return io.out(printSettings(loaded.settings, loaded.origins));
    await runServer({
      io,
      settings: loaded.settings satisfies Settings,
      quickStart: options.quickStart ?? false,
      holder: options.instance ?? `${hostname()}-${process.pid}`,
    });
    process.exitCode = EXIT.ok;
  });
}
