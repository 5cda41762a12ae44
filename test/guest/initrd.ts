import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../lab/command.ts';
import type { Kernel } from './kernel.ts';

/** What the guest's kernel needs for disks, CDs, network, hot-plug and the power button. */
export const wantedModules = [
  'virtio_pci',
  'virtio_blk',
  'virtio_scsi',
  'ata_piix',
  'sd_mod',
  'sr_mod',
  'virtio_net',
  'virtio_balloon',
  'nls_ascii',
  'nls_utf8',
  'nls_cp437',
  'isofs',
  'vfat',
  'evdev',
  'button',
] as const;

/** Packs busybox, the modules and our init into a RAM disk. */
export async function buildInitrd(
  from: { kernel: Kernel; busybox: string; scripts: string },
  target: string,
): Promise<void> {
  const root = `${target}.root`;
  for (const folder of ['bin', 'etc', 'modules', 'dev', 'run']) mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(from.busybox, join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  for (const applet of await applets(from.busybox)) symlinkSync('busybox', join(root, 'bin', applet));
  for (const [script, place] of [
    ['init.sh', 'init'],
    ['udhcpc.sh', 'etc/udhcpc.sh'],
  ] as const) {
    copyFileSync(join(from.scripts, script), join(root, place));
    chmodSync(join(root, place), 0o755);
  }
  for (const { name, content } of from.kernel.modules) writeFileSync(join(root, 'modules', name), content);
  writeFileSync(join(root, 'modules/order'), from.kernel.modules.map(({ name }) => `${name}\n`).join(''));
  const pack = 'cd "$1" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -6 > "$2"';
  await command('sh', ['-e', '-c', pack, 'sh', root, target]);
}

async function applets(busybox: string): Promise<string[]> {
  const listed = (await command(busybox, ['--list'])).trim().split('\n');
  return listed.filter((applet) => applet !== 'busybox');
}
