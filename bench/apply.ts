import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../cmd/server/environment.ts';
import { createWorld } from '../hypervisor/memory/world.ts';
import { type DocumentCache, memoryCache } from '../manifests/cache.ts';
import { loadManifests } from '../manifests/load.ts';
import type { Manifest } from '../manifests/manifest.ts';
import { readTree } from '../manifests/tree.ts';
import { applyManifests } from '../reconciler/admission/apply.ts';
import type { Registry } from '../reconciler/registry.ts';
import { REGISTRY } from '../resources/registry.ts';
import { BENCH, type BenchCloud, startCloud, surroundings } from './cloud.ts';
import { cpuSecondsOf, type Figure, ownCpuSeconds, timed } from './figures.ts';

const MANIFESTS = 10_000;
const A_FILE = 100;
const DAY_MS = 86_400_000;
/** Terraform's time grows with more than the number of resources: fewer, scaled up, flatter it. */
const TERRAFORMED = 500;
const TERRAFORM_MS = 60_000;

/** Ten thousand manifests from files into the store; the same again; and a plan with one of them changed. Nothing is converged meanwhile. */
export async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'steward-bench-apply-'));
  const world = createWorld({ clock: systemClock });
  const cloud = await startCloud({ world, engine: { resyncMs: DAY_MS } });
  try {
    await cloud.apply(surroundings('memory://bench?cpus=64&memoryGiB=1024'));
    await cloud.ready('Host', 1, 30_000);
    cloud.rest(true);
    write(join(folder, 'warm-up'), { prefix: 'w', count: MANIFESTS / 10 });
    const from = join(folder, 'machines');
    write(from, { prefix: 'm', count: MANIFESTS });
    const cache = memoryCache(5 * MANIFESTS);
    await applyFrom(cloud, join(folder, 'warm-up'), memoryCache(MANIFESTS));
    const first = await measured(() => applyFrom(cloud, from, cache));
    const again = await measured(() => applyFrom(cloud, from, cache));
    const unread = await measured(() => applyFrom(cloud, from, undefined));
    write(from, { prefix: 'm', count: MANIFESTS, changed: MANIFESTS / 2 });
    const plan = await measured(() => planFrom(cloud, from, cache));
    return [
      {
        name: 'apply 10,000 new manifests from files',
        value: first.ms,
        unit: 'ms',
        must: 4_000,
        aim: 1_500,
        note: first.cpu,
      },
      { name: 'the same again, unchanged', value: again.ms, unit: 'ms', must: 2_000, aim: 1_000, note: again.cpu },
      { name: '  by somebody who never read the files before', value: unread.ms, unit: 'ms', note: unread.cpu },
      {
        name: 'plan with one change',
        value: plan.ms,
        unit: 'ms',
        must: 2_000,
        aim: 1_000,
        note: `${plan.cpu}, ${plan.value} objects differ`,
      },
      ...(await terraform(join(folder, 'terraform'), { apply: first.ms, plan: plan.ms })),
    ];
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured<T>(work: () => Promise<T>) {
  const [js, postgres] = [ownCpuSeconds(), cpuSecondsOf(/postgres/)];
  const done = await timed(work);
  const cpu = `CPU: JavaScript ${(ownCpuSeconds() - js).toFixed(2)} s, PostgreSQL ${(cpuSecondsOf(/postgres/) - postgres).toFixed(2)} s`;
  return { ...done, cpu };
}

function write(folder: string, { prefix, count, changed }: { prefix: string; count: number; changed?: number }): void {
  mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at += A_FILE) {
    const documents = Array.from({ length: Math.min(A_FILE, count - at) }, (_, index) =>
      document(`${prefix}-${String(at + index).padStart(5, '0')}`, at + index === changed ? 'Halted' : 'Always'),
    );
    writeFileSync(join(folder, `${prefix}-${String(at).padStart(5, '0')}.yaml`), documents.join('---\n'));
  }
}

function document(name: string, runStrategy: string): string {
  return `apiVersion: steward/v1
kind: VirtualMachine
metadata:
  name: ${name}
  project: default
  labels:
    app: bench
    tier: "front"
  annotations:
    purpose: "shows how long it takes to take it in"
spec:
  # Sizes come from the offering.
  offering: bench
  hostname: ${name}
  runStrategy: ${runStrategy}
  stopTimeoutSeconds: 60
`;
}

async function manifestsIn(folder: string, cache: DocumentCache | undefined): Promise<Manifest[]> {
  const tree = await readTree(folder);
  const registry = REGISTRY as Registry;
  const loaded = loadManifests(tree.files, { registry, project: 'default', ...(cache && { cache }) });
  const [issue] = [...tree.issues, ...loaded.issues];
  if (issue) throw new Error(JSON.stringify(issue));
  return loaded.manifests.map(({ manifest }) => manifest);
}

async function applyFrom({ server }: BenchCloud, folder: string, cache: DocumentCache | undefined): Promise<void> {
  const manifests = await manifestsIn(folder, cache);
  const outcome = await applyManifests(server.api.admission, { manifests, principal: BENCH, source: 'bench-folder' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues.slice(0, 3)));
}

async function planFrom({ server }: BenchCloud, folder: string, cache: DocumentCache): Promise<number> {
  const manifests = await manifestsIn(folder, cache);
  const apply = { manifests, principal: BENCH, source: 'bench-folder' };
  const outcome = await server.api.forecast({ apply, deletes: [], look: [] });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.issues.slice(0, 3)));
  return outcome.forecast.objects.filter(({ change }) => change !== 'unchanged').length;
}

/** `terraform_data` counted up in one block, which is the quickest way that Terraform has; bounded in time, and scaled to one resource. */
async function terraform(folder: string, own: { apply: number; plan: number }): Promise<Figure[]> {
  mkdirSync(folder);
  const resource = `resource "terraform_data" "m" {\n  count = ${TERRAFORMED}\n  input = { name = "m-\${count.index}" }\n}\n`;
  writeFileSync(join(folder, 'main.tf'), resource);
  writeFileSync(join(folder, 'rc'), '');
  const prepared = await terraformed(folder, ['init', '-input=false']);
  if (prepared.ms === null) return [{ name: '  terraform apply', value: Number.NaN, unit: '', note: prepared.note }];
  const applied = await terraformed(folder, ['apply', '-auto-approve', '-input=false', '-no-color']);
  const planned = applied.note === '' ? await terraformed(folder, ['plan', '-input=false', '-no-color']) : applied;
  return [
    ...figuresOf('apply', applied, own.apply),
    ...(planned === applied ? [] : figuresOf('plan', planned, own.plan)),
  ];
}

interface Terraformed {
  ms: number | null;
  note: string;
}

function figuresOf(verb: string, { ms, note }: Terraformed, ownMs: number): Figure[] {
  const value = ms ?? Number.NaN;
  const ratio = value / TERRAFORMED / (ownMs / MANIFESTS);
  return [
    { name: `  terraform ${verb} of ${TERRAFORMED} terraform_data`, value, unit: 'ms', note },
    {
      name: `  terraform ÷ product, ${verb}, for each resource`,
      value: ratio,
      unit: '×',
      must: 1,
      atLeast: true,
      note,
    },
  ];
}

async function terraformed(folder: string, args: string[]): Promise<Terraformed> {
  try {
    const { ms } = await timed(() =>
      promisify(execFile)('terraform', args, {
        cwd: folder,
        timeout: TERRAFORM_MS,
        maxBuffer: 64 * 1024 * 1024,
        killSignal: 'SIGKILL',
        env: { ...process.env, TF_CLI_CONFIG_FILE: join(folder, 'rc'), CHECKPOINT_DISABLE: '1' },
      }),
    );
    return { ms, note: '' };
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException & { killed?: boolean };
    if (error.killed) return { ms: TERRAFORM_MS, note: `more than that: not done in ${TERRAFORM_MS / 1_000} s` };
    return { ms: null, note: error.code === 'ENOENT' ? 'no terraform here' : 'failed' };
  }
}
