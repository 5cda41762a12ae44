import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addSettingFlags, settingFlags } from './flags.ts';
import { loadSettings } from './load.ts';

describe('flags of the settings', () => {
  it('stand for one setting each, as given and no more', () => {
    expect(parsed('--log-level', 'debug', '--explorer', 'false', '--engine-report-only')).toEqual({
      'log.level': 'debug',
      explorer: 'false',
      'engine.reportOnly': 'true',
    });
    expect(parsed()).toEqual({});
  });

  it('may be repeated where a setting is a list', () => {
    expect(parsed('--manifests', 'a', '--manifests', 'b,c')).toEqual({ manifests: ['a', 'b,c'] });
  });

  it('take host and port at once', () => {
    expect(parsed('--listen', '[::1]:0')).toEqual({ 'listen.host': '::1', 'listen.port': '0' });
    expect(() => parsed('--listen', '8470')).toThrow('Write HOST:PORT');
  });

  it('are checked by the same schema as a file', () => {
    const loaded = loadSettings({ env: {}, flags: parsed('--listen', '127.0.0.1:70000'), cwd: '/' });
    expect(loaded).toMatchObject({
      ok: false,
      errors: [expect.stringMatching(/^--listen-port: listen.port is 70000;/)],
    });
  });
});

function parsed(...args: string[]) {
  const command = addSettingFlags(new Command().exitOverride().configureOutput({ writeErr: () => undefined }));
  command.parse(args, { from: 'user' });
  return settingFlags(command);
}
