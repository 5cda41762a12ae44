import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { command } from '../lab/command.ts';

/** Debian's cloud kernel, unpacked from its package and never installed. */
export type Kernel = {
  /** Package version, such as `6.1.0-56-cloud-amd64_6.1.192-2`. */
  version: string;
  vmlinuz: string;
  /** Modules with all that they need, each after what it needs. */
  modules: { name: string; content: Buffer }[];
};

/**
 * Downloads the newest cloud kernel that apt knows, unless the cache folder has one already. Needs the network the first
 * time; throws with apt's own words when it cannot.
 */
export async function cloudKernel(cacheFolder: string, wanted: readonly string[]): Promise<Kernel> {
  const folder = keptKernel(cacheFolder) ?? (await download(cacheFolder));
  const vmlinuz = readdirSync(join(folder, 'boot')).find((file) => file.startsWith('vmlinuz-'));
  if (vmlinuz === undefined) throw new Error(`${folder}/boot has no kernel`);
  return { version: basename(folder), vmlinuz: join(folder, 'boot', vmlinuz), modules: inLoadOrder(folder, wanted) };
}

function keptKernel(cacheFolder: string): string | undefined {
  if (!existsSync(cacheFolder)) return undefined;
  const kept = readdirSync(cacheFolder)
    .filter((name) => name.startsWith('linux-image-'))
    .sort();
  const newest = kept.at(-1);
  return newest === undefined ? undefined : join(cacheFolder, newest);
}

async function download(cacheFolder: string): Promise<string> {
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'steward-kernel-'));
  try {
    const name = await kernelPackage();
    await command('sh', ['-c', 'cd "$1" && exec apt-get download "$2"', 'sh', work, name], { timeoutMs: 300_000 });
    const archive = readdirSync(work).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error(`apt-get download ${name} brought no package`);
    const partial = join(cacheFolder, `.partial-${process.pid}`);
    await command('dpkg-deb', ['-x', join(work, archive), partial]);
    const target = join(cacheFolder, archive.replace(/\.deb$/, ''));
    if (existsSync(target)) rmSync(partial, { recursive: true });
    else renameSync(partial, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The metapackage names the current kernel. A machine whose package lists are empty fetches them first. */
async function kernelPackage(): Promise<string> {
  const depends = () => command('apt-cache', ['depends', '--important', 'linux-image-cloud-amd64']).catch(() => '');
  const named = (text: string) => /Depends: (linux-image-\S+-cloud-amd64)/.exec(text)?.[1];
  const known = named(await depends());
  if (known !== undefined) return known;
  await command('apt-get', ['update'], { timeoutMs: 300_000 });
  const found = named(await depends());
  if (found === undefined) throw new Error('apt knows no linux-image-cloud-amd64; the test guest needs Debian');
  return found;
}

function inLoadOrder(folder: string, wanted: readonly string[]): Kernel['modules'] {
  const files = moduleFiles(folder);
  const ordered = new Map<string, Buffer>();
  const add = (name: string): void => {
    const file = files.get(name);
    // What has no file is built into the kernel.
    if (file === undefined || ordered.has(name)) return;
    const content = readFileSync(file);
    for (const needed of dependencies(content)) add(needed);
    ordered.set(name, content);
  };
  for (const name of wanted) add(name);
  return [...ordered].map(([name, content]) => ({ name, content }));
}

function moduleFiles(folder: string): Map<string, string> {
  const root = ['lib/modules', 'usr/lib/modules'].map((path) => join(folder, path)).find(existsSync);
  if (root === undefined) throw new Error(`${folder} has no modules`);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ko'));
  return new Map(files.map((file) => [basename(file, '.ko').replaceAll('-', '_'), join(root, file)]));
}

/** A module states in its own text what it needs, so that no index has to be made. */
function dependencies(content: Buffer): string[] {
  const start = content.indexOf('\0depends=');
  if (start < 0) return [];
  const end = content.indexOf(0, start + 1);
  const names = content.toString('latin1', start + '\0depends='.length, end);
  return names === '' ? [] : names.split(',').map((name) => name.replaceAll('-', '_'));
}

/** Copies the kernel to where a lab host's qemu may read it. */
export function copyKernel(kernel: Kernel, target: string): void {
  copyFileSync(kernel.vmlinuz, target);
}
