import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openPostgresStorage } from '../../../cmd/server/postgres-storage.ts';
import { createVault } from '../../../integrations/seal/seal.ts';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';
import { type FreshDatabase, freshDatabase } from '../../postgres.ts';

jest.setTimeout(120_000);

const PASSWORD = 'four rivers meet at noon';

describe('two instances on one PostgreSQL', () => {
  let fresh: FreshDatabase;
  let servers: IdentityServer[];
  beforeAll(async () => {
    fresh = await freshDatabase();
    const vault = createVault({ current: 'k1', keys: { k1: randomBytes(32) }, fingerprintKey: randomBytes(32) });
    const start = async (holder: string) => {
      const where = { url: fresh.url };
      const storage = await openPostgresStorage({
        where,
        holder,
        leaseMs: 30_000,
        connections: 4,
        personal: vault.personal,
        onError: () => undefined,
      });
      return startIdentityServer({}, { storage, vault, holder });
    };
    servers = [await start('one'), await start('two')];
    const [one] = servers as [IdentityServer];
    await one.apply({ kind: 'User', metadata: { name: 'anna' }, spec: { email: 'anna@acme.example' } });
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    await fresh.drop();
  });

  const pair = () => servers as [IdentityServer, IdentityServer];

  it('have a link of a letter used once, wherever it is followed', async () => {
    const [one, two] = pair();
    await one.asAdmin('mutation { inviteUser(user: "anna") }');
    const token = linkToken((await one.letters()).at(-1));
    const body = { token, password: PASSWORD };
    const answers = await Promise.all(
      [one, two, one, two].map((server) => server.browser().auth('invitation/accept', body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422]);
  });

  it('know each other’s sessions, and a session that one ends is over at the other', async () => {
    const [one, two] = pair();
    const anna = one.browser();
    await anna.auth('sign-in', { login: 'anna', password: PASSWORD });
    const cookie = anna.cookie() ?? '';
    expect((await two.browser().get('/auth/session', { cookie })).body).toMatchObject({ actor: 'user:anna' });
    expect(
      (await two.asAdmin('mutation { revokeUserSessions(user: "anna") }')).body.data.revokeUserSessions,
    ).toBeGreaterThan(0);
    expect((await anna.get('/auth/session')).status).toBe(401);
  });

  it('count failures together: a lock at one holds at the other', async () => {
    const [one, two] = pair();
    const attempt = (server: IdentityServer) =>
      server.browser().auth('sign-in', { login: 'nobody-here', password: 'wrong' });
    const states: string[] = [];
    for (const server of [one, two, one, two]) states.push((await attempt(server)).body.state);
    expect(states).toEqual(['refused', 'refused', 'refused', 'captchaNeeded']);
  });

  it('keep who signed in, and how, in the audit of the user', async () => {
    const [one, two] = pair();
    await two.browser().auth('sign-in', { login: 'anna', password: 'wrong' });
    await one.browser().auth('sign-in', { login: 'anna', password: PASSWORD });
    const [object] = await one.storage.store.getByKey([{ kind: 'User', project: null, name: 'anna' }]);
    const audited = async () => {
      const { items } = await one.storage.store.audit({ uid: object?.metadata.uid ?? '', limit: 50 });
      return items.map(({ row }) => `${row.op} by ${row.actor}`);
    };
    for (let tried = 0; tried < 100 && !(await audited()).includes('SignInRefused by user:anna'); tried++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const wanted = [
      'Invited by token:admin',
      'PasswordSet by user:anna',
      'SignedIn by user:anna',
      'SessionsRevoked by token:admin',
      'SignInRefused by user:anna',
    ];
    expect(await audited()).toEqual(expect.arrayContaining(wanted));
    expect([one.errors, two.errors]).toEqual([[], []]);
  });
});
