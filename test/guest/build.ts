import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBootDisk, kernelCommandLine } from './boot-disk.ts';
import { buildInitrd, wantedModules } from './initrd.ts';
import { cloudKernel, copyKernel } from './kernel.ts';

/** A small Linux that says on its serial console, line by line, what it is and what it sees. 96 MiB of memory suffice. */
export type GuestImage = {
  /** Bootable qcow2 disk (BIOS), less than 40 MiB; never boot it itself, make a copy or an overlay. */
  disk: string;
  /** The same disk, raw. */
  rawDisk: string;
  kernel: string;
  initrd: string;
  /** For booting kernel and initrd directly. */
  commandLine: string;
  /** SHA-256 of `disk` and of `rawDisk`, in hex. */
  checksum: string;
  rawChecksum: string;
};

/**
 * Builds the image from Debian packages, or finds it in `.cache/guest/`, where it is kept under the hash of everything
 * that it is made of. Needs the parts in `guestParts`, `busybox` and `qemuImg`.
 */
export async function guestImage(): Promise<GuestImage> {
  const kernel = await cloudKernel(join(cache, 'kernel'), wantedModules);
  const busybox = busyboxPath();
  const inputs = [busybox, ...sources.map((file) => join(scripts, file))];
  const hash = createHash('sha256').update(kernel.version);
  for (const file of inputs) hash.update(readFileSync(file));
  const folder = join(cache, 'image', hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) await build(folder, kernel, busybox);
  return imageIn(folder);
}

const scripts = dirname(fileURLToPath(import.meta.url));
const cache = join(scripts, '../../.cache/guest');
const sources = ['init.sh', 'udhcpc.sh', 'build.ts', 'initrd.ts', 'boot-disk.ts', 'kernel.ts'];

async function build(folder: string, kernel: Awaited<ReturnType<typeof cloudKernel>>, busybox: string): Promise<void> {
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const { disk, rawDisk, kernel: vmlinuz, initrd } = pathsIn(partial);
  copyKernel(kernel, vmlinuz);
  await buildInitrd({ kernel, busybox, scripts }, initrd);
  rmSync(`${initrd}.root`, { recursive: true });
  await buildBootDisk({ vmlinuz, initrd, raw: rawDisk, qcow2: disk });
  writeFileSync(join(partial, 'checksums.json'), JSON.stringify({ disk: sha256(disk), rawDisk: sha256(rawDisk) }));
  // Two test workers may build at once; the images are alike, and the first one stays.
  if (existsSync(folder)) rmSync(partial, { recursive: true });
  else renameSync(partial, folder);
}

function imageIn(folder: string): GuestImage {
  const sums: { disk: string; rawDisk: string } = JSON.parse(readFileSync(join(folder, 'checksums.json'), 'utf8'));
  return { ...pathsIn(folder), commandLine: kernelCommandLine, checksum: sums.disk, rawChecksum: sums.rawDisk };
}

function pathsIn(folder: string): { disk: string; rawDisk: string; kernel: string; initrd: string } {
  const named = (name: string): string => join(folder, name);
  return { disk: named('guest.qcow2'), rawDisk: named('guest.raw'), kernel: named('vmlinuz'), initrd: named('initrd') };
}

function busyboxPath(): string {
  const found = ['/usr/bin/busybox', '/bin/busybox'].find(existsSync);
  if (found === undefined) throw new Error('busybox is missing; install Debian package busybox-static');
  return found;
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await guestImage();
  process.stdout.write(`${JSON.stringify(built, undefined, 2)}\n`);
}
