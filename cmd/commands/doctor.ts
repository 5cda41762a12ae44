import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { REGISTRY } from '../../resources/registry.ts';
import type { Client } from '../client/graphql.ts';
import { listObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { kindNamed } from '../input/names.ts';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';
import { VERSION } from '../version.ts';
import { ABOUT, type About } from './version.ts';

interface Finding {
  check: string;
  verdict: 'ok' | 'warn' | 'fail';
  detail: string;
}

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('what is wrong here, on the server and on its hosts, and what to do about it')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (options: { output: 'text' | 'json' }, command: Command) => {
      const findings = [...(await localFindings()), ...(await serverFindings(io, command))];
      if (options.output === 'json') io.out(`${JSON.stringify(findings, null, 2)}\n`);
      else io.out(findings.map((finding) => lineOf(io, finding)).join(''));
      if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = EXIT.error;
    });
}

function lineOf({ paint }: Io, { check, verdict, detail }: Finding): string {
  const colour = { ok: paint.good, warn: paint.warn, fail: paint.bad }[verdict];
  return `${colour(verdict.padEnd(5))} ${check}: ${detail}\n`;
}

async function localFindings(): Promise<Finding[]> {
  const git = await versionOf('git');
  const socket = ['/run/libvirt/libvirt-sock', '/run/libvirt/virtqemud-sock'].find((path) => existsSync(path));
  return [
    { check: 'node', verdict: 'ok', detail: process.versions.node },
    git === null
      ? { check: 'git', verdict: 'warn', detail: 'not found; Sources of Git repositories need it on the server' }
      : { check: 'git', verdict: 'ok', detail: git },
    socket === undefined
      ? {
          check: 'libvirt here',
          verdict: 'warn',
          detail: 'no socket in /run/libvirt; only hosts elsewhere, or hosts in memory, can be managed',
        }
      : { check: 'libvirt here', verdict: 'ok', detail: socket },
  ];
}

function versionOf(binary: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(binary, ['--version'], { timeout: 5000 }, (error, stdout) => resolve(error ? null : stdout.trim()));
  });
}

async function serverFindings(io: Io, command: Command): Promise<Finding[]> {
  try {
    const { client } = openSession(io, command);
    const { url, from, token } = client.endpoint;
    const about = (await client.query<{ about: About }>(ABOUT)).about;
    const same = about.version === VERSION;
    return [
      { check: 'server', verdict: 'ok', detail: `${url} (from ${from}), ${about.database}, ${about.hypervisor}` },
      {
        check: 'token',
        verdict: token === null ? 'warn' : 'ok',
        detail: token === null ? 'none was found; the server let us in without' : 'accepted',
      },
      {
        check: 'version',
        verdict: same ? 'ok' : 'warn',
        detail: same ? about.version : `this command is ${VERSION}, the server ${about.version}`,
      },
      await readiness(client),
      ...(await jobFindings(client)),
      ...(await kindFindings(client)),
    ];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [{ check: 'server', verdict: 'fail', detail: error.message }];
  }
}

async function readiness(client: Client): Promise<Finding> {
  const { status, text } = await client.get('/readyz');
  return {
    check: 'readiness',
    verdict: status === 200 ? 'ok' : 'fail',
    detail: status === 200 ? 'ready' : text.trim().slice(0, 300),
  };
}

interface JobState {
  job: string;
  paused: boolean;
  key: string | null;
  by: string | null;
  since: string | null;
  reason: string | null;
}

const JOBS = '{ jobs { job paused key by since reason } }';

/** What is paused, by whom and why. Not everybody may know. */
async function jobFindings(client: Client): Promise<Finding[]> {
  const jobs = await client.query<{ jobs: JobState[] }>(JOBS).then(
    (answer) => answer.jobs,
    (error: unknown) => {
      if (error instanceof CliError) return null;
      throw error;
    },
  );
  if (jobs === null) return [];
  const paused = jobs.filter((job) => job.paused);
  if (paused.length === 0) return [{ check: 'jobs', verdict: 'ok', detail: `${jobs.length} run` }];
  return paused.map(({ job, key, by, since, reason }) => ({
    check: `job ${job}`,
    verdict: 'warn',
    detail: `paused by ${by} since ${since} (${key})${reason === null ? '' : `: ${reason}`}`,
  }));
}

/** Hosts and pools one by one, all other kinds by their number. */
async function kindFindings(client: Client): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const kind of REGISTRY.kinds.filter(({ observe }) => observe !== undefined)) {
    const waiting = await listObjects(client, kind, { condition: 'Ready=False' });
    const detail = waiting.slice(0, 5).map(({ name, ready }) => `${name}: ${ready.message}`);
    const more = waiting.length > 5 ? `; and ${waiting.length - 5} more` : '';
    if (waiting.length > 0)
      findings.push({
        check: kind.plural,
        verdict: 'warn',
        detail: `${waiting.length} not ready: ${detail.join('; ')}${more}`,
      });
  }
  const hosts = await listObjects(client, kindNamed(REGISTRY, 'Host'), {});
  if (hosts.length === 0)
    findings.push({
      check: 'hosts',
      verdict: 'warn',
      detail: 'there is none; apply a Host, e.g. with uri qemu:///system',
    });
  const ready = hosts.filter(({ isReady }) => isReady).length;
  if (ready > 0) findings.push({ check: 'hosts', verdict: 'ok', detail: `${ready} of ${hosts.length} ready` });
  return findings;
}
