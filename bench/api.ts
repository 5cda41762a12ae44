import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createSchema, createYoga } from 'graphql-yoga';
import type { ManifestInput } from '../reconciler/admission/manifest.ts';
import { type BenchCloud, startCloud, TOKEN } from './cloud.ts';
import { type Figure, median, timed } from './figures.ts';

const OBJECTS = 25_000;
const PAGED_OBJECTS = 100_000;
const PAGE = 100;
const TIERS = 50;
const DAY_MS = 86_400_000;

const QUERY = `query ($after: String, $labels: String, $first: Int = ${PAGE}) {
  sshKeys(first: $first, after: $after, labels: $labels) {
    nodes { id name project kind isReady status { comment } metadata { createdAt generation } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Load {
  perSecond: number;
  p50: number;
  p99: number;
  failed: number;
}

/** Lists through GraphQL over HTTP, with authorisation and a filter, beside a bare Yoga that answers the same JSON. */
export async function run(): Promise<Figure[]> {
  const cloud = await startCloud({ engine: { resyncMs: DAY_MS } });
  try {
    await fill(cloud, { from: 0, to: OBJECTS });
    await cloud.ready('SshKey', OBJECTS, 300_000);
    return [...(await lists(cloud)), ...(await deepPages(cloud))];
  } finally {
    await cloud.close();
  }
}

async function lists(cloud: BenchCloud): Promise<Figure[]> {
  const bodies = Array.from({ length: TIERS }, (_, tier) =>
    JSON.stringify({ query: QUERY, variables: { labels: `tier=t${tier}` } }),
  );
  const bare = await bareYoga(await ask(cloud, bodies[0] as string));
  const product: Load[] = [];
  const limit: Load[] = [];
  for (let round = 0; round < 3; round++) {
    product.push(await load(`${cloud.server.url}/graphql`, bodies));
    limit.push(await load(bare.url, [JSON.stringify({ query: bare.query })]));
  }
  await bare.close();
  const busy = await whileChanging(cloud, () => load(`${cloud.server.url}/graphql`, bodies));
  const rate = median(product.map((one) => one.perSecond));
  const bareRate = median(limit.map((one) => one.perSecond));
  const failed = product.reduce((sum, one) => sum + one.failed, 0);
  return [
    {
      name: `list ${PAGE} of ${OBJECTS}, filtered and authorised`,
      value: rate,
      unit: 'requests/s',
      must: 935,
      aim: 2500,
      atLeast: true,
      note: `${failed} failed, p99 ${median(product.map((one) => one.p99)).toFixed(0)} ms`,
    },
    { name: '  a bare Yoga answering the same JSON', value: bareRate, unit: 'requests/s' },
    { name: '  product ÷ bare', value: rate / bareRate, unit: '×', must: 1.5, aim: 2, atLeast: true },
    {
      name: '  the same while objects of the kind change all the time',
      value: busy.load.perSecond,
      unit: 'requests/s',
      note: `${busy.changes} changes meanwhile, ${busy.load.failed} failed`,
    },
  ];
}

/** One change after the other, so that no page can be answered as it was before. */
async function whileChanging(cloud: BenchCloud, work: () => Promise<Load>): Promise<{ load: Load; changes: number }> {
  const ended = new AbortController();
  let changes = 0;
  const change = async () => {
    while (!ended.signal.aborted) await cloud.apply([key(changes, { turn: `n${changes++}` })]);
  };
  const changing = change();
  try {
    return { load: await work(), changes };
  } finally {
    ended.abort();
    await changing;
  }
}

async function fill(cloud: BenchCloud, { from, to }: { from: number; to: number }): Promise<void> {
  await cloud.apply([
    { kind: 'Account', metadata: { name: 'default' }, spec: {} },
    { kind: 'Project', metadata: { name: 'default' }, spec: { account: 'default' } },
  ]);
  const keys = Array.from({ length: to - from }, (_, index) => key(from + index));
  for (let at = 0; at < keys.length; at += 5_000) await cloud.apply(keys.slice(at, at + 5_000));
}

function key(index: number, labels: Record<string, string> = {}): ManifestInput {
  const bytes = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0 '), Buffer.alloc(32, index)]);
  return {
    kind: 'SshKey',
    metadata: {
      name: `key-${String(index).padStart(6, '0')}`,
      labels: { tier: `t${index % TIERS}`, app: 'bench', ...labels },
    },
    spec: { publicKey: `ssh-ed25519 ${bytes.toString('base64')} key-${index}` },
  };
}

/** Any page takes as long as the first: pages are found by key. Each is of another size, since the same one would only be found unchanged. */
async function deepPages(cloud: BenchCloud): Promise<Figure[]> {
  cloud.rest(true);
  await fill(cloud, { from: OBJECTS, to: PAGED_OBJECTS });
  const cursors: (string | null)[] = [null];
  for (let page = 0; page < PAGED_OBJECTS / 500 - 1; page++) {
    const variables = { after: cursors.at(-1), first: 500 };
    const { sshKeys } = (await ask(cloud, JSON.stringify({ query: QUERY, variables }))).data;
    cursors.push(sshKeys.pageInfo.endCursor);
  }
  const [first, last]: number[][] = [[], []];
  for (let round = 0; round < 60; round++) {
    const timeOf = async (after: string | null) =>
      (await timed(() => ask(cloud, JSON.stringify({ query: QUERY, variables: { after, first: PAGE - round } })))).ms;
    first?.push(await timeOf(null));
    last?.push(await timeOf(cursors.at(-1) ?? null));
  }
  return [
    {
      name: `the last page of ${PAGED_OBJECTS} ÷ the first page`,
      value: median(last ?? []) / median(first ?? []),
      unit: '×',
      must: 1.2,
    },
  ];
}

async function ask(cloud: BenchCloud, body: string) {
  const response = await fetch(`${cloud.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body,
    signal: AbortSignal.timeout(30_000),
  });
  const answer = (await response.json()) as {
    data: { sshKeys: { nodes: unknown[]; pageInfo: { endCursor: string } } };
    errors?: unknown;
  };
  if (answer.errors || answer.data.sshKeys.nodes.length === 0) throw new Error(JSON.stringify(answer).slice(0, 300));
  return answer;
}

async function load(url: string, bodies: readonly string[]): Promise<Load> {
  const options = JSON.stringify({ url, token: `Bearer ${TOKEN}`, bodies, connections: 32, seconds: 4 });
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [new URL('./load.mjs', import.meta.url).pathname, options],
    { timeout: 60_000 },
  );
  return JSON.parse(stdout) as Load;
}

/** The same answer from memory: what GraphQL over HTTP costs with nothing behind it. */
async function bareYoga(answer: { data: { sshKeys: unknown } }) {
  const query = QUERY.replace(/query \(.*\) \{/, '{').replace(/\(first.*\)/, '');
  const schema = createSchema({
    typeDefs: `type Query { sshKeys: C! } type C { nodes: [N!]! pageInfo: P! } type P { hasNextPage: Boolean! endCursor: String }
      type N { id: ID! name: String! project: String kind: String! isReady: Boolean! status: S! metadata: M! } type S { comment: String } type M { createdAt: String! generation: Int! }`,
    resolvers: { Query: { sshKeys: () => answer.data.sshKeys } },
  });
  const server = createServer(createYoga({ schema, logging: false }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    query,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
