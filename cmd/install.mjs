import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm start` and `npm test` need before anything that is installed can be imported: this file imports only Node. */

export const repository = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];
const INSTALL_DEADLINE_MS = 15 * 60_000;

/** Ends the process with one clear line where this Node is too old. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  stop(
    `Steward needs Node ${OLDEST_NODE.join('.')} or newer, and this is Node ${process.versions.node} (${process.execPath}). Install a newer Node and run the command again.`,
  );
}

/**
 * Runs `npm ci` where what is installed is not what package-lock.json says. Optional packages may be absent: they are
 * other platforms'. With `development` false, so may the packages that only tests need.
 */
export function installModules({ development }) {
  const wrong = unlikeLock({ development });
  if (wrong.length === 0) return;
  const reason = existsSync(join(repository, 'node_modules'))
    ? `${wrong.length} are missing or outdated`
    : 'the first run';
  say(`Installing the packages of package-lock.json by npm ci (${reason}); this takes about a minute.`);
  const began = process.hrtime.bigint();
  // Where NODE_ENV is production, npm leaves out what only tests need, unless it is told.
  const include = development ? ['--include=dev'] : [];
  const run = spawnSync('npm', ['ci', ...include, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: repository,
    stdio: ['ignore', 2, 2],
    timeout: INSTALL_DEADLINE_MS,
  });
  if (run.status !== 0) {
    stop(`npm ci did not finish: ${whyStopped(run)}. Once the cause above is mended, run the command again.`);
  }
  say(`Installed in ${Math.ceil(Number(process.hrtime.bigint() - began) / 1e9)} s.`);
}

/** On Debian as root: installs the packages of test/debian-packages.json that are missing, and starts no service. */
export function installDebianPackages() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  const wanted = JSON.parse(readFileSync(join(repository, 'test/debian-packages.json'), 'utf8'));
  const names = wanted.map((entry) => entry.package);
  const installed = installedDebianPackages(names);
  const missing = names.filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  say(`Installing Debian packages that the tests need: ${missing.join(' ')}`);
  withServicesHeldBack(() => {
    if (apt(['update', '--quiet=2']) && apt(['install', '--yes', '--quiet=2', '--no-install-recommends', ...missing]))
      return;
    say('Not everything could be installed; the tests say at the end what did not run for lack of it.');
  });
}

/** Names of packages in node_modules that differ from the lock, by npm's own record of what it installed. */
function unlikeLock({ development }) {
  const locked = packagesOf('package-lock.json');
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.keys(locked).filter((name) => {
    const { optional, dev, version } = locked[name];
    if (name === '' || (dev && !development)) return false;
    const found = installed[name];
    return found === undefined ? !optional : found.version !== version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(repository, file), 'utf8')).packages ?? {};
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Which of these Debian packages are installed whole. */
function installedDebianPackages(names) {
  const run = spawnSync('dpkg-query', ['--status', ...names], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
  const stanzas = (run.stdout ?? '').split('\n\n').filter((text) => /^Status: .* installed$/m.test(text));
  return new Set(stanzas.map((text) => /^Package: (.*)$/m.exec(text)?.[1]));
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env, timeout: INSTALL_DEADLINE_MS }).status === 0;
}

/** Debian starts what it installs; a test run shall not leave sshd or libvirtd running on somebody's machine. */
function withServicesHeldBack(install) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    install();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

function whyStopped(run) {
  if (run.error !== undefined) return run.error.message;
  return run.signal === null ? `exit code ${run.status}` : `stopped by ${run.signal}`;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function stop(line) {
  say(line);
  process.exit(1);
}
