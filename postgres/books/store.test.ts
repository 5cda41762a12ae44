import { jest } from '@jest/globals';
import { describeBooks } from '../../test/contracts/books.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createPool } from '../pool.ts';
import { createBooksStore } from './store.ts';

jest.setTimeout(120_000);

describeBooks('books in PostgreSQL', async () => {
  const fresh = await freshDatabase();
  const pool = createPool({ url: fresh.url });
  let offset = 0;
  const rows = async (sql: string, account: string) => (await pool.query(sql, [account])).rows;
  return {
    store: createBooksStore(createDatabase(pool), TEST_VAULT.personal),
    advance: async (ms) => {
      offset += ms;
      await pool.query(
        `create or replace function clock_offset_ms() returns bigint language sql stable parallel safe as $$ select ${offset}::bigint $$`,
      );
    },
    observe: async (account, { levels = [], coverage = [] }) => {
      for (const { uid, meter, seq, at, level, attributes, place, runId } of levels)
        await pool.query(
          `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
          values ($1, $2, 'VirtualMachine', 'demo', 'web', $3, $4, $5, $6, $7, $8, $9)`,
          [at, uid, account, meter, seq, `${level.num}`, attributes, runId, place],
        );
      for (const { place, from, to } of coverage)
        await pool.query('insert into coverage (place, from_at, to_at) values ($1, $2, $3)', [place, from, to]);
    },
    events: (account) =>
      rows('select code, subject from billing_events where account = $1 order by version, position', account),
    mail: (account) => rows('select event, recipient, template from mail_outbox where account = $1', account),
    deadLetters: (account) =>
      rows('select id, code from dead_letters where account = $1 order by received_at', account),
    close: async () => {
      await pool.end();
      await fresh.drop();
    },
  };
});
