import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '../cmd/client/graphql.ts';
import { startLabHost } from '../test/lab/lab.ts';
import { machines, surroundings } from './cloud.ts';
import type { Figure } from './figures.ts';

const MACHINES = 4_000;
const BATCH = 500;
const LOOK_EVERY_MS = 250;
const PATIENCE_MS = 120_000;

const APPLY = `mutation ($manifests: [JSON!]!) {
  apply(manifests: $manifests, source: "bench") { __typename ... on AdmissionFailure { issues { message } } }
}`;
const PAGE = `query ($after: String) {
  virtualMachines(first: 500, after: $after, condition: { type: "Ready", status: True }) {
    nodes { id }
    pageInfo { hasNextPage endCursor }
  }
}`;

/** Memory of the server as people run it, a process of its own with its database beside it, once 4,000 machines run. */
export async function run(): Promise<Figure[]> {
  const host = await startLabHost({ name: 'mock', driver: 'test' });
  const server = await serve();
  try {
    const empty = server.memory();
    await apply(server.client, surroundings(host.uri));
    const all = machines(MACHINES);
    for (let at = 0; at < MACHINES; at += BATCH) await apply(server.client, all.slice(at, at + BATCH));
    await allReady(server.client);
    const { now, peak } = server.memory();
    const note = `peak ${peak.toFixed(0)} MB, empty ${empty.now.toFixed(0)} MB`;
    return [{ name: 'memory of the server with 4,000 machines', value: now, unit: 'MB', must: 300, note }];
  } finally {
    await server.stop();
    await host.stop();
  }
}

async function serve() {
  const dataDir = mkdtempSync(join(tmpdir(), 'steward-bench-'));
  chmodSync(dataDir, 0o711);
  const flags = ['--data-dir', dataDir, '--hypervisor', 'none', '--listen-port', '0', '--log-level', 'error'];
  const program = new URL('../cmd/steward.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, 'serve', ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const { url } = await endpointIn(dataDir);
    const token = readFileSync(join(dataDir, 'token'), 'utf8').trim();
    const client = createClient({ url, token, project: 'default', from: 'the bench' }, new AbortController().signal);
    return { client, stop, memory: () => memoryOf(child.pid ?? 0) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function endpointIn(dataDir: string): Promise<{ url: string }> {
  const file = join(dataDir, 'endpoint.json');
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as { url: string };
    await pause();
  }
  throw new Error(`The server did not start within ${PATIENCE_MS} ms.`);
}

async function apply(client: Client, manifests: readonly unknown[]): Promise<void> {
  const { apply: outcome } = await client.query<{ apply: { __typename: string } }>(
    APPLY,
    { manifests },
    { timeoutMs: PATIENCE_MS },
  );
  if (outcome.__typename !== 'ApplySuccess') throw new Error(JSON.stringify(outcome).slice(0, 500));
}

async function allReady(client: Client): Promise<void> {
  let ready = 0;
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_EVERY_MS) {
    ready = await countReady(client);
    if (ready === MACHINES) return;
    await pause();
  }
  throw new Error(`${ready} of ${MACHINES} machines were ready within ${PATIENCE_MS} ms.`);
}

async function countReady(client: Client): Promise<number> {
  let ready = 0;
  for (let after: string | null = null; ; ) {
    const page: Page = await client.query<Page>(PAGE, { after });
    const { nodes, pageInfo } = page.virtualMachines;
    ready += nodes.length;
    after = pageInfo.endCursor;
    if (!pageInfo.hasNextPage) return ready;
  }
}

interface Page {
  virtualMachines: { nodes: unknown[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

/** Resident memory of a process in MB: now, and at its most. */
function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
