import { monitorEventLoopDelay } from 'node:perf_hooks';
import { TOKEN } from '../cmd/fixtures/running.ts';
import { BODY_LIMITS } from '../graphql/body.ts';
import { startIdentityServer } from '../test/fixtures/identity-server.ts';
import type { Figure } from './figures.ts';

const SECOND_MS = 1_000;
const APPLY =
  'mutation ($m: [JSON!]!, $key: String) { apply(manifests: $m, idempotencyKey: $key) { __typename ... on AdmissionFailure { issues { path message } } } }';

/** How long one request may hold the loop of the server, at worst, by who sends it: nobody may for a second. */
export async function run(): Promise<Figure[]> {
  const server = await startIdentityServer();
  try {
    await server.apply(
      { kind: 'Account', metadata: { name: 'acme' }, spec: {} },
      { kind: 'User', metadata: { name: 'anna' }, spec: { account: 'acme', roles: [{ role: 'master-user' }] } },
      { kind: 'ApiKey', metadata: { name: 'deploy' }, spec: { user: 'anna', scopes: ['*:*'] } },
    );
    const { body } = await server.asAdmin('mutation { issueKey(key: "deploy") { bearer } }');
    const senders = { stranger: 'stk_nobody', customer: body.data.issueKey.bearer as string, administrator: TOKEN };
    const figures: Figure[] = [];
    for (const [who, token] of Object.entries(senders)) {
      let slowest = { name: '', ms: 0 };
      for (const [name, text] of bodies()) {
        const ms = await turnMs(server.url, token, text);
        if (ms > slowest.ms) slowest = { name, ms };
      }
      figures.push({
        name: `the worst body of a ${who}`,
        value: slowest.ms,
        unit: 'ms a turn',
        must: SECOND_MS,
        note: slowest.name,
      });
    }
    return figures;
  } finally {
    await server.close();
  }
}

/** As large as they may be, of whatever costs the most to parse, to walk, to judge or to complain about. */
function bodies(): [string, string][] {
  const { values, members, bytes } = BODY_LIMITS;
  const list = (piece: string, count: number) => `[${`${piece},`.repeat(count).slice(0, -1)}]`;
  const object = (count: number, value: string) =>
    `{${Array.from({ length: count }, (_, index) => `"k${index.toString(36)}":${value}`).join()}}`;
  const manifest = (kind: string, spec: string, name = 'a') =>
    `{"kind":"${kind}","metadata":{"name":"${name}"},"spec":${spec}}`;
  const many = (count: number, one: (index: number) => string) =>
    `[${Array.from({ length: count }, (_, index) => one(index)).join()}]`;
  const variables: [string, string][] = [
    ['lists', list('[]', values / 2 - 50)],
    ['objects', list('{}', values / 2 - 50)],
    ['one number after another', list('1.5e300', values - 50)],
    ['lists in a spec', `[${manifest('SshKey', `{"publicKey":${list('[]', values / 2 - 50)}}`)}]`],
    ['names that are none', `[${many(values / members - 2, () => manifest('SshKey', object(members - 5, '1')))}]`],
    ['names that are none, in one manifest', `[${manifest('SshKey', object(members - 5, '1'))}]`],
    ['labels', `[{"kind":"SshKey","metadata":{"name":"a","labels":${object(members - 5, '""')}},"spec":{}}]`],
    ['a text', `[${manifest('SshKey', `{"publicKey":"${'A'.repeat(bytes - 1_000)}"}`)}]`],
    ['a text of escapes', `[${manifest('SshKey', `{"publicKey":"${'\\u0001'.repeat(bytes / 6 - 1_000)}"}`)}]`],
    ['kinds that are none', many(20_000, () => manifest('Lampe', '{}'))],
    ['manifests without a spec', many(20_000, (index) => manifest('VirtualMachine', '{}', `m-${index}`))],
    [
      'manifests that are wrong',
      many(20_000, (index) => manifest('VirtualMachine', '{"a":1,"cpus":"x"}', `m-${index}`)),
    ],
    ['manifests of one name', many(20_000, () => manifest('SshKey', '{"publicKey":"x"}'))],
  ];
  return [
    ...variables.flatMap(([name, m]): [string, string][] => [
      [name, requestOf(m, 'null')],
      [`${name}, under a key`, requestOf(m, `"of-${name.replaceAll(' ', '-')}-1"`)],
    ]),
    ['a text of many values', list('[]', bytes / 3 - 100)],
    ['variables that are none', `{"query":"{ __typename }","variables":${object(members - 5, '[]')}}`],
  ];
}

function requestOf(manifests: string, key: string): string {
  return `{"query":${JSON.stringify(APPLY)},"variables":{"m":${manifests},"key":${key}}}`;
}

/** The longest turn of the loop while it is answered, in which nobody else is heard. */
async function turnMs(url: string, token: string, text: string): Promise<number> {
  const body = Buffer.from(text);
  const turns = monitorEventLoopDelay({ resolution: 1 });
  turns.enable();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  }).catch(() => null);
  await response?.arrayBuffer().catch(() => null);
  turns.disable();
  return turns.max / 1e6;
}
