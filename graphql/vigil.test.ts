import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient as createSse } from 'graphql-sse';
import { type Client, createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';
import { serveHouse, TOKEN } from '../test/fixtures/api.ts';
import { ANNA } from '../test/fixtures/house.ts';

const WATCH = 'subscription { watch { type position } }';
const PERSON = {
  ...ANNA,
  authentication: { user: 'anna', scopes: null, session: 's1', provedAt: 0, secondFactorAt: null },
};

type House = Awaited<ReturnType<typeof serveHouse>>;

describe('what stays open', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const served = async (options: Parameters<typeof serveHouse>[0] = {}) => {
    const api = await serveHouse({
      authenticate: async ({ authorization }) => (authorization === TOKEN ? PERSON : null),
      ...options,
    });
    closing.push(api.close);
    return api;
  };
  const socket = (api: House) => {
    const closed: { code: number; reason: string }[] = [];
    const client = createWs({
      url: api.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: TOKEN },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => undefined,
      on: { closed: (event) => void closed.push(event as { code: number; reason: string }) },
    });
    closing.push(() => client.dispose());
    return { client, closed };
  };
  const one = async (client: Client, query: string) => (await client.iterate({ query }).next()).value;
  const refusal = async (client: Client, query: string) =>
    JSON.stringify(await one(client, query).catch((error: unknown) => error));
  const until = async (met: () => boolean) => {
    for (let looks = 0; !met() && looks < 200; looks += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(met()).toBe(true);
  };

  it('is held to the same rate of questions as HTTP, and told so on the socket', async () => {
    const rates = { caller: { perSecond: 0.001, burst: 5 }, stranger: { perSecond: 1, burst: 5 } };
    const { client, closed } = socket(await served({ rates }));
    const answers = [];
    for (let asked = 0; asked < 8; asked += 1) answers.push(await refusal(client, '{ about { version } }'));
    expect(answers.slice(0, 4).every((answer) => answer.includes('"version":"0"'))).toBe(true);
    for (const answer of answers.slice(4)) expect(answer).toMatch(/Too many requests.*RATE_LIMITED/);
    expect(closed).toEqual([]);
  });

  it('opens no socket for strangers who knock without end', async () => {
    const api = await served({
      rates: { caller: { perSecond: 1, burst: 5 }, stranger: { perSecond: 0.001, burst: 3 } },
    });
    const codes: number[] = [];
    for (let knocked = 0; knocked < 6; knocked += 1) {
      const stranger = new WebSocket(api.url.replace('http', 'ws'), 'graphql-transport-ws');
      stranger.on('open', () => stranger.send('{"type":"connection_init"}'));
      codes.push(await new Promise<number>((resolve) => stranger.on('close', resolve)));
    }
    expect(codes).toEqual([4403, 4403, 4403, 4429, 4429, 4429]);
  });

  it('is counted: sockets and subscriptions, over both ways together, by person and by address', async () => {
    const api = await served({ open: { perPrincipal: 2, perAddress: 3, lifeMs: 60_000 } });
    const first = socket(api);
    const watches = [first.client.iterate({ query: WATCH }), first.client.iterate({ query: WATCH })];
    for (const watch of watches) expect((await watch.next()).value?.data).toBeDefined();
    expect(await refusal(first.client, WATCH)).toContain('Too many subscriptions are open');
    const sse = createSse({ url: api.url, headers: { authorization: TOKEN }, retryAttempts: 0 });
    closing.push(() => sse.dispose());
    const refused = JSON.stringify(
      (await sse
        .iterate({ query: WATCH })
        .next()
        .catch((error: unknown) => error)) ?? '',
    );
    expect(refused).toContain('Too many subscriptions');
    await watches[0]?.return?.();
    let again = '';
    for (let tries = 0; tries < 1500 && !again.includes('BOOKMARK'); tries += 1)
      again = await refusal(first.client, WATCH).finally(() => new Promise((resolve) => setTimeout(resolve, 20)));
    expect(again).toContain('BOOKMARK');
    const second = socket(api);
    expect(await one(second.client, '{ about { version } }')).toBeDefined();
    const third = socket(api);
    await until(() => third.closed.length > 0);
    expect(third.closed[0]).toMatchObject({ code: 4429, reason: expect.stringContaining('Too many sockets') });
  });

  it('ends when its session does, on both ways, and asks nothing more on the socket', async () => {
    const state = { stands: true };
    const api = await served({ stands: async () => state.stands });
    const { client, closed } = socket(api);
    const sse = createSse({ url: api.url, headers: { authorization: TOKEN }, retryAttempts: 0 });
    closing.push(() => sse.dispose());
    const [byWs, bySse] = [client.iterate({ query: WATCH }), sse.iterate({ query: WATCH })];
    for (const stream of [byWs, bySse]) expect((await stream.next()).value?.data).toBeDefined();
    state.stands = false;
    expect(await refusal(client, '{ about { version } }')).toContain('UNAUTHENTICATED');
    await api.vigil.look();
    await until(() => closed.length > 0);
    expect(closed[0]).toMatchObject({ code: 4403, reason: 'The session, key or right of whoever asked has ended.' });
    const ends = async () => {
      for (;;) {
        const next = await bySse.next();
        if (next.done || next.value?.errors) return JSON.stringify(next.value ?? 'done');
      }
    };
    expect(await ends().catch(String)).not.toContain('"data":{"watch"');
  });

  it('ends after its longest life', async () => {
    const api = await served({ open: { perPrincipal: 9, perAddress: 9, lifeMs: 60_000 } });
    const { client, closed } = socket(api);
    await one(client, '{ about { version } }');
    await api.vigil.look();
    expect(closed).toEqual([]);
    await api.house.clock.advanceTo(api.house.clock.now() + 61_000);
    await api.vigil.look();
    await until(() => closed.length > 0);
    expect(closed[0]?.reason).toContain('open for very long');
  });

  it('tells nothing of an error of the server over a socket', async () => {
    const api = await served();
    api.house.store.position = async () => {
      throw new Error('password of the database');
    };
    const { client } = socket(api);
    for (const query of ['{ position }', WATCH]) {
      const answer = await refusal(client, query);
      expect(answer).toContain('Unexpected error');
      expect(answer).not.toContain('password');
    }
    expect(api.errors.map(String).join()).toContain('password of the database');
  });
});
