import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { loadSettings, type SettingsInput } from './load.ts';
import { SETTINGS } from './settings.ts';
import { printSettings, settingsTable } from './show.ts';

const cwd = mkdtempSync(join(tmpdir(), 'steward-settings-'));
const file = join(cwd, 'steward.yaml');
beforeEach(() => rmSync(file, { force: true }));
afterAll(() => rmSync(cwd, { recursive: true }));

describe('settings', () => {
  it('have a default each, which listens on this machine only', () => {
    const { listen, dataDir, database } = good();
    expect(listen).toEqual({
      host: '127.0.0.1',
      port: 8470,
      allowInsecure: false,
      trustedProxies: [],
      tls: { cert: '', key: '' },
    });
    expect([dataDir, database]).toEqual([join(cwd, '.steward'), 'embedded']);
  });

  it('come from the file, over it the environment, over that the flags', () => {
    write('listen: {port: 1}\nlog: {level: warn}\nengine: {leaseMs: 7000}');
    const { listen, log, engine } = good({
      env: { STEWARD_LISTEN_PORT: '2', STEWARD_LOG_LEVEL: 'error' },
      flags: { 'listen.port': '3' },
    });
    expect([listen.port, log.level, engine.leaseMs]).toEqual([3, 'error', 7000]);
  });

  it('are taken from another file when one is named, with paths meant from that file', () => {
    const folder = join(cwd, 'etc');
    mkdirSync(join(folder, 'objects'), { recursive: true });
    writeFileSync(join(folder, 'own.yaml'), 'manifests: [objects]');
    expect(good({ file: join('etc', 'own.yaml') }).manifests).toEqual([join(folder, 'objects')]);
  });

  it('turn texts of flags and variables into numbers, switches and lists', () => {
    mkdirSync(join(cwd, 'a'), { recursive: true });
    const env = { STEWARD_MANIFESTS: 'a, a', STEWARD_EXPLORER: 'false', STEWARD_IMAGES_MAX_UPLOAD_GIB: '5' };
    const { manifests, explorer, images } = good({ env });
    expect([manifests, explorer, images.maxUploadGiB]).toEqual([[join(cwd, 'a'), join(cwd, 'a')], false, 5]);
  });

  it('all have a name of their own everywhere', () => {
    for (const name of ['path', 'flag', 'variable'] as const)
      expect(new Set(SETTINGS.map((setting) => setting[name])).size).toBe(SETTINGS.length);
  });
});

describe('wrong settings', () => {
  it('are all told at once, each with its place, its value and what would be right', () => {
    write('listen:\n  port: 99999\n  prot: 5\nlog:\n  level: loud\nengine: 5\nmanifests: [nowhere]\n');
    expect(bad({ env: { STEWARD_EXPLORER: 'maybe' }, flags: { 'listen.host': '0.0.0.0' } })).toEqual([
      `${file}:3:3: listen.prot is not a field of listen; did you mean "port"?`,
      `${file}:6:9: engine is not a map; write its settings below it, indented`,
      `${file}:2:9: listen.port is 99999; expected a whole number from 0 to 65535 (Port to listen on; 0 takes a free one)`,
      `${file}:5:10: log.level is "loud"; expected one of "debug", "info", "warn", "error", "silent"`,
      'STEWARD_EXPLORER: explorer is "maybe"; expected true or false (The explorer page of the API at /graphql)',
      '--listen-host: listen.host is "0.0.0.0", which others can reach; give listen.tls.cert and listen.tls.key, or set listen.allowInsecure behind a proxy that does TLS',
      `${file}:7:12: manifests names ${join(cwd, 'nowhere')}, which does not exist`,
    ]);
  });

  it('include a variable that is none, but not those of the command and of other programs', () => {
    const env = { STEWARD_LISTN_PORT: '1', STEWARD_URL: 'http://127.0.0.1', STEWARD_TOKEN: 't', PATH: '/bin' };
    expect(bad({ env })).toEqual(['STEWARD_LISTN_PORT: is not a setting; did you mean "STEWARD_LISTEN_PORT"?']);
  });

  it('include half of a certificate, and files that are not there', () => {
    expect(bad({ flags: { 'listen.tls.cert': 'a.pem' } })).toEqual([
      'listen.tls.key is missing; a certificate needs its private key',
      `--listen-tls-cert: listen.tls.cert names ${join(cwd, 'a.pem')}, which does not exist`,
    ]);
  });

  it('include a file that is missing, is no YAML, or is no map', () => {
    expect(bad({ file: 'none.yaml' })[0]).toMatch(
      /none\.yaml: cannot be read \(ENOENT\); name another file with --config$/,
    );
    write('listen: {port: 1');
    expect(bad()[0]).toMatch(/steward\.yaml:1:\d+: Flow map/);
    write('- listen');
    expect(bad()[0]).toContain('is not a map of settings');
  });

  it('never show a password', () => {
    const env = { STEWARD_DATABASE: 'mysql://anna:hunter2@db/steward' };
    expect(bad({ env })).toEqual([
      'STEWARD_DATABASE: database is (hidden); expected "embedded", "memory" or a postgres:// address',
    ]);
  });
});

describe('listening beyond this machine', () => {
  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s needs nothing', (host) => {
    expect(good({ flags: { 'listen.host': host } }).listen.host).toBe(host);
  });

  it('needs TLS, or the word that a proxy does it', () => {
    expect(bad({ flags: { 'listen.host': '::' } })).toHaveLength(1);
    expect(good({ flags: { 'listen.host': '::', 'listen.allowInsecure': true } }).listen.host).toBe('::');
    for (const name of ['c.pem', 'k.pem']) writeFileSync(join(cwd, name), '');
    const tls = { 'listen.host': '::', 'listen.tls.cert': 'c.pem', 'listen.tls.key': 'k.pem' };
    expect(good({ flags: tls }).listen.tls.cert).toBe(join(cwd, 'c.pem'));
  });
});

describe('printed settings', () => {
  it('say where each came from, hide passwords, and are a settings file', () => {
    write('log: {level: warn}');
    const loaded = load({ env: { STEWARD_DATABASE: 'postgres://anna:hunter2@db/steward?password=hunter2' } });
    if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
    const text = printSettings(loaded.settings, loaded.origins);
    expect(text).toContain(`  level: warn # ${file}:1:14`);
    expect(text).toContain('# STEWARD_DATABASE');
    expect(text).not.toContain('hunter2');
    const { database: _, ...rest } = parse(text);
    write(text);
    expect({ ...good(), database: undefined }).toEqual({ ...rest, database: undefined });
  });

  it('stand in the table of the docs, every one of them', () => {
    const table = settingsTable().split('\n').slice(2);
    expect(table).toHaveLength(SETTINGS.length);
    expect(table.filter((row) => / \| \|$/.test(row))).toEqual([]);
  });
});

function write(text: string): void {
  writeFileSync(file, text);
}

function load(input: Partial<SettingsInput> = {}) {
  return loadSettings({ env: {}, flags: {}, cwd, ...input });
}

function good(input: Partial<SettingsInput> = {}) {
  const loaded = load(input);
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.settings;
}

function bad(input: Partial<SettingsInput> = {}): string[] {
  const loaded = load(input);
  return loaded.ok ? [] : loaded.errors;
}
