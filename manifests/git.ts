import { mkdir, opendir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';
import type { PortErrorCode, Result } from '../hypervisor/port.ts';
import type { Clock } from '../reconciler/clock.ts';
import { type GitCredentials, gitEnvironment } from './git-environment.ts';
import { cacheName, type GitLocation, type GitScheme, gitLocationError, hostOf } from './git-location.ts';
import { isInside } from './tree.ts';

export interface GitOptions {
  /** Holds the clones; made when missing. May be deleted at any time. */
  cacheFolder: string;
  clock: Clock;
  /** The one address that may be connected to for a host, or why none may. */
  addressOf(host: string): Promise<Result<string>>;
  /** Default https and ssh. */
  schemes?: readonly GitScheme[];
  /** For one git process; default 60 s. */
  timeoutMs?: number;
  /** A clone that grows beyond is given up; default 512 MiB. */
  maxBytes?: number;
}

export interface GitRequest {
  location: GitLocation;
  credentials: GitCredentials | null;
  signal?: AbortSignal;
}

export interface GitSource {
  /** Commit at which the branch stands now. Transfers nothing. */
  commit(request: GitRequest): Promise<Result<string>>;
  /** The branch's newest content, in a folder that stays valid until the next checkout of the same branch ends; `use` reads it. */
  checkout<T>(request: GitRequest, use: (at: { folder: string; commit: string }) => Promise<T>): Promise<Result<T>>;
}

const HEAD = 'refs/steward/head';

/** Git sources over the git binary. Nothing that a repository holds is run: no hooks, no filters, no submodules. */
export function createGitSource(options: GitOptions): GitSource {
  const { cacheFolder } = options;
  const busy = new Map<string, Promise<unknown>>();
  return {
    commit: (request) =>
      guarded(options, request, (address) =>
        withGit(options, { ...request, address, baseDir: cacheFolder }, async (git) => {
          const { url, branch } = request.location;
          const listed = await git.raw(['ls-remote', '--', url, `refs/heads/${branch}`]);
          return headOf(listed, branch);
        }),
      ),
    checkout: (request, use) =>
      guarded(options, request, (address) =>
        inTurn(busy, cacheName(request.location), () => checkedOut(options, { ...request, address }, use)),
      ),
  };
}

/** Nothing is connected to but what was found harmless: the place, and the address at which its host is now. */
async function guarded<T>(
  { schemes = SCHEMES, addressOf }: GitOptions,
  { location }: GitRequest,
  run: (address: string | null) => Promise<Result<T>>,
): Promise<Result<T>> {
  const wrong = gitLocationError(location, schemes);
  if (wrong !== null) return failure('Invalid', wrong);
  const at = hostOf(location.url);
  const address = at && (await addressOf(at.host));
  if (address && !address.ok) return address;
  return run(address?.value ?? null);
}

interface CheckedRequest extends GitRequest {
  address: string | null;
}

const SCHEMES: readonly GitScheme[] = ['https', 'ssh'];

function headOf(listed: string, branch: string): Result<string> {
  const line = listed.split('\n').find((text) => text.endsWith(`\trefs/heads/${branch}`));
  const commit = line?.split('\t')[0];
  if (commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit)) return { ok: true, value: commit };
  return failure('NotFound', `the repository has no branch "${branch}"`);
}

async function checkedOut<T>(
  options: GitOptions,
  request: CheckedRequest,
  use: (at: { folder: string; commit: string }) => Promise<T>,
): Promise<Result<T>> {
  const folder = join(options.cacheFolder, cacheName(request.location));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fetched = await withGit(options, { ...request, baseDir: folder }, (git) => fetchHead(git, request.location));
  if (!fetched.ok) {
    // A clone that was cut off or damaged must not be in the way of the next try.
    await rm(folder, { recursive: true, force: true });
    return fetched;
  }
  const root = await realpath(folder);
  const wanted = await realpath(join(root, request.location.path)).catch(() => null);
  if (wanted === null) return failure('NotFound', `the branch has no folder "${request.location.path}"`);
  if (!isInside(root, wanted))
    return failure('Invalid', `the path "${request.location.path}" leads out of the repository`);
  return { ok: true, value: await use({ folder: wanted, commit: fetched.value }) };
}

async function fetchHead(git: SimpleGit, { url, branch }: GitLocation): Promise<Result<string>> {
  await git.raw(['init', '--quiet']);
  const refspec = `+refs/heads/${branch}:${HEAD}`;
  await git.raw([
    'fetch',
    '--quiet',
    '--depth=1',
    '--no-tags',
    '--no-recurse-submodules',
    '--force',
    '--',
    url,
    refspec,
  ]);
  await git.raw(['checkout', '--quiet', '--force', '--detach', HEAD]);
  await git.raw(['clean', '-ffdqx']);
  return { ok: true, value: (await git.raw(['rev-parse', '--verify', HEAD])).trim() };
}

async function withGit<T>(
  options: GitOptions,
  run: CheckedRequest & { baseDir: string },
  work: (git: SimpleGit) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { schemes = SCHEMES, timeoutMs = 60_000, maxBytes = 512 * 1024 * 1024, cacheFolder, clock } = options;
  await mkdir(run.baseDir, { recursive: true, mode: 0o700 });
  const home = join(cacheFolder, 'home');
  const { location, address, credentials } = run;
  const environment = await gitEnvironment({ home, url: location.url, address, schemes, credentials });
  const tooBig = new AbortController();
  const deadline = AbortSignal.timeout(timeoutMs);
  const ended = new AbortController();
  const signals = [tooBig.signal, deadline, ...(run.signal ? [run.signal] : [])];
  const measuring = measure({ folder: run.baseDir, maxBytes, clock, until: ended.signal, tooBig });
  try {
    const git = simpleGit({
      baseDir: run.baseDir,
      abort: AbortSignal.any(signals),
      timeout: { block: timeoutMs },
      // The environment is wholly ours, see gitEnvironment; users' strings only ever stand behind `--`.
      allowEnvironment: Object.keys(environment.variables),
      unsafe: { allowUnsafeConfigEnvCount: true, allowUnsafeSshCommand: true, allowUnsafeConfigPaths: true },
    }).env(environment.variables);
    return await work(git);
  } catch (error) {
    if (tooBig.signal.aborted) return failure('NoSpace', `the repository is larger than ${maxBytes} bytes`);
    if (deadline.aborted) return failure('TimedOut', `git did not end within ${timeoutMs} ms`);
    if (run.signal?.aborted) return failure('Aborted', 'called off');
    return gitFailure(error);
  } finally {
    ended.abort();
    await measuring;
    await environment.dispose();
  }
}

/** Git has no limit of its own on what a fetch may bring, so the folder is measured while it grows. */
async function measure(input: {
  folder: string;
  maxBytes: number;
  clock: Clock;
  until: AbortSignal;
  tooBig: AbortController;
}) {
  while (!input.until.aborted) {
    await input.clock.sleep(200, input.until);
    if ((await bytesBelow(input.folder, input.maxBytes)) > input.maxBytes) return input.tooBig.abort();
  }
}

async function bytesBelow(folder: string, enough: number): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size;
      if (bytes > enough) break;
    }
  } catch {
    // Git renames and removes while we look; the next look counts again.
  }
  return bytes;
}

/** One after the other for the same key, so that nobody reads a checkout while it changes. */
async function inTurn<T>(busy: Map<string, Promise<unknown>>, key: string, run: () => Promise<T>): Promise<T> {
  const before = busy.get(key) ?? Promise.resolve();
  const mine = before.then(run, run);
  busy.set(key, mine);
  try {
    return await mine;
  } finally {
    if (busy.get(key) === mine) busy.delete(key);
  }
}

function gitFailure(error: unknown): Result<never> {
  const text = error instanceof Error ? error.message : String(error);
  const line =
    text
      .split('\n')
      .filter((l) => /^(fatal|error|remote|ssh)/i.test(l))
      .at(-1) ??
    text.split('\n')[0] ??
    '';
  const message = `git: ${line.replace(/^(fatal|error): /, '').slice(0, 300)}`;
  const missing = /couldn't find remote ref|not found|does not (exist|appear)/i.test(text);
  const unreachable =
    /could not resolve|connection (refused|timed out|reset)|unable to access|network is unreachable/i.test(text);
  return failure(missing ? 'NotFound' : unreachable ? 'Unreachable' : 'Failed', message);
}

function failure(code: PortErrorCode, message: string): { ok: false; error: { code: PortErrorCode; message: string } } {
  return { ok: false, error: { code, message } };
}
