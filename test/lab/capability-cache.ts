import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A libvirtd that has never seen this qemu asks it for its abilities, which takes some ten seconds. What one lab host
 * learnt is kept for the next. libvirtd itself checks that the qemu, the kernel and the KVM device are still the same.
 */
export function lendCapabilities(cacheFolder: string): void {
  const target = join(cacheFolder, 'qemu', 'capabilities');
  mkdirSync(target, { recursive: true });
  for (const file of filesOf(kept)) copyFileSync(join(kept, file), join(target, file));
}

/** Takes over what a host learnt; by renaming, since other hosts may be reading. */
export function keepCapabilities(cacheFolder: string): void {
  const learnt = join(cacheFolder, 'qemu', 'capabilities');
  mkdirSync(kept, { recursive: true });
  for (const file of filesOf(learnt)) {
    const partial = join(kept, `.${file}.${process.pid}`);
    copyFileSync(join(learnt, file), partial);
    renameSync(partial, join(kept, file));
  }
}

const kept = join(dirname(fileURLToPath(import.meta.url)), '../../.cache/libvirt-capabilities');

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.xml') && !name.startsWith('.')) : [];
}
