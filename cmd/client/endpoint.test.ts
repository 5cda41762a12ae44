import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CliError } from '../exit-codes.ts';
import { discoverEndpoint, type EndpointOptions } from './endpoint.ts';
import { writeLocalEndpoint } from './local-endpoint.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steward-endpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const discover = (options: EndpointOptions = {}, env: Record<string, string> = {}) =>
  discoverEndpoint(options, { env: { STEWARD_CONFIG: join(folder, 'config.yaml'), ...env }, cwd: join(folder, 'a') });
const complaint = (...args: Parameters<typeof discover>) => {
  try {
    return JSON.stringify(discover(...args));
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
};
const local = () => {
  mkdirSync(join(folder, 'a'));
  writeLocalEndpoint(join(folder, '.steward'), { url: 'http://127.0.0.1:7070' });
  writeFileSync(join(folder, '.steward', 'token'), 'stw_local\n');
};

describe('which server is meant', () => {
  it("is the one whose folder is nearest upwards, with that server's token", () => {
    local();
    expect(discover()).toEqual({
      url: 'http://127.0.0.1:7070',
      token: 'stw_local',
      project: 'default',
      from: '.steward folder',
    });
    expect(statSync(join(folder, '.steward', 'endpoint.json')).mode & 0o077).toBe(0);
  });

  it('is that of the configuration file before that, of the environment before that, of the flag first of all', () => {
    local();
    writeFileSync(join(folder, 'config.yaml'), 'url: https://config.example\ntoken: stw_config\nproject: shop\n');
    expect(discover()).toEqual({
      url: 'https://config.example',
      token: 'stw_config',
      project: 'shop',
      from: 'configuration file',
    });
    const env = { STEWARD_URL: 'https://env.example/', STEWARD_TOKEN: 'stw_env', STEWARD_PROJECT: 'lab' };
    expect(discover({}, env)).toEqual({
      url: 'https://env.example',
      token: 'stw_env',
      project: 'lab',
      from: 'flag or environment',
    });
    expect(discover({ server: 'https://flag.example/graphql', project: 'x' }, env)).toMatchObject({
      url: 'https://flag.example',
      project: 'x',
    });
  });

  it('never gets a token that belongs to another', () => {
    local();
    writeFileSync(join(folder, 'config.yaml'), 'url: https://config.example\ntoken: stw_config\n');
    expect(discover({ server: 'https://stranger.example' }).token).toBeNull();
    expect(discover({ server: 'http://127.0.0.1:7070' }).token).toBe('stw_local');
  });

  it('reads a token from a file', () => {
    writeFileSync(join(folder, 'token'), 'stw_file\n');
    expect(discover({ server: 'https://flag.example', tokenFile: join(folder, 'token') }).token).toBe('stw_file');
    expect(complaint({ server: 'https://flag.example', tokenFile: join(folder, 'nope') })).toContain('cannot be read');
  });

  it('is asked over plain http on this machine only', () => {
    expect(complaint({ server: 'http://10.0.0.1:7070' })).toContain('unencrypted');
    expect(discover({ server: 'http://10.0.0.1:7070', insecure: true }).url).toBe('http://10.0.0.1:7070');
    expect(complaint({ server: 'ftp://x.example' })).toContain('neither http nor https');
  });

  it('is explained when there is none, or when the file is wrong', () => {
    const nowhere = { STEWARD_CONFIG: join(folder, 'none.yaml') };
    expect(() => discoverEndpoint({ server: '' }, { env: nowhere, cwd: folder })).toThrow('no address of a server');
    writeFileSync(join(folder, 'config.yaml'), 'url: not a url\npassword: x\n');
    expect(complaint()).toMatch(/config\.yaml is wrong[\s\S]*url: [\s\S]*password/);
  });
});
