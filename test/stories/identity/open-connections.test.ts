import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type IdentityServer, linkToken, startIdentityServer } from '../../fixtures/identity-server.ts';

jest.setTimeout(180_000);

const PASSWORD = 'four rivers meet at noon';
const WATCH = 'subscription { watch(kinds: ["SshKey"]) { type position key { name } } }';
const CONSOLE = `mutation { openConsole(object: { kind: "VirtualMachine", name: "db", project: "shop" }) { path } }`;

/** What somebody has open ends with that by which it was opened: both ways of listening, and consoles. */
describe('what is open', () => {
  let server: IdentityServer;
  const of = (kind: string, name: string, spec: object, project?: string) => ({
    kind,
    metadata: { name, ...(project !== undefined && { project }) },
    spec,
  });
  const anna = (role: string, account = 'acme') =>
    of('User', 'anna', { account: 'acme', roles: [{ role, account }], displayName: 'Anna' });
  beforeAll(async () => {
    server = await startIdentityServer();
    await server.apply(
      of('Account', 'acme', {}),
      of('Project', 'shop', { account: 'acme' }),
      anna('master-user'),
      of('ApiKey', 'deploy', { user: 'anna', scopes: ['*:*'] }),
      of('VirtualMachine', 'db', { cpus: 1, memoryMiB: 128, disks: [{ name: 'root', sizeGiB: 1 }] }, 'shop'),
    );
    const { body } = await server.asAdmin('mutation { makeInvitationLink(user: "anna") }');
    const token = linkToken({ params: { link: body.data.makeInvitationLink } });
    await server.browser().auth('invitation/accept', { token, password: PASSWORD });
    await until('the machine runs', async () => {
      const query = '{ object(kind: "VirtualMachine", name: "db", project: "shop") { isReady } }';
      return (await server.asAdmin(query)).body.data.object.isReady;
    });
  });
  afterAll(() => server.close());

  const issue = async () =>
    (await server.asAdmin('mutation { issueKey(key: "deploy") { id bearer } }')).body.data.issueKey as {
      id: string;
      bearer: string;
    };
  const signIn = async () =>
    (await server.browser().auth('sign-in', { login: 'anna', password: PASSWORD, use: 'commandLine' })).body
      .token as string;
  const asked = (bearer: string, query: string) =>
    server.browser().post('/graphql', { query }, { authorization: `Bearer ${bearer}` });
  const ticket = async (bearer: string) => (await asked(bearer, CONSOLE)).body.data.openConsole.path as string;
  const knock = (path: string) =>
    new Promise<WebSocket | null>((resolve) => {
      const socket = new WebSocket(server.url.replace('http', 'ws') + path, ['binary']);
      socket.once('open', () => resolve(socket));
      socket.once('error', () => resolve(null));
    });

  /** Everything that can be open, opened; it tells what has ended so far. */
  const opened = async (bearer: string) => {
    const authorization = `Bearer ${bearer}`;
    const ended = new Set<string>();
    const sse = createSse({ url: `${server.url}/graphql`, headers: { authorization }, retryAttempts: 0 });
    const ws = createWs({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
      on: { closed: () => ended.add('socket') },
    });
    const toTheEnd = async (name: string, stream: AsyncIterableIterator<unknown>) => {
      try {
        for await (const value of stream) if (JSON.stringify(value).includes('errors')) break;
      } catch {
        // Cut off: that is an end as well.
      }
      ended.add(name);
    };
    for (const [name, stream] of [
      ['events', sse.iterate({ query: WATCH })],
      ['subscription', ws.iterate({ query: WATCH })],
    ] as const) {
      expect((await stream.next()).value?.data).toBeDefined();
      void toTheEnd(name, stream);
    }
    const screen = await knock(await ticket(bearer));
    expect(screen).not.toBeNull();
    screen?.once('close', () => ended.add('console'));
    return ended;
  };
  const ALL = ['console', 'events', 'socket', 'subscription'];
  const allOver = (ended: ReadonlySet<string>) =>
    until('all has ended', async () => [...ended].sort().join() === ALL.join());

  it('ends with the one secret of a key by which it was opened; what the other opened goes on', async () => {
    const [first, second] = [await issue(), await issue()];
    const [ofFirst, ofSecond] = [await opened(first.bearer), await opened(second.bearer)];
    const unused = await ticket(first.bearer);
    const revoke = `mutation { revokeKeySecret(key: "deploy", id: "${first.id}") }`;
    expect((await server.asAdmin(revoke)).body.data.revokeKeySecret).toBe(true);
    await allOver(ofFirst);
    expect(await knock(unused)).toBeNull();
    expect([...ofSecond]).toEqual([]);
    await server.apply(of('ApiKey', 'deploy', { user: 'anna', scopes: ['get:*', 'console:*'] }));
    await allOver(ofSecond);
  });

  it('ends with the bearer tokens of a key of which only signatures count', async () => {
    const { bearer } = await issue();
    const ended = await opened(bearer);
    await server.apply(of('ApiKey', 'deploy', { user: 'anna', scopes: ['get:*', 'console:*'], signedOnly: true }));
    await allOver(ended);
  });

  it('ends with a change of the password elsewhere', async () => {
    const bearer = await signIn();
    const ended = await opened(bearer);
    const unused = await ticket(bearer);
    const browser = server.browser();
    await browser.auth('sign-in', { login: 'anna', password: PASSWORD });
    const next = `${PASSWORD}, again`;
    expect((await browser.auth('password/change', { password: next })).status).toBeLessThan(300);
    await allOver(ended);
    expect(await knock(unused)).toBeNull();
    expect((await browser.auth('password/change', { password: PASSWORD })).status).toBeLessThan(300);
  });

  it('shows nothing more of what a role showed that is gone, and closes the console that it opened', async () => {
    const ended = await opened(await signIn());
    const bearer = await signIn();
    const heard: string[] = [];
    const sse = createSse({ url: `${server.url}/graphql`, headers: { authorization: `Bearer ${bearer}` } });
    const stream = sse.iterate<{ watch: { key: { name: string } | null } }>({ query: WATCH });
    const listening = (async () => {
      for await (const { data } of stream) if (data?.watch.key) heard.push(data.watch.key.name);
    })();
    const key = (name: string) => of('SshKey', name, { publicKey: `${KEY} ${name}` }, 'shop');
    await server.apply(key('before'));
    await until('it is told', async () => heard.includes('before'));
    const unused = await ticket(bearer);
    await server.apply(anna('billing-admin'));
    await until('the console is closed', async () => ended.has('console'));
    expect(await knock(unused)).toBeNull();
    await server.apply(key('after'));
    await server.apply(anna('master-user'));
    // Rights are known to the server a moment after they were given.
    for (let tries = 0; tries < 100 && !heard.includes(`again-${tries - 1}`); tries++) {
      await server.apply(key(`again-${tries}`));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(heard.at(-1)).toMatch(/^again-/);
    expect(heard).not.toContain('after');
    await stream.return?.();
    await listening;
  });

  it('ends when the account is held from everybody but its owners', async () => {
    await server.apply(anna('power-user'));
    const ended = await opened(await signIn());
    const hold =
      'mutation { holdAccount(account: "acme", source: fraud, severity: SUSPEND, reason: "Stolen", memo: "Cards of others.") }';
    expect((await server.asAdmin(hold)).body.errors).toBeUndefined();
    await allOver(ended);
    expect(server.errors).toEqual([]);
  });
});

const KEY = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, 7)]).toString('base64')}`;

async function until(what: string, good: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await good()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It never happened that ${what}.`);
}
