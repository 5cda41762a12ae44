import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import { invitedPeople, PASSWORD } from '../../fixtures/invited.ts';

jest.setTimeout(120_000);

const KEY = {
  kind: 'SshKey',
  metadata: { name: 'laptop', project: 'acme' },
  spec: { publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKrYZ9zE3cGk7VBZvJcb1Kx7Zz6aB3zj0H1c6jVXkq0Q laptop' },
};
const CARD = {
  kind: 'PaymentMethod',
  metadata: { name: 'visa', project: 'acme' },
  spec: { gateway: 'sandbox', token: 'tok-approved' },
};
const APPLY = `mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) {
  ... on ApplySuccess { results { change } } ... on AdmissionFailure { issues { code path message } } } }`;

const user = (name: string, account: string, role: string) => ({
  kind: 'User',
  metadata: { name },
  spec: { email: `${name}@${account}.example`, account, roles: [{ role }] },
});

describe('the life of an account', () => {
  let server: IdentityServer;
  const as = invitedPeople(() => server);
  const wish = async (name: string, ...manifests: unknown[]) => {
    const { body } = await (await as(name)).query(APPLY, { manifests });
    return body.data.apply.issues ?? 'ok';
  };
  const account = async (name = 'acme') => {
    const query = `{ account(name: "${name}") { json conditions { type status reason } } }`;
    const { body } = await server.asAdmin(query);
    const { json, conditions } = body.data.account;
    return {
      ...json.status,
      type: json.spec.type,
      waits: conditions.filter((c: { status: string }) => c.status !== 'True').map((c: { type: string }) => c.type),
    };
  };
  const until = async (state: string, name = 'acme') => {
    for (let tries = 0; tries < 400; tries++) {
      if ((await account(name)).state === state) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${name} is not ${state}: ${JSON.stringify(await account(name))}`);
  };
  const ask = async (name: string, query: string) => (await (await as(name)).query(query)).body;

  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply(
      {
        kind: 'AccountType',
        metadata: { name: 'corporate' },
        spec: {
          verifiedEmail: true,
          paymentInfoNeeded: true,
          manualActivation: true,
          initialDeposit: { EUR: '50' },
          conversions: [],
        },
      },
      { kind: 'AccountType', metadata: { name: 'trial' }, spec: { trial: true, conversions: ['retail'], maxUsers: 5 } },
      { kind: 'AccountType', metadata: { name: 'retail' }, spec: { paymentInfoNeeded: true, maxUsers: 2 } },
      { kind: 'Account', metadata: { name: 'house' }, spec: {} },
      { kind: 'Account', metadata: { name: 'acme' }, spec: { type: 'corporate', ownerEmail: 'anna@acme.example' } },
      { kind: 'Project', metadata: { name: 'acme' }, spec: { account: 'acme' } },
      user('anna', 'acme', 'master-user'),
      user('paul', 'acme', 'power-user'),
      user('fiona', 'house', 'finance-admin'),
      user('sara', 'house', 'sales-support'),
    );
  });
  afterAll(() => server.close());

  it('is NEW until all has happened that its type demands: nothing is made for it, and who asks is told what is missing', async () => {
    await until('NEW');
    expect((await account()).waits).toEqual([
      'Activated',
      'EmailVerified',
      'PaymentMethodOnFile',
      'FinanceApproved',
      'InitialDepositReceived',
    ]);
    expect(await wish('anna', KEY)).toEqual([
      expect.objectContaining({
        code: 'AccountNew',
        message: expect.stringMatching(
          /EmailVerified, PaymentMethodOnFile, FinanceApproved, InitialDepositReceived .*describe account acme/,
        ),
      }),
    ]);
    expect(await wish('anna', { kind: 'Project', metadata: { name: 'more' }, spec: { account: 'acme' } })).toEqual([
      expect.objectContaining({ code: 'AccountNew' }),
    ]);
    expect(await wish('anna', CARD)).toBe('ok');
  });

  it('is approved or declined by finance and nobody else, with a memo', async () => {
    const approve = (memo: string) => `mutation { approveAccount(account: "acme", memo: "${memo}") }`;
    for (const name of ['anna', 'sara'])
      expect((await ask(name, approve('Let me in.'))).errors[0].message).toBe('There is no account "acme".');
    expect((await ask('fiona', approve(' '))).errors[0].message).toContain('memo: say why');
    expect((await ask('fiona', 'mutation { declineAccount(account: "acme", memo: "No papers.") }')).data).toEqual({
      declineAccount: true,
    });
    expect((await account()).state).toBe('NEW');
    expect((await ask('fiona', approve('The papers came.'))).data).toEqual({ approveAccount: true });
    const paid =
      'mutation { grantCredit(account: "acme", amount: "50.00", reason: "Deposit", idempotencyKey: "first-deposit") { ok } }';
    expect((await server.asAdmin(paid)).body.data.grantCredit).toEqual({ ok: true });
    await until('ACTIVE');
    expect((await account()).waits).toEqual([]);
    expect(await wish('anna', KEY)).toBe('ok');
  });

  it('is as severe as the severest of its holds; lifting one lifts no other; only owners sign in while it is held, and they are told', async () => {
    const paul = await as('paul');
    const hold = (source: string, severity: string) =>
      `mutation { holdAccount(account: "acme", source: ${source}, severity: ${severity}, reason: "Check", memo: "Ticket 4711.") }`;
    expect((await ask('anna', hold('admin', 'RESTRICT'))).errors[0].message).toBe('There is no account "acme".');
    const first = (await ask('fiona', hold('fraud', 'SUSPEND'))).data.holdAccount;
    const second = (await ask('fiona', hold('maintenance', 'RESTRICT'))).data.holdAccount;
    await until('SUSPENDED');
    const { holds } = await account();
    expect(holds.map(({ source }: { source: string }) => source).sort()).toEqual(['admin', 'maintenance']);
    for (let tries = 0; tries < 400 && (await paul.get('/auth/session')).status !== 401; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await paul.get('/auth/session')).status).toBe(401);
    expect((await server.browser().auth('sign-in', { login: 'paul', password: PASSWORD })).status).toBe(401);
    expect((await server.browser().auth('sign-in', { login: 'anna', password: PASSWORD })).body.state).toBe('signedIn');
    const lift = (id: string) =>
      `mutation { liftHold(account: "acme", hold: "${id}", reason: "Cleared", memo: "All is well.") }`;
    expect((await ask('fiona', lift(first))).data).toEqual({ liftHold: true });
    await until('RESTRICTED');
    expect((await ask('fiona', lift(first))).errors[0].message).toContain('has no hold');
    expect((await ask('fiona', lift(second))).data).toEqual({ liftHold: true });
    await until('ACTIVE');
    const told = (await server.queued()).filter(({ template }) => /^Account(Held|Released)$/.test(template));
    expect(told.map(({ template, recipient }) => `${template} ${recipient}`)).toEqual([
      'AccountHeld anna@acme.example',
      'AccountHeld anna@acme.example',
      'AccountReleased anna@acme.example',
      'AccountReleased anna@acme.example',
    ]);
    expect(JSON.stringify(told.map(({ params }) => params))).not.toMatch(/fraud|Ticket 4711|fiona/);
  });

  it('keeps who decided what, when and why, for the provider’s people', async () => {
    const query = '{ accountHistory(account: "acme") { what oldState newState actor reason memo severity } }';
    expect((await ask('anna', query)).errors[0].message).toBe('There is no account "acme".');
    const rows = (await ask('sara', query)).data.accountHistory;
    expect(
      rows.map(({ what, oldState, newState }: Record<string, string>) => `${what} ${oldState} ${newState}`),
    ).toEqual([
      'Lifted RESTRICTED ACTIVE',
      'Lifted SUSPENDED RESTRICTED',
      'Held SUSPENDED SUSPENDED',
      'Held ACTIVE SUSPENDED',
      'Activated NEW ACTIVE',
      'Approved NEW NEW',
      'Declined NEW NEW',
    ]);
    expect(rows[3]).toMatchObject({ actor: 'user:fiona', reason: 'Check', memo: 'Ticket 4711.', severity: 'SUSPEND' });
    expect(rows[4]).toMatchObject({ actor: 'portal' });
    const { out } = await server.installation.steward(['describe', 'account/acme']);
    expect(out).toMatch(/state: ACTIVE/);
    expect(out).toMatch(/^\S+ +Held +ACTIVE → SUSPENDED +user:fiona +Check +Ticket 4711\.$/m);
    expect(server.errors).toEqual([]);
  });
});
