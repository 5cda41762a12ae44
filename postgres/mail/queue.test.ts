import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { LetterQueue } from '../../letters/delivery.ts';
import { TEST_VAULT } from '../../test/fixtures/vault.ts';
import { type FreshDatabase, freshDatabase } from '../../test/postgres.ts';
import { createDatabase } from '../database.ts';
import { createOutbox } from '../identity/outbox.ts';
import { sealedMail } from '../personal/mail.ts';
import { createPool } from '../pool.ts';
import { createLetterQueue, type LetterSeal } from './queue.ts';

let uids = 0;
/** Turned around, so that what is not sealed is seen. */
const seal: LetterSeal = {
  seal: (plain) => `~${[...plain].reverse().join('')}`,
  unseal: (sealed) => (sealed.startsWith('~') ? [...sealed.slice(1)].reverse().join('') : null),
  blindIndex: (plain) => `#${plain.length}`,
  uid: () => `books-${++uids}`,
};

describe('letters that wait in PostgreSQL', () => {
  let fresh: FreshDatabase;
  let pool: pg.Pool;
  let queue: LetterQueue;
  let put: (id: string) => Promise<boolean>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    pool = createPool({ url: fresh.url });
    const database = createDatabase(pool);
    queue = createLetterQueue(database, seal, TEST_VAULT.personal);
    const outbox = createOutbox(database);
    put = (id) =>
      outbox.put({
        id,
        event: `event-${id}`,
        template: 'VerifyEmail',
        recipient: seal.seal(`${id}@example.org`),
        recipientIndex: id,
        params: seal.seal('{"link":"https://cloud.example"}'),
        createdAt: 0,
      });
  });
  afterAll(async () => {
    await pool.end();
    await fresh.drop();
  });
  beforeEach(() => pool.query('truncate identity_letters, mail_outbox'));

  const rows = async () => (await pool.query('select * from identity_letters order by id')).rows;
  const claim = (limit = 10) => queue.claim({ limit, leaseMs: 60_000 });

  it('are taken by one of many, opened', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const taken = (await Promise.all([claim(2), claim(2), claim(2)])).flat();
    expect(taken.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
    expect(taken.find(({ id }) => id === 'a')).toEqual({
      id: 'a',
      recipient: 'a@example.org',
      template: 'VerifyEmail',
      params: { link: 'https://cloud.example' },
      attempts: 0,
    });
    expect(await claim()).toEqual([]);
  });

  it('say nothing any more once they are sent', async () => {
    await put('a');
    await claim();
    await queue.sent('a');
    expect(await rows()).toEqual([expect.objectContaining({ params: '', sent_at: expect.any(Number) })]);
  });

  it('come back at their time when a server did not take them, and never when it refused them', async () => {
    await put('a');
    await put('b');
    await claim();
    await queue.failed('a', { problem: 'busy', retryAfterMs: 0 });
    await queue.failed('b', { problem: 'no such user', retryAfterMs: null });
    expect(await claim()).toEqual([expect.objectContaining({ id: 'a', attempts: 1 })]);
    expect((await rows()).map(({ problem }) => problem)).toEqual(['busy', 'no such user']);
  });

  it('that cannot be opened are given up, and hold nobody up', async () => {
    await put('a');
    await put('b');
    await pool.query(`update identity_letters set recipient = 'torn' where id = 'a'`);
    expect((await claim()).map(({ id }) => id)).toEqual(['b']);
    expect((await rows())[0]).toMatchObject({
      given_up_at: expect.any(Number),
      problem: expect.stringContaining('opened'),
    });
  });

  it('of the books that were written in clear, by an older version, join the others once, sealed', async () => {
    await pool.query(
      `insert into mail_outbox (account, event, recipient, template, params)
       values ('acme', 'InvoiceIssued/1', 'billing@acme.example', 'InvoiceIssued', '{"number": "1"}')`,
    );
    const taken = (await Promise.all([claim(), claim(), claim()])).flat();
    expect(taken).toEqual([
      {
        id: expect.stringMatching(/^books-/),
        recipient: 'billing@acme.example',
        template: 'InvoiceIssued',
        params: { account: 'acme', number: '1' },
        attempts: 0,
      },
    ]);
    expect(await claim()).toEqual([]);
    expect(JSON.stringify(await rows())).not.toContain('acme.example');
  });

  it('of the books wait sealed before they join, too', async () => {
    const mail = { event: 'InvoiceIssued/2', recipient: 'billing@acme.example', template: 'InvoiceIssued', params: {} };
    const letter = (account: string) => ({ account, ...sealedMail(TEST_VAULT.personal, 'acme', mail) });
    const add = (row: object) =>
      pool.query(
        `insert into mail_outbox (account, event, recipient, template, params)
         select * from jsonb_to_record($1) as l(account text, event text, recipient text, template text, params jsonb)`,
        [row],
      );
    await add(letter('acme'));
    // Moved to another account it cannot be opened.
    await add(letter('other'));
    expect(JSON.stringify((await pool.query('select * from mail_outbox')).rows)).not.toContain('acme.example');
    expect(await claim()).toMatchObject([{ recipient: 'billing@acme.example', params: { account: 'acme' } }]);
    expect((await rows()).filter(({ given_up_at }) => given_up_at !== null)).toHaveLength(1);
  });

  it('do not keep the address in what a mail server said of it', async () => {
    await put('a');
    await queue.failed('a', { problem: '550 5.1.1 <a@example.org>: no such user', retryAfterMs: null });
    expect(await rows()).toMatchObject([{ problem: '550 5.1.1 <(address)>: no such user' }]);
  });

  it('that were sent long ago are forgotten', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    await queue.sent('a');
    await queue.sent('b');
    await pool.query(`update identity_letters set created_at = now_ms() where id = 'b'`);
    await queue.forget();
    expect((await rows()).map(({ id }) => id)).toEqual(['b', 'c']);
  });
});
