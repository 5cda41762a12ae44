import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import { invitedPeople } from '../../fixtures/invited.ts';

jest.setTimeout(120_000);

const LIST = `query ($account: String, $unread: Boolean, $categories: [NotificationCategory!], $severities: [NotificationSeverity!]) {
  notifications(account: $account, unread: $unread, categories: $categories, severities: $severities) {
    unreadCount nodes { id type title scope category severity read }
  }
}`;

describe('what people were told', () => {
  let server: IdentityServer;
  const person = invitedPeople(() => server);
  beforeAll(async () => {
    server = await startIdentityServer();
    const user = (name: string, account: string | null, role: string, locale = 'en') => ({
      kind: 'User',
      metadata: { name },
      spec: { email: `${name}@${account}.example`, ...(account && { account }), roles: [{ role }], locale },
    });
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' } },
      { kind: 'Account', metadata: { name: 'bolt' } },
      user('anna', 'acme', 'master-user', 'de'),
      user('paul', 'acme', 'user'),
      user('bob', 'bolt', 'master-user'),
      user('fiona', null, 'finance-admin'),
    );
    await server.storage.notifications.put([
      { type: 'PaymentDeclined', target: 'acme', event: 'e1', detail: 'INV-1' },
      { type: 'Disruption', target: 'acme', event: 'e2', detail: 'Power is out' },
      { type: 'JobProblem', target: '', event: 'e3', detail: 'acme: PriceGap vm' },
    ]);
  });
  afterAll(() => server.close());

  const list = async (name: string, variables: object = {}) =>
    (await (await person(name)).query(LIST, variables as never)).body;
  const types = async (name: string, variables: object = {}) =>
    (await list(name, variables)).data.notifications.nodes.map(({ type }: { type: string }) => type);

  it('is, for an owner, what they and their account were told, in their language', async () => {
    const { nodes } = (await list('anna')).data.notifications;
    expect(nodes.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['SignedIn', 'PasswordSet', 'PaymentDeclined', 'Disruption']),
    );
    expect(nodes.map(({ title }: { title: string }) => title)).toEqual(
      expect.arrayContaining(['Eine Zahlung für INV-1 von acme wurde abgelehnt', 'Ausfall: Power is out']),
    );
  });

  it('is, for others of the account, what is published, and nothing of its money', async () => {
    expect(await types('paul')).toEqual(expect.arrayContaining(['SignedIn', 'Disruption']));
    expect(await types('paul')).not.toContain('PaymentDeclined');
  });

  it('is nothing of another account’s, whose name is no answer either', async () => {
    expect(await types('bob')).not.toEqual(expect.arrayContaining(['Disruption']));
    for (const account of ['acme', 'no-such'])
      expect((await list('bob', { account })).errors[0].message).toBe(`There is no account "${account}".`);
  });

  it('is, for the provider’s people, what they should look at, and that of any account', async () => {
    expect(await types('fiona')).toContain('JobProblem');
    expect(await types('anna')).not.toContain('JobProblem');
    expect(await types('fiona', { account: 'acme' })).toContain('PaymentDeclined');
  });

  it('is filtered, counted and read by each for themselves, once under a key', async () => {
    const alerts = (
      await list('anna', { categories: ['ACCOUNT_SPEND', 'SERVICES'], severities: ['ALERT', 'CRITICAL'] })
    ).data;
    const ids = alerts.notifications.nodes.map(({ id }: { id: string }) => id);
    expect(ids).toHaveLength(2);
    const before = (await list('anna')).data.notifications.unreadCount;
    const mark = 'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids, idempotencyKey: "read-by-anna-1") }';
    for (const _ of [1, 2])
      expect((await (await person('anna')).query(mark, { ids })).body.data).toEqual({ markNotificationsRead: 2 });
    expect((await list('anna')).data.notifications.unreadCount).toBe(before - 2);
    expect(await types('anna', { unread: true })).not.toContain('Disruption');
    expect(await types('paul', { unread: true })).toContain('Disruption');
    const others = 'mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) }';
    expect((await (await person('bob')).query(others, { ids })).body.data).toEqual({ markNotificationsRead: 0 });
  });
});
