import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { TEST_VAULT } from '../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../test/postgres.ts';
import { EXIT } from './exit-codes.ts';
import { startInstallation } from './fixtures/running.ts';
import { openPostgresStorage } from './server/postgres-storage.ts';

jest.setTimeout(180_000);

describe('the audit trail on the command line', () => {
  let database: FreshDatabase;
  let at: Awaited<ReturnType<typeof startInstallation>>;
  beforeAll(async () => {
    database = await freshDatabase();
    const storage = await openPostgresStorage({
      where: { url: database.url },
      holder: 'test',
      leaseMs: 30_000,
      connections: 4,
      personal: TEST_VAULT.personal,
      onError: () => undefined,
    });
    at = await startInstallation({ storage });
  });
  afterAll(async () => {
    await at.close();
    await database.drop();
  });

  /** Every row that there is when it is asked for is linked behind its writers, a moment later. */
  const sealed = async (count: number) => {
    for (let tries = 0; tries < 60; tries += 1) {
      const { code, out } = await at.steward(['audit', 'verify']);
      const rows = Number(/^(\d+) rows/.exec(out)?.[1] ?? 0);
      if (code === EXIT.ok && rows >= count) return out;
    }
    throw new Error('Nothing was sealed.');
  };

  it('is verified, exported as lines and as a table, and its first broken row is named', async () => {
    at.write(
      'p.yaml',
      'kind: Project\nmetadata: {name: shop, annotations: {note: "=cmd()"}}\nspec: {account: default, displayName: "=1+1, \\"x\\""}\n',
    );
    expect((await at.steward(['apply', '-f', 'p.yaml'])).code).toBe(EXIT.ok);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query('select count(*)::int as count from audit');
    const out = await sealed(rows[0].count);
    expect(out).toMatch(/rows are as they were written\. Head [0-9a-f]{64}, sealed 20/);

    const lines = (await at.steward(['audit', 'export', '--actor', 'token:admin', '--kind', 'Project'])).out
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ actor: 'token:admin', kind: 'Project', name: 'shop', op: 'create' }),
    ]);
    const csv = await at.steward(['audit', 'export', '-o', 'csv', '--kind', 'Project']);
    expect(csv.out.split('\r\n')[0]).toBe(
      'at,actor,onBehalfOf,from,requestId,op,kind,project,name,uid,generation,changes',
    );
    expect(csv.out).toContain('""to"":""=1+1, \\""x\\""""');

    await client.query("update audit set actor = 'user:eve' where name = 'shop'");
    await client.end();
    const broken = await at.steward(['audit', 'verify']);
    expect(broken.code).toBe(EXIT.error);
    expect(broken.err).toMatch(
      /The audit trail is broken \(row \d+ of 20\S+ at position \d+\): the row is not what was written\./,
    );
  });
});
