import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SHOP } from '../../../cmd/server/books.fixture.ts';
import { type IdentityServer, startIdentityServer } from '../../fixtures/identity-server.ts';
import { invitedPeople, PASSWORD } from '../../fixtures/invited.ts';

jest.setTimeout(180_000);

const APPLY = `mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) {
  ... on ApplySuccess { results { change } } ... on AdmissionFailure { issues { code path message } } } }`;

const of = (kind: string, name: string, spec: object, project?: string) => ({
  kind,
  metadata: { name, ...(project === undefined ? {} : { project }) },
  spec,
});
const user = (name: string, account: string, role: string) =>
  of('User', name, { email: `${name}@${account}.example`, account, roles: [{ role }] });
const CARD = of('PaymentMethod', 'visa', { gateway: 'sandbox', token: 'tok-approved' }, 'bolt');

describe('an account', () => {
  let server: IdentityServer;
  const as = invitedPeople(() => server);
  const wish = async (name: string, ...manifests: unknown[]) => {
    const { body } = await (await as(name)).query(APPLY, { manifests });
    return body.data.apply.issues?.map(({ code, message }: Record<string, string>) => `${code}: ${message}`) ?? 'ok';
  };
  const ask = async (name: string, query: string) => (await (await as(name)).query(query)).body;
  const account = async (name: string) =>
    (await server.asAdmin(`{ account(name: "${name}") { json } }`)).body.data.account.json;
  const until = async (what: string, read: () => Promise<boolean>) => {
    for (let tries = 0; tries < 400; tries++) {
      if (await read()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`It did not come to this: ${what}.`);
  };
  const history = async (name: string) =>
    (await ask('fiona', `{ accountHistory(account: "${name}") { what newState detail } }`)).data.accountHistory;

  beforeAll(async () => {
    server = await startIdentityServer();
    const shop = SHOP.map(({ kind, name, project, spec }) => of(kind, name, spec, project));
    await server.apply(
      of('AccountType', 'trial', { trial: true, conversions: ['retail', 'corporate'], maxUsers: 4 }),
      of('AccountType', 'retail', { paymentInfoNeeded: true, maxUsers: 3 }),
      of('AccountType', 'corporate', { manualActivation: true }),
      of('AccountType', 'other', {}),
      of('Account', 'house', {}),
      of('Account', 'bolt', { type: 'trial' }),
      of('Project', 'bolt', { account: 'bolt' }),
      user('bob', 'bolt', 'master-user'),
      user('fiona', 'house', 'finance-admin'),
      ...shop,
    );
    await until('bolt begins', async () => (await account('bolt')).status.state === 'ACTIVE');
  });
  afterAll(() => server.close());

  it('has no more users than its type has seats, however many are made at once', async () => {
    await as('bob');
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => wish('bob', user(`b${index}`, 'bolt', 'user'))),
    );
    expect(made.filter((one) => one === 'ok')).toHaveLength(3);
    expect(made.find((one) => one !== 'ok')).toEqual([
      expect.stringMatching(/^QuotaExceeded: The quota of 4 users of account bolt /),
    ]);
  });

  it('becomes a type that it may become, with as many users as that allows, once all has happened that it demands', async () => {
    const become = (convertTo: string) => of('Account', 'bolt', { type: 'trial', convertTo });
    expect(await wish('bob', become('other'))).toEqual([expect.stringContaining('it may become retail, corporate.')]);
    expect(await wish('bob', become('retail'))).toEqual([
      expect.stringContaining('bolt has 4 users and retail allows 3: delete 1 first.'),
    ]);
    expect(await wish('bob', of('Account', 'bolt', { type: 'retail' }))).toEqual([expect.stringMatching(/^Denied/)]);
    const [first] = (await server.asAdmin('{ users { nodes { name } } }')).body.data.users.nodes.filter(
      ({ name }: { name: string }) => /^b\d+$/.test(name),
    );
    await ask('bob', `mutation { delete(objects: [{ kind: "User", name: "${first.name}" }]) { __typename } }`);
    await until('one user is gone', async () => (await wish('bob', become('retail'))) === 'ok');
    expect(await wish('fiona', of('Account', 'bolt', { type: 'corporate' }))).toEqual([
      expect.stringContaining('corporate demands FinanceApproved first: write convertTo: corporate'),
    ]);
    expect((await account('bolt')).spec.type).toBe('trial');
    expect(await wish('bob', CARD)).toBe('ok');
    await until('bolt is retail', async () => (await account('bolt')).spec.type === 'retail');
    await until('the history knows', async () => (await history('bolt'))[0].what === 'Converted');
    expect((await history('bolt'))[0]).toMatchObject({ detail: 'trial → retail', newState: 'ACTIVE' });
  });

  it('is terminated by a person: what uses others goes before what is used, its people are out, its books stay for finance', async () => {
    await server.apply(
      user('olga', 'acme', 'master-user'),
      of('Network', 'lan', {}, 'shop'),
      of('Volume', 'data', { sizeGiB: 1 }, 'shop'),
      of(
        'VirtualMachine',
        'db',
        {
          cpus: 1,
          memoryMiB: 128,
          disks: [{ name: 'data', volume: 'data' }],
          nics: [{ name: 'eth0', network: 'lan' }],
        },
        'shop',
      ),
    );
    const exists = async (kind: string, name: string) =>
      (await server.asAdmin(`{ object(kind: "${kind}", name: "${name}", project: "shop") { isReady } }`)).body.data
        .object;
    await until('the machine runs', async () => (await exists('VirtualMachine', 'db'))?.isReady === true);
    const olga = await as('olga');
    expect((await olga.get('/auth/session')).status).toBe(200);
    const end =
      'mutation { holdAccount(account: "acme", source: admin, severity: TERMINATE, reason: "Contract", memo: "They left.") }';
    const { holdAccount: hold } = (await ask('fiona', end)).data;
    await until('acme has ended', async () => (await account('acme')).status.terminatedAt !== undefined);
    for (const [kind, name] of [
      ['VirtualMachine', 'db'],
      ['Volume', 'data'],
      ['Network', 'lan'],
    ] as const)
      expect(await exists(kind, name)).toBeNull();
    const { steps } = (await server.asAdmin('{ steps(first: 50) { nodes { kind name verb } } }')).body.data;
    const done = steps.nodes
      .map(({ kind, name, verb }: Record<string, string>) => `${verb} ${kind}/${name}`)
      .toReversed();
    const places = ['clear Account/acme', 'undefine VirtualMachine/db', 'remove Volume/data', 'close Account/acme'].map(
      (one) => done.indexOf(one),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(done.indexOf('remove Network/lan')).toBeGreaterThan(done.indexOf('undefine VirtualMachine/db'));
    expect((await account('acme')).status.state).toBe('TERMINATED');
    expect((await olga.get('/auth/session')).status).toBe(401);
    expect((await server.browser().auth('sign-in', { login: 'olga', password: PASSWORD })).status).toBe(401);

    await until(
      'what was paid in advance is given back',
      async () =>
        (await ask('fiona', '{ creditNotes(account: "acme", first: 5) { nodes { number } } }')).data.creditNotes.nodes
          .length > 0,
    );
    expect(
      (
        await ask(
          'fiona',
          `mutation { liftHold(account: "acme", hold: "${hold}", reason: "Regret", memo: "They came back.") }`,
        )
      ).errors[0].message,
    ).toContain('for ever');
    const again = of('Volume', 'data', { sizeGiB: 1 }, 'shop');
    const refused = (await server.asAdmin(APPLY, { manifests: [again] })).body.data.apply.issues;
    expect(refused).toEqual([expect.objectContaining({ code: 'AccountTerminated' })]);
    expect((await history('acme')).slice(0, 2).map(({ what }: { what: string }) => what)).toEqual([
      'Terminated',
      'Held',
    ]);
    expect(server.errors).toEqual([]);
  });

  it('leaves its name to nobody once it is removed: its books are kept under it', async () => {
    const remove = `mutation ($objects: [ObjectKeyInput!]!) { delete(objects: $objects) { __typename ... on AdmissionFailure { issues { message } } } }`;
    for (const [kind, name] of [
      ['Project', 'shop'],
      ['User', 'olga'],
      ['Account', 'acme'],
    ] as const) {
      const { body } = await server.asAdmin(remove, { objects: [{ kind, name }] });
      expect(body.data?.delete ?? body).toEqual({ __typename: 'ChangeSuccess' });
      await until(
        `${kind} ${name} is gone`,
        async () =>
          (await server.asAdmin(`{ object(kind: "${kind}", name: "${name}") { name } }`)).body.data.object === null,
      );
    }
    const { issues } = (await server.asAdmin(APPLY, { manifests: [of('Account', 'acme', {})] })).body.data.apply;
    expect(issues).toEqual([
      {
        code: 'Conflict',
        path: '/metadata/name',
        message: '"acme" was the name of another account, whose books are kept: choose another.',
      },
    ]);
    await server.apply(of('Account', 'acme-again', {}));
    expect(server.errors).toEqual([]);
  });
});
