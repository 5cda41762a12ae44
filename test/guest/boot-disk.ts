import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { command } from '../lab/command.ts';

/**
 * Makes a disk that a BIOS boots: one FAT file system from the first sector on, with syslinux, the kernel and the RAM disk.
 * Nothing is mounted, so it needs no privileges.
 */
export async function buildBootDisk(parts: {
  vmlinuz: string;
  initrd: string;
  raw: string;
  qcow2: string;
}): Promise<void> {
  const { vmlinuz, initrd, raw, qcow2 } = parts;
  const config = `${raw}.cfg`;
  const neededMiB = Math.ceil((statSync(vmlinuz).size + statSync(initrd).size) / mebi) + spareMiB;
  writeFileSync(config, syslinuxConfig);
  writeFileSync(raw, '');
  truncateSync(raw, neededMiB * mebi);
  const geometry = ['-h', '64', '-s', '32', '-t', String(neededMiB)];
  await command('mformat', ['-i', raw, '-v', 'STEWARD', ...geometry, '::']);
  await command('syslinux', ['--install', raw]);
  await command('mcopy', ['-i', raw, vmlinuz, '::vmlinuz']);
  await command('mcopy', ['-i', raw, initrd, '::initrd']);
  await command('mcopy', ['-i', raw, config, '::syslinux.cfg']);
  await command('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, qcow2]);
  rmSync(config);
}

/** The guest's memory and processors that are plugged in later come online by themselves. */
export const kernelCommandLine =
  'console=ttyS0,115200 quiet loglevel=1 memhp_default_state=online mitigations=off nokaslr no_timer_check 8250.nr_uarts=1';

const syslinuxConfig = `DEFAULT steward
PROMPT 0
TIMEOUT 0
LABEL steward
  KERNEL vmlinuz
  APPEND initrd=initrd ${kernelCommandLine}
`;
const mebi = 1024 * 1024;
const spareMiB = 2;
