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

/** More than the job takes at once. */
const USERS = 520;

function personOf(index: number) {
  return { kind: 'User', metadata: { name: `user-${index}` }, spec: { email: `user-${index}@people.example` } };
}

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

  chapter(
    'a rotation that is killed in the middle goes on at the next start, and all is readable meanwhile',
    async () => {
      const users = Array.from({ length: USERS }, (_, index) => personOf(index));
      for (let begin = 0; begin < USERS; begin += 200) await steward.api.apply(users.slice(begin, begin + 200));
      await steward.stop();
      await command('secret', 'rotate');
      // Whoever holds a row of the last page holds the job there.
      const holder = new pg.Client({ connectionString: fresh.url });
      await holder.connect();
      await holder.query(
        `begin; select from objects where uid = (select max(uid) from objects where kind = 'User') for update`,
      );
      await steward.start();
      await until('the first page is under the third key', async () => ((await usersUnder()).k3 ?? 0) > 0);
      await steward.kill();
      // What the dead server asked for last would still be done for it once the row is free.
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      await holder.end();
      const torn = await usersUnder();
      expect([torn.k2, torn.k3].every((count) => Number(count) > 0)).toBe(true);
      await steward.start();
      expect((await steward.api.get('User', 'user-7'))?.spec.email).toBe(personOf(7).spec.email);
      await until('everything is under the third key', async () => {
        const { rows } = await client.query(
          `select count(*)::int as count from audit where changes::text like '%:k2:%'`,
        );
        return (await usersUnder()).k2 === undefined && rows[0].count === 0;
      });
      expect((await steward.api.get('User', `user-${USERS - 1}`))?.spec.email).toBe(personOf(USERS - 1).spec.email);
      expect(steward.said()).not.toContain('people.example');
    },
  );

  chapter('then the older keys are not needed any more', async () => {
    await steward.stop();
    const { keys, ...ring } = await loadKeyRing({ file: keyFile() });
    await replaceKeyFile(keyFile(), { ...ring, keys: { k3: keys.k3 as Uint8Array } });
    const vault = createVault(await loadKeyRing({ file: keyFile() }));
    expect(await vault.open(await sealedValue())).toEqual({ ok: true, value: 'swordfish' });
    await client.query(
      `update objects set spec = jsonb_set(spec, '{email}', '"personal:v1:k2:c2VhbGVk:c2VhbGVk"') where name = 'user-8'`,
    );
    await steward.start();
    await until('the log names the key that is missing', async () =>
      steward.said().includes('they are sealed with k2'),
    );
    expect((await steward.api.get('User', 'user-7'))?.spec.email).toBe(personOf(7).spec.email);
    expect((await steward.api.get('User', 'user-8'))?.spec.email).toBe('personal:v1:k2:c2VhbGVk:c2VhbGVk');
    await steward.stop();
  });

  chapter('a sealed value stands in the settings file in place of a password', async () => {
    const sealed = await sealedWith('secret', 'seal');
    expect(sealed).toMatch(/^sealed:v1:/);
    writeFileSync(join(steward.folder, 'steward.yaml'), `database: ${sealed}\n`);
    const { stdout } = await command('serve', '--print-config');
    expect(stdout).toContain('@db.example/steward');
    expect(stdout).not.toContain('hunter2');
    writeFileSync(join(steward.folder, 'steward.yaml'), `database: ${sealed.replace(':k3:', ':k7:')}\n`);
    await expect(command('serve', '--print-config')).rejects.toMatchObject({
      stderr: expect.stringContaining('steward.yaml:1:11: database is sealed with a key that is not here'),
    });
  });

  chapter('a key file that others may read stops the start, with the remedy', async () => {
    chmodSync(keyFile(), 0o640);
    await expect(command('serve', '--database', 'memory')).rejects.toMatchObject({
      stderr: expect.stringContaining(`Run: chmod 600 ${keyFile()}`),
    });
    expect(readFileSync(keyFile(), 'utf8')).toContain('k3');
  });

  /** How many users have their address under which key. */
  async function usersUnder(): Promise<Record<string, number>> {
    const { rows } = await client.query(
      `select split_part(spec->>'email', ':', 3) as key, count(*)::int as count from objects where kind = 'User' group by 1`,
    );
    return Object.fromEntries(rows.map(({ key, count }) => [key, count]));
  }

  async function sealedWith(...args: string[]): Promise<string> {
    const running = command(...args);
    running.child.stdin?.end('postgres://steward:hunter2@db.example/steward\n');
    return (await running).stdout.trim();
  }
});
