import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals';
import pg from 'pg';
import { loadKeyRing, replaceKeyFile } from '../../integrations/seal/key-source.ts';
import { createVault } from '../../integrations/seal/seal.ts';
import { until } from '../lab/command.ts';
import { type FreshDatabase, freshDatabase } from '../postgres.ts';
import { chapters } from './fixtures/chapters.ts';
import { type Steward, startSteward } from './fixtures/steward.ts';

jest.setTimeout(120_000);

const COMMAND = join(import.meta.dirname, '../../cmd/steward.mjs');
const SECRET = {
  kind: 'Secret',
  metadata: { name: 'web', project: 'default' },
  spec: { data: { password: 'swordfish' } },
};

describe('the keys that seal secrets', () => {
  const chapter = chapters();
  let fresh: FreshDatabase;
  let client: pg.Client;
  let steward: Steward;
  const keyFile = () => join(steward.folder, '.steward/keys.json');
  const command = (...args: string[]) =>
    promisify(execFile)(process.execPath, [COMMAND, ...args], { cwd: steward.folder });
  const sealedValue = async () => {
    const { rows } = await client.query(`select spec->'data'->>'password' as value from objects where kind = 'Secret'`);
    return String(rows[0]?.value);
  };
  const keyOf = (sealed: string) => sealed.split(':')[3];

  beforeAll(async () => {
    fresh = await freshDatabase();
    client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    steward = await startSteward({ database: fresh.url, follow: false });
  });
  afterAll(async () => {
    await steward?.close();
    await client?.end();
    await fresh?.drop();
  });

  chapter('a secret is kept sealed under the first key', async () => {
    await steward.api.apply([SECRET]);
    const sealed = await sealedValue();
    expect(keyOf(sealed)).toBe('k1');
    expect(sealed).not.toContain('swordfish');
  });

  chapter('after a rotation it is under the second key, and nothing seems to have changed', async () => {
    await steward.stop();
    const { stdout } = await command('secret', 'rotate');
    expect(stdout).toContain('Key k2 seals');
    await steward.start();
    await until('the secret is wrapped anew', async () => keyOf(await sealedValue()) === 'k2');
    const before = await steward.api.get('Secret', 'web');
    await steward.api.apply([SECRET]);
    expect((await steward.api.get('Secret', 'web'))?.metadata.generation).toBe(before?.metadata.generation);
  });

  chapter('then the first key is not needed any more', async () => {
    await steward.stop();
    const { keys, ...ring } = await loadKeyRing({ file: keyFile() });
    await replaceKeyFile(keyFile(), { ...ring, keys: { k2: keys.k2 as Uint8Array } });
    const vault = createVault(await loadKeyRing({ file: keyFile() }));
    expect(await vault.open(await sealedValue())).toEqual({ ok: true, value: 'swordfish' });
  });

  chapter('a sealed value stands in the settings file in place of a password', async () => {
    const sealed = await sealedWith('secret', 'seal');
    expect(sealed).toMatch(/^sealed:v1:/);
    writeFileSync(join(steward.folder, 'steward.yaml'), `database: ${sealed}\n`);
    const { stdout } = await command('serve', '--print-config');
    expect(stdout).toContain('@db.example/steward');
    expect(stdout).not.toContain('hunter2');
    writeFileSync(join(steward.folder, 'steward.yaml'), `database: ${sealed.replace(':k2:', ':k7:')}\n`);
    await expect(command('serve', '--print-config')).rejects.toMatchObject({
      stderr: expect.stringContaining('steward.yaml:1:11: database is sealed with a key that is not here'),
    });
  });

  chapter('a key file that others may read stops the start, with the remedy', async () => {
    chmodSync(keyFile(), 0o640);
    await expect(command('serve', '--database', 'memory')).rejects.toMatchObject({
      stderr: expect.stringContaining(`Run: chmod 600 ${keyFile()}`),
    });
    expect(readFileSync(keyFile(), 'utf8')).toContain('k2');
  });

  async function sealedWith(...args: string[]): Promise<string> {
    const running = command(...args);
    running.child.stdin?.end('postgres://steward:hunter2@db.example/steward\n');
    return (await running).stdout.trim();
  }
});
