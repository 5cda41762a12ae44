import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import { WebSocket } from 'ws';
import { post, serveHouse, TOKEN } from '../test/fixtures/api.ts';

let api: Awaited<ReturnType<typeof serveHouse>>;
beforeAll(async () => {
  api = await serveHouse();
});
afterAll(() => api.close());

const lamp = (name: string, spec = {}, labels = {}) => ({ kind: 'Lamp', metadata: { name, labels }, spec });
const APPLY = `mutation ($manifests: [JSON!]!, $dryRun: Boolean, $source: String) {
  apply(manifests: $manifests, dryRun: $dryRun, source: $source) {
    __typename
    ... on ApplySuccess { results { change key { kind name } operation { uid generation } } }
    ... on AdmissionFailure { issues { path code message } }
  }
}`;

describe('the API over HTTP', () => {
  it('applies manifests, follows the operation, and shows the object with its conditions in words', async () => {
    const manifests = [
      { kind: 'Project', metadata: { name: 'default' }, spec: {} },
      lamp('hall', { colour: 'red' }, { floor: 'ground' }),
    ];
    const applied = await api.query(APPLY, { manifests });
    expect(applied.data.apply.results.map((r: { change: string }) => r.change)).toEqual(['created', 'created']);
    const { uid } = applied.data.apply.results[1].operation;
    await api.house.settle();
    const { data } = await api.query(
      `query ($uid: ID!) {
      operation(uid: $uid) { generation readyGeneration gone }
      node(id: $uid) { id ... on Lamp { name spec { colour } ready { status message } steps { nodes { verb ok } } } }
      lamp(name: "hall") { events { nodes { reason } } auditTrail { nodes { actor op } } cells json }
    }`,
      { uid },
    );
    expect(data.operation).toEqual({ generation: 1, readyGeneration: 1, gone: false });
    expect(data.node).toMatchObject({
      name: 'hall',
      spec: { colour: 'red' },
      ready: { status: 'True', message: 'Everything is as wished.' },
    });
    expect(data.node.steps.nodes).toEqual([{ verb: 'light', ok: true }]);
    expect(data.lamp.auditTrail.nodes).toEqual([{ actor: 'user:anna', op: 'create' }]);
  });

  it('refuses all of a batch with every reason, and changes nothing', async () => {
    const manifests = [
      lamp('attic', { colour: 7 }),
      lamp('cellar', { colur: 'red' }),
      { kind: 'Lump', metadata: { name: 'x' } },
    ];
    const { issues } = (await api.query(APPLY, { manifests })).data.apply;
    expect(issues.map((i: { path: string }) => i.path)).toEqual(['/spec/colour', '/spec/colur', '/kind']);
    expect(issues[1].message).toContain('did you mean "colour"');
    expect((await api.query('{ lamp(name: "attic") { id } }')).data.lamp).toBeNull();
  });

  it('holds metadata to the rule of files, however it comes in, and lets what stands be', async () => {
    const wrong = {
      kind: 'Lamp',
      metadata: {
        name: 'Hall_1',
        labels: { 'a b': 'x', floor: 'x'.repeat(64), n: 5 },
        annotations: { note: 'x'.repeat(65_537) },
        uid: 'u',
      },
      spec: {},
    };
    const { issues } = (await api.query(APPLY, { manifests: [wrong], dryRun: true })).data.apply;
    const paths = ['/annotations/note', '/labels/a b', '/labels/floor', '/labels/n', '/name', '/uid'];
    expect(issues.map((i: { path: string }) => i.path).sort()).toEqual(paths.map((path) => `/metadata${path}`));
    expect(JSON.stringify(issues)).toContain('write it in quotes');
    const plan = `mutation ($manifests: [JSON!]) { plan(manifests: $manifests) { ... on AdmissionFailure { issues { path message } } } }`;
    expect((await api.query(plan, { manifests: [wrong] })).data.plan.issues).toEqual(
      issues.map(({ path, message }: { path: string; message: string }) => ({ path, message })),
    );
    const create = `mutation ($labels: JSON, $project: String) {
      createLamp(metadata: { name: "porch", labels: $labels, project: $project }, spec: {}) { ... on AdmissionFailure { issues { path } } }
    }`;
    const typed = await api.query(create, { labels: { 'a b': 'x' }, project: '../etc' });
    expect(JSON.stringify(typed.data.createLamp.issues)).toContain('/metadata/labels/a b');
    expect(JSON.stringify(typed.data.createLamp.issues)).toContain('/metadata/project');
  });

  it('refuses a circle of references with its whole way, and lets a long chain pass', async () => {
    const socket = (name: string, next?: string) => ({
      kind: 'Socket',
      metadata: { name },
      spec: next ? { next } : {},
    });
    const circle = await api.query(APPLY, {
      manifests: [socket('p', 'q'), socket('q', 'r'), socket('r', 'p'), socket('self', 'self')],
    });
    expect(
      circle.data.apply.issues.map((i: { path: string; message: string }) => [i.path, i.message.split('.')[0]]),
    ).toEqual([
      ['/spec/next', 'refers to itself: Socket/default/p → Socket/default/q → Socket/default/r → Socket/default/p'],
      ['/spec/next', 'refers to itself: Socket/default/self → Socket/default/self'],
    ]);
    const chain = Array.from({ length: 200 }, (_, i) => socket(`c${i}`, i < 199 ? `c${i + 1}` : undefined));
    expect((await api.query(APPLY, { manifests: chain, dryRun: true })).data.apply.results).toHaveLength(200);
  });

  it('names the owner when two sources want different things', async () => {
    await api.query(APPLY, { manifests: [lamp('porch', { colour: 'red' })], source: 'git:infra' });
    const conflict = await api.query(APPLY, { manifests: [lamp('porch', { colour: 'blue' })], source: 'cli' });
    expect(conflict.data.apply.issues[0]).toMatchObject({ path: '/spec/colour', code: 'Conflict' });
    expect(conflict.data.apply.issues[0].message).toContain('git:infra');
  });

  it('pages a list by cursor, filters by labels and condition, and follows edges both ways', async () => {
    const manifests = [
      { kind: 'Socket', metadata: { name: 'wall' }, spec: {} },
      ...['a', 'b', 'c'].map((name) => lamp(name, { socket: 'wall' }, { row: '1' })),
    ];
    await api.query(APPLY, { manifests });
    await api.house.settle();
    const page = await api.query(
      '{ lamps(first: 2, labels: "row in (1,2)") { nodes { name } pageInfo { hasNextPage endCursor } } }',
    );
    expect(page.data.lamps.nodes.map((n: { name: string }) => n.name)).toEqual(['a', 'b']);
    const next = await api.query(
      'query ($after: String) { lamps(first: 2, after: $after, labels: "row=1") { nodes { name spec { socketObject { name } } } pageInfo { hasNextPage } } }',
      { after: page.data.lamps.pageInfo.endCursor },
    );
    expect(next.data.lamps).toEqual({
      nodes: [{ name: 'c', spec: { socketObject: { name: 'wall' } } }],
      pageInfo: { hasNextPage: false },
    });
    const back = await api.query(
      '{ socket(name: "wall") { lamps(condition: {type: "Ready", status: True}) { nodes { name } } } }',
    );
    expect(back.data.socket.lamps.nodes).toHaveLength(3);
  });

  it('has typed create and update for each kind', async () => {
    const create =
      'mutation ($spec: LampSpecInput!) { createLamp(metadata: {name: "desk"}, spec: $spec) { __typename ... on AdmissionFailure { issues { message } } } }';
    expect(
      (await api.query(create.replace('LampSpecInput!', 'LampSpecInput'), { spec: { colour: 'green' } })).data
        .createLamp.__typename,
    ).toBe('ApplySuccess');
    const twice = await api.query(create.replace('LampSpecInput!', 'LampSpecInput'), { spec: { colour: 'green' } });
    expect(twice.data.createLamp.issues[0].message).toContain('exists already');
    const update = await api.query(
      'mutation { updateLamp(metadata: {name: "desk"}, spec: {colour: "blue"}) { ... on ApplySuccess { results { changes { path from to } } } } }',
    );
    expect(update.data.updateLamp.results[0].changes).toEqual([{ path: '/colour', from: 'green', to: 'blue' }]);
    const late = await api.query(
      'mutation { updateLamp(metadata: {name: "desk"}, spec: {colour: "red"}, generation: 1) { ... on AdmissionFailure { issues { code path message } } } }',
    );
    const message = 'changed since it was read (generation 1 then, 2 now). Read it again, then change it.';
    expect(late.data.updateLamp.issues).toEqual([{ code: 'Conflict', path: '/metadata/generation', message }]);
    const both = await Promise.all(
      ['red', 'green'].map((colour) =>
        api.query(create.replace('"desk"', '"shelf"').replace('LampSpecInput!', 'LampSpecInput'), { spec: { colour } }),
      ),
    );
    expect(both.map(({ data }) => data.createLamp.__typename).sort()).toEqual(['AdmissionFailure', 'ApplySuccess']);
  });

  it('carries requests and overrides, and refuses those that a kind does not know', async () => {
    const request = (name: string) =>
      api.query(
        `mutation { request(objects: [{kind: "l", name: "hall"}], name: "${name}", token: "t") { ... on ChangeSuccess { operations { token } } ... on AdmissionFailure { issues { message } } } }`,
      );
    expect((await request('blink')).data.request.operations).toEqual([{ token: 't' }]);
    expect((await request('explode')).data.request.issues[0].message).toContain('Known: blink');
    const paused = await api.query(
      'mutation { override(objects: [{kind: "Lamp", name: "hall"}], name: "paused", value: true, until: "2030-01-01T00:00:00Z") { __typename } }',
    );
    expect(paused.data.override.__typename).toBe('ChangeSuccess');
  });
});

describe('deleting', () => {
  it('takes with it, when asked, what refers to an object and what is in a project, and nothing else', async () => {
    const inside = (kind: string, name: string, spec = {}) => ({ kind, metadata: { name, project: 'cellar' }, spec });
    const manifests = [
      { kind: 'Project', metadata: { name: 'cellar' }, spec: {} },
      inside('Socket', 'floor'),
      inside('Lamp', 'bulb', { socket: 'floor' }),
    ];
    await api.query(APPLY, { manifests });
    await api.house.settle();
    const cascade =
      'mutation ($kind: String!, $name: String!) { delete(objects: [{kind: $kind, name: $name}], propagation: DEPENDENTS) { ... on ChangeSuccess { operations { key { kind name } } } } }';
    const { data } = await api.query(cascade, { kind: 'Project', name: 'cellar' });
    expect(data.delete.operations.map((o: { key: { name: string } }) => o.key.name).sort()).toEqual([
      'bulb',
      'cellar',
      'floor',
    ]);
    await api.house.settle();
    const left = await api.query('{ project(name: "cellar") { id } lamp(name: "hall") { name } }');
    expect(left.data).toEqual({ project: null, lamp: { name: 'hall' } });
  });
});

describe('plans', () => {
  const PLAN = `mutation ($manifests: [JSON!], $deletes: [ObjectKeyInput!]) {
    plan(manifests: $manifests, deletes: $deletes, save: true) {
      ... on Plan { id complete objects { key { name } change ready } steps { verb name message } }
      ... on AdmissionFailure { issues { message } }
    }
  }`;
  const APPLY_PLAN =
    'mutation ($id: ID!) { applyPlan(id: $id) { __typename ... on AdmissionFailure { issues { message } } } }';

  it('shows what would happen, changes nothing, and applies exactly that', async () => {
    const { data } = await api.query(PLAN, { manifests: [lamp('planned')] });
    expect(data.plan).toMatchObject({
      complete: true,
      objects: [{ key: { name: 'planned' }, change: 'created', ready: true }],
      steps: [{ verb: 'light' }],
    });
    expect((await api.query('{ lamp(name: "planned") { id } }')).data.lamp).toBeNull();
    expect((await api.query(APPLY_PLAN, { id: data.plan.id })).data.applyPlan.__typename).toBe('ApplySuccess');
  });

  it('shows for an object what the loops would do now', async () => {
    await api.query(APPLY, { manifests: [lamp('watched')] });
    await api.house.settle();
    const planOf = async () => (await api.query('{ lamp(name: "watched") { id plan { verb message } } }')).data.lamp;
    const { id, plan } = await planOf();
    expect(plan).toEqual([]);
    api.house.room.lamps.delete(id);
    expect((await planOf()).plan.map((step: { verb: string }) => step.verb)).toEqual(['light']);
    await api.house.settle(400_000);
  });

  it('refuses a plan when what it was made against has changed', async () => {
    const { data } = await api.query(PLAN, { manifests: [lamp('planned', { colour: 'pink' })] });
    await api.query(APPLY, { manifests: [lamp('planned', { colour: 'grey' })] });
    const late = await api.query(APPLY_PLAN, { id: data.plan.id });
    expect(late.data.applyPlan.issues[0].message).toContain('Plan again');
  });
});

const WATCH = 'subscription ($since: String) { watch(kinds: ["Lamp"], since: $since) { type position key { name } } }';

describe('watching', () => {
  async function firstChange(events: AsyncIterable<{ data?: unknown }>) {
    for await (const event of events) {
      const watched = (
        event.data as { watch: { type: string; key: { name: string } | null; position: string } } | undefined
      )?.watch;
      if (watched && watched.type !== 'BOOKMARK') return watched;
    }
    throw new Error('The watch ended.');
  }

  it('resumes from a position over SSE', async () => {
    const since = (await api.query('{ position }')).data.position;
    await api.query(APPLY, { manifests: [lamp('seen-late')] });
    const client = createSse({ url: api.url, headers: { authorization: TOKEN } });
    const change = await firstChange(client.iterate({ query: WATCH, variables: { since } }));
    expect(change).toMatchObject({ type: 'CHANGED', key: { name: 'seen-late' } });
    client.dispose();
  });

  it('streams over a WebSocket, to those with a token', async () => {
    const since = (await api.query('{ position }')).data.position;
    const client = createWs({
      url: api.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: TOKEN },
      retryAttempts: 0,
    });
    await api.query(APPLY, { manifests: [lamp('seen-live')] });
    expect(await firstChange(client.iterate({ query: WATCH, variables: { since } }))).toMatchObject({
      key: { name: 'seen-live' },
    });
    await client.dispose();
    const stranger = createWs({ url: api.url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
    await expect(firstChange(stranger.iterate({ query: WATCH }))).rejects.toMatchObject({ code: 4403 });
  });
});

describe('under attack', () => {
  it('answers nobody without a token', async () => {
    const answer = await post(api.url, { query: '{ about { version } }' }, {});
    expect(answer.status).toBe(401);
    expect(answer.errors[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  });

  it.each([
    ['deep', `{ lamp(name: "hall") ${'{ owner '.repeat(15)} { id } ${'}'.repeat(15)} }`],
    ['many aliases', `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: about { version }`).join(' ')} }`],
    ['costly pages', '{ lamps(first: 500) { nodes { events(first: 500) { nodes { reason } } } } }'],
    [
      'costly pages that nobody asked for',
      '{ sockets { nodes { lamps { nodes { spec { socketObject { lamps { nodes { id } } } } } } } } }',
    ],
    ['a costly look at what was made, page in page', '{ sockets { nodes { children { children { id } } } } }'],
    ['many directives', `{ about { version ${'@include(if: true) '.repeat(60)} } }`],
    ['a cycle of fragments', 'query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
    ['many tokens', `{ ${'about { version } '.repeat(1_000)} }`],
  ])('refuses a document that is %s', async (_name, query) => {
    const answer = await api.query(query);
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(answer.data ?? null).toBeNull();
  });

  it('takes only JSON by POST', async () => {
    const form = await fetch(api.url, {
      method: 'POST',
      headers: { authorization: TOKEN, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'query=%7Babout%7Bversion%7D%7D',
    });
    expect(form.status).toBe(415);
    const get = await fetch(`${api.url}?query=%7Babout%7Bversion%7D%7D`, { headers: { authorization: TOKEN } });
    expect(get.status).toBe(405);
  });

  it('refuses pages that are too large, and says how to go on', async () => {
    const answer = await api.query('query ($n: Int) { lamps(first: $n) { nodes { id } } }', { n: 5_000 });
    expect(answer.errors[0]?.message).toContain('page on with "after"');
  });

  it('masks what it did not expect, and shows the explorer only where it is on', async () => {
    const page = await fetch(api.url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('Steward');
    // What it and every other tool asks for first.
    const described = await api.query(getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true }));
    expect(printSchema(buildClientSchema(described.data))).toBe(printSchema(api.schema));
    const circle = '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }';
    expect((await api.query(circle)).errors[0]?.message).toContain('Maximum introspection depth');
    const closed = await serveHouse({ explorer: false });
    const introspection = await post(closed.url, { query: '{ __schema { types { name } } }' });
    await closed.close();
    expect(introspection.errors[0]?.message).toContain('introspection');
    expect(api.errors).toEqual([]);
  });
});
