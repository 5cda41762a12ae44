import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { events } from '../hypervisor/libvirt/wire/events.ts';
import { openSession } from '../hypervisor/libvirt/wire/session.ts';
import type { LabHost } from '../test/lab/host.ts';
import { startLabHost } from '../test/lab/lab.ts';
import { type BenchCloud, machines, startCloud, surroundings } from './cloud.ts';
import { type Figure, median, timed } from './figures.ts';
import { definitionOf, rawConverge } from './raw.ts';

const MACHINES = 20;
const ROUNDS = 2;
const DESTROYS = 7;
const PATIENCE_MS = 60_000;
const ANSIBLE_MS = 180_000;
/** VIR_DOMAIN_EVENT_STARTED and VIR_DOMAIN_EVENT_STOPPED */
const [STARTED, STOPPED] = [2, 5];

/** Real machines, emulated, which idle in their firmware: beside the raw calls, beside Ansible, and after somebody destroyed them. */
export async function run(): Promise<Figure[]> {
  const host = await startLabHost({ name: 'real' });
  // libvirt locks a console's device there, as on every Debian host.
  await host.exec(['mkdir', '-p', '/run/lock']);
  const acts = new Acts();
  const cloud = await startCloud({
    watcher: { acted: ({ uid, verb, durationMs }) => acts.told(uid, verb, durationMs) },
  });
  try {
    await cloud.apply([...surroundings(host.uri), ...machines(1, 'warm-up')]);
    await cloud.ready('VirtualMachine', 1, PATIENCE_MS);
    const template = await definitionOf(cloud, host.uri);
    const [raw, product]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await rawConverge(host.uri, MACHINES, template));
      product.push(await converge(cloud, `r${round}`, 1 + MACHINES * (round + 1)));
    }
    const ansible = await ansibleConverge(host, template);
    const drift = await destroyed(host, cloud, acts);
    const [ours, limit] = [median(product), median(raw)];
    return [
      { name: `${MACHINES} real machines: product ÷ raw calls`, value: ours / limit, unit: '×', must: 1.3, aim: 1.15 },
      { name: '  product', value: ours, unit: 'ms' },
      { name: '  raw calls, read-back included', value: limit, unit: 'ms' },
      ansibleFigure(ansible, ours),
      ...drift,
    ];
  } finally {
    await cloud.close();
    await host.stop();
  }
}

async function converge(cloud: BenchCloud, prefix: string, settled: number): Promise<number> {
  const wished = machines(MACHINES, prefix);
  const { ms } = await timed(async () => {
    await cloud.apply(wished);
    await cloud.ready('VirtualMachine', settled, PATIENCE_MS);
  });
  return ms;
}

/** Somebody destroys a machine behind our back: from libvirt's event to the start being asked for, and to the guest running again. */
async function destroyed(host: LabHost, cloud: BenchCloud, acts: Acts): Promise<Figure[]> {
  const { items } = await cloud.store.list({ kind: 'VirtualMachine', orderBy: 'name', limit: DESTROYS });
  const session = openSession({ uri: host.uri });
  await session.connected(5_000);
  const seen = new Lifecycle();
  const subscription = session.subscribe(events.domainLifecycle, ({ domain, event }) => seen.told(domain.uuid, event));
  await subscription.ready;
  const [asked, running]: [number[], number[]] = [[], []];
  for (const { object } of items) {
    const { uid } = object.metadata;
    const stopped = seen.next(uid, STOPPED);
    const started = stopped.then(() => seen.next(uid, STARTED));
    const act = acts.next(uid, 'start');
    await host.virsh('destroy', uid);
    const at = await stopped;
    running.push((await started) - at);
    asked.push((await act) - at);
  }
  subscription.close();
  await session.close();
  const most = (times: readonly number[]) => `most ${Math.max(...times).toFixed(0)} ms of ${times.length}`;
  return [
    {
      name: 'virsh destroy: event to start asked for',
      value: median(asked),
      unit: 'ms',
      must: 250,
      aim: 50,
      note: most(asked),
    },
    { name: '  event to running again', value: median(running), unit: 'ms', note: most(running) },
  ];
}

/** Resolves with the instant of the next thing of its kind. */
class Instants {
  readonly #waiting = new Map<string, (at: number) => void>();

  protected await(what: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what}: not within ${PATIENCE_MS} ms.`)), PATIENCE_MS);
      this.#waiting.set(what, (at) => {
        clearTimeout(timer);
        resolve(at);
      });
    });
  }

  protected happened(what: string, at: number): void {
    this.#waiting.get(what)?.(at);
    this.#waiting.delete(what);
  }
}

class Lifecycle extends Instants {
  next(uuid: string, event: number): Promise<number> {
    return this.await(`${uuid} ${event}`);
  }

  told(uuid: string, event: number): void {
    this.happened(`${uuid} ${event}`, performance.now());
  }
}

class Acts extends Instants {
  next(uid: string, verb: string): Promise<number> {
    return this.await(`${uid} ${verb}`);
  }

  told(uid: string, verb: string, durationMs: number): void {
    this.happened(`${uid} ${verb}`, performance.now() - durationMs);
  }
}

type Ansible = { ms: number; note?: string } | { missing: string };

function ansibleFigure(ansible: Ansible, ours: number): Figure {
  const name = "  Ansible's community.libvirt ÷ product";
  if ('missing' in ansible) return { name, value: Number.NaN, unit: '×', note: ansible.missing };
  return {
    name,
    value: ansible.ms / ours,
    unit: '×',
    must: 4,
    atLeast: true,
    note: `Ansible ${ansible.ms.toFixed(0)} ms ${ansible.note ?? ''}`,
  };
}

const PLAYBOOK = `
- hosts: localhost
  connection: local
  gather_facts: false
  # The Python that Ansible itself runs with has libvirt's bindings; the first one in the path may be another.
  vars: { ansible_python_interpreter: "{{ ansible_playbook_python }}" }
  tasks:
    - community.libvirt.virt: { command: define, xml: "{{ lookup('file', item) }}", uri: "{{ uri }}" }
      loop: "{{ files }}"
    - community.libvirt.virt: { name: "{{ item }}", state: running, uri: "{{ uri }}" }
      loop: "{{ names }}"
`;

/** The same definitions, defined and started by a playbook: two tasks, each with a loop. */
async function ansibleConverge(host: LabHost, xml: (uuid: string) => string): Promise<Ansible> {
  const folder = mkdtempSync(join(tmpdir(), 'steward-bench-ansible-'));
  const names = Array.from({ length: MACHINES }, (): string => crypto.randomUUID());
  try {
    for (const name of names) writeFileSync(join(folder, name), xml(name));
    writeFileSync(join(folder, 'play.yaml'), PLAYBOOK);
    writeFileSync(
      join(folder, 'vars.json'),
      JSON.stringify({ uri: host.uri, names, files: names.map((name) => join(folder, name)) }),
    );
    const args = ['-i', 'localhost,', '-e', `@${join(folder, 'vars.json')}`, join(folder, 'play.yaml')];
    const env = { ...process.env, ANSIBLE_LOCALHOST_WARNING: 'false', ANSIBLE_HOME: folder, LC_ALL: 'C.UTF-8' };
    const { ms } = await timed(() => promisify(execFile)('ansible-playbook', args, { timeout: ANSIBLE_MS, env }));
    return { ms };
  } catch (error) {
    const { code, stdout, killed } = error as NodeJS.ErrnoException & { stdout?: string; killed?: boolean };
    if (killed) return { ms: ANSIBLE_MS, note: 'not done by then' };
    const why = /couldn't resolve module/.test(String(stdout))
      ? 'the collection community.libvirt is not here'
      : `it failed: ${/"msg": "[^"]{0,200}/.exec(String(stdout))?.[0] ?? String(error).slice(0, 200)}`;
    return { missing: code === 'ENOENT' ? 'ansible-playbook is not here' : why };
  } finally {
    for (const verb of ['destroy', 'undefine'])
      await Promise.all(names.map((name) => host.virsh(verb, name).catch(() => undefined)));
    rmSync(folder, { recursive: true, force: true });
  }
}
