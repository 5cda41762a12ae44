import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest } from '@jest/globals';
import pg from 'pg';
import { DEFAULT_SIGN_IN } from '../../cmd/config/sign-in-settings.ts';
import { SHOP } from '../../cmd/server/books.fixture.ts';
import { openPostgresStorage } from '../../cmd/server/postgres-storage.ts';
import { createVault } from '../../integrations/seal/seal.ts';
import { type OpenDatabase, openDatabase } from '../../postgres/embedded/open.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../fixtures/identity-server.ts';
import { until } from '../lab/command.ts';
import { chapters } from './fixtures/chapters.ts';

jest.setTimeout(300_000);

const PASSWORD = 'four rivers meet at noon';

/** Everything that is personal in this story, in words that stand nowhere else. */
const ACCOUNT = {
  displayName: 'Haus Quitzenfels',
  ownerEmail: 'buchhaltung@quitzenfels.example',
  legalName: 'Quitzenfels Erben',
  taxId: 'DE998877665',
  billingAddress: { lines: ['Drosselbartweg 1147'], postalCode: '98765', city: 'Niederquarnbek', country: 'DE' },
  billingContact: { name: 'Ottokar Zwirnlein', email: 'ottokar@zwirnlein.example', phone: '+49 4349 5550177' },
};
const PEOPLE = {
  first: { displayName: 'Philomena Xanter', email: 'philomena@xanter.example' },
  later: { email: 'philomena.neu@xanter.example' },
  registered: { displayName: 'Balduin Yserfeld', email: 'balduin@yserfeld.example' },
  waiting: { displayName: 'Kunigunde Vexbach', email: 'kunigunde@vexbach.example' },
};
const CARD = { last4: '7391', expiry: '2031-11' };
const BROWSER = 'Zwieselbrowser/7.3';
const FIGURES = Object.entries(CARD).map(([name, value]) => `"${name}": "${value}"`);
const VALUES = [ACCOUNT, PEOPLE, BROWSER, FIGURES].flatMap(textsOf).filter((text) => text.length > 2);

/**
 * What is personal and stands in clear on purpose. Names of objects (users, accounts, keys) are what everything refers to: they are chosen,
 * and may be pseudonyms. The names of who did something stand with what was done. Free words that staff write (memos, reasons, labels,
 * annotations, custom fields) are theirs to choose; what is sealed is what a kind marks as personal.
 */

const CLEAR = 'philomena';

describe('what the database says of people', () => {
  const chapter = chapters();
  const folder = mkdtempSync(join(tmpdir(), 'steward-personal-'));
  let database: OpenDatabase;
  let client: pg.Client;
  let server: IdentityServer;

  beforeAll(async () => {
    // The server of the database is another user, who must pass through to its data.
    chmodSync(folder, 0o711);
    database = await openDatabase({ embedded: join(folder, 'db') });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const vault = createVault({ current: 'k1', keys: { k1: randomBytes(32) }, fingerprintKey: randomBytes(32) });
    const options = { holder: 'test', leaseMs: 30_000, connections: 4, onError: () => undefined };
    const storage = await openPostgresStorage({ where: { url: database.url }, personal: vault.personal, ...options });
    const registration = { ...DEFAULT_SIGN_IN.registration, open: true };
    server = await startIdentityServer({ registration }, { storage, vault });
  });
  let isRunning = true;
  const stop = async () => {
    if (!isRunning) return;
    isRunning = false;
    await server?.close();
    await client?.query('checkpoint');
    await client?.end();
    await database?.close();
  };
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  chapter('accounts, users and cards are made, changed, planned and asked for under a key', async () => {
    const shop = SHOP.map(({ kind, name, spec, ...rest }) => ({
      kind,
      metadata: { name, ...rest },
      spec: { ...spec },
    }));
    for (const manifest of shop) if (manifest.kind === 'Account') Object.assign(manifest.spec, ACCOUNT);
    await server.apply(...shop, user('philomena', PEOPLE.first), {
      kind: 'PaymentMethod',
      metadata: { name: 'card', project: 'shop' },
      spec: { gateway: 'sandbox', token: 'tok-approved', ...CARD },
    });
    await server.apply(user('philomena', PEOPLE.later));
    const variables = { manifests: [user('philomena', PEOPLE.first)] };
    const plan = 'mutation ($manifests: [JSON!]) { plan(manifests: $manifests, save: true) { __typename } }';
    expect((await server.asAdmin(plan, variables)).body.data.plan.__typename).toBe('Plan');
    const keyed = `mutation ($manifests: [JSON!]!) {
      apply(manifests: $manifests, idempotencyKey: "story-of-a-person") { __typename }
    }`;
    expect((await server.asAdmin(keyed, variables)).body.data.apply.__typename).toBe('ApplySuccess');
    const { body } = await server.asAdmin(
      '{ account(name: "acme") { spec { billingContact { name } } } audit(kind: "User", first: 10) { nodes { changes { to } } } }',
    );
    expect(body.data.account.spec.billingContact.name).toBe(ACCOUNT.billingContact.name);
    expect(JSON.stringify(body.data.audit)).toContain(PEOPLE.later.email);
  });

  chapter('people register, wait for their letters, sign in and ask for a new password', async () => {
    const browser = server.browser();
    const agent = { 'user-agent': BROWSER };
    const register = async (name: string, person: { displayName: string; email: string }) =>
      browser.auth('register', { name, ...person, terms: '', captcha: await browser.solve() }, agent);
    expect((await register('balduin', PEOPLE.registered)).status).toBe(202);
    const token = linkToken((await server.letters()).at(-1));
    expect((await browser.auth('register/complete', { token, password: PASSWORD }, agent)).status).toBe(200);
    expect((await register('kunigunde', PEOPLE.waiting)).status).toBe(202);
    expect((await register('somebody', PEOPLE.registered)).status).toBe(202);
    expect((await server.letters()).at(-1)?.template).toBe('AlreadyRegistered');
    const login = PEOPLE.registered.email.toUpperCase();
    expect((await browser.auth('sign-in', { login, password: PASSWORD }, agent)).body.state).toBe('signedIn');
    expect((await browser.auth('sign-in', { login, password: 'wrong' }, agent)).status).toBe(401);
    expect((await browser.auth('password/forgot', { login, captcha: await browser.solve() })).status).toBe(200);
  });

  chapter('an invoice is issued, and its letter waits', async () => {
    const rows = async () => (await client.query('select params from mail_outbox')).rows;
    await until('the letter of an invoice', async () => (await rows()).length > 0, { timeoutMs: 60_000 });
  });

  chapter('nothing of them stands in any row of any table', async () => {
    const found: string[] = [];
    const { rows } = await client.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname <> 'information_schema'`,
    );
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(['public.audit', 'public.identity_letters']));
    for (const { name } of rows) {
      const { rows: kept } = await client.query(`select t::text as text from ${name} t`);
      const text = kept.map((row) => row.text).join('\n');
      found.push(...leaks(name, text));
    }
    expect(found).toEqual([]);
  });

  chapter('nor in any file of the database, its journal and its log included', async () => {
    await stop();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const found = files.flatMap(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return leaks(path.slice(folder.length), readFileSync(path, 'latin1'));
    });
    expect(found).toEqual([]);
    // What is there in clear is found: the name of a user is.
    expect(files.some(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1').includes(CLEAR))).toBe(
      true,
    );
  });
});

function leaks(where: string, text: string): string[] {
  const lower = text.toLowerCase();
  return VALUES.filter((value) => lower.includes(value)).map((value) => `${value} in ${where}`);
}

function user(name: string, spec: object) {
  return { kind: 'User', metadata: { name }, spec };
}

/** Every text in a value, as it is looked for. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value.toLowerCase()];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}
