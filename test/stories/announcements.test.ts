import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type IdentityServer, startIdentityServer } from '../fixtures/identity-server.ts';
import { invitedPeople } from '../fixtures/invited.ts';
import { until } from '../lab/command.ts';

jest.setTimeout(120_000);

const STATUS =
  '{ serviceStatus { current { name subject } upcoming { name from until } history { name } } notifications { nodes { title } } }';
const CREATE = `mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) {
  ... on ApplySuccess { results { change } } ... on AdmissionFailure { issues { code } } } }`;

describe('what the provider publishes', () => {
  let server: IdentityServer;
  const person = invitedPeople(() => server);
  beforeAll(async () => {
    server = await startIdentityServer();
    const account = (name: string, channel: string) => ({ kind: 'Account', metadata: { name }, spec: { channel } });
    const user = (name: string, role: string, of?: string) => ({
      kind: 'User',
      metadata: { name },
      spec: { email: `${name}@example.org`, roles: [{ role }], ...(of && { account: of }) },
    });
    await server.apply(
      { kind: 'Catalog', metadata: { name: 'goods' } },
      { kind: 'Channel', metadata: { name: 'direct' }, spec: { catalog: 'goods' } },
      { kind: 'Channel', metadata: { name: 'reseller' }, spec: { catalog: 'goods' } },
      account('acme', 'direct'),
      account('bolt', 'reseller'),
      user('paul', 'user', 'acme'),
      user('bob', 'user', 'bolt'),
      user('olga', 'ops-admin'),
      user('fiona', 'finance-admin'),
    );
  });
  afterAll(() => server.close());

  const publish = async (who: string, name: string, spec: object) =>
    (await (await person(who)).query(CREATE, { manifests: [{ kind: 'Announcement', metadata: { name }, spec }] })).body
      .data.apply;
  const seen = async (who: string) => (await (await person(who)).query(STATUS)).body.data;
  const titles = async (who: string) =>
    (await seen(who)).notifications.nodes
      .map(({ title }: { title: string }) => title)
      .filter((one: string) => /: /.test(one));

  it('is written by those who may, and by nobody else', async () => {
    const issue = { type: 'Issue', subject: 'Consoles are slow' };
    for (const who of ['paul', 'fiona']) expect((await publish(who, 'slow', issue)).issues).toHaveLength(1);
    expect((await publish('olga', 'slow', issue)).results).toEqual([{ change: 'created' }]);
  });

  it('is told every account that it concerns, once, and seen by its people', async () => {
    await publish('olga', 'power', { type: 'Disruption', subject: 'Power is out', channel: 'direct' });
    await until('both are told', async () => (await titles('paul')).length === 2, { timeoutMs: 60_000 });
    expect((await titles('paul')).sort()).toEqual(['Disruption: Power is out', 'Issue: Consoles are slow']);
    expect(await titles('bob')).toEqual(['Issue: Consoles are slow']);
    await publish('olga', 'power', { type: 'Disruption', subject: 'Power is out in Frankfurt', channel: 'direct' });
    const names = async (who: string) =>
      (await seen(who)).serviceStatus.current.map(({ name }: { name: string }) => name).sort();
    expect([await names('paul'), await names('bob'), await names('olga')]).toEqual([
      ['power', 'slow'],
      ['slow'],
      ['power', 'slow'],
    ]);
    expect((await seen('paul')).serviceStatus.current).toContainEqual({
      name: 'power',
      subject: 'Power is out in Frankfurt',
    });
    expect(await titles('paul')).toHaveLength(2);
  });

  it('is to come, current and over by its times; who reads the command sees it too', async () => {
    const span = { from: '2999-01-01T00:00:00Z', until: '2999-01-01T02:00:00Z' };
    await publish('olga', 'upgrade', { type: 'Maintenance', subject: 'Upgrade', ...span });
    await publish('olga', 'old', {
      type: 'Issue',
      subject: 'Old',
      from: '2020-01-01T00:00:00Z',
      until: '2020-01-02T00:00:00Z',
    });
    const { upcoming, history } = (await seen('bob')).serviceStatus;
    expect(upcoming).toEqual([
      { name: 'upgrade', from: '2999-01-01T00:00:00.000Z', until: '2999-01-01T02:00:00.000Z' },
    ]);
    expect(history).toEqual([{ name: 'old' }]);
    const { out } = await server.installation.steward(['status', '--history']);
    expect(out).toMatch(
      /current {2}.*Power is out in Frankfurt[\s\S]*upcoming {2}Maintenance .*Upgrade[\s\S]*history .*Old/,
    );
    expect((await server.installation.steward(['get', 'announcements'])).out).toContain('Power is out in Frankfurt');
  });
});
