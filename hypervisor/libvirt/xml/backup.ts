import { childrenNamed, descend, element, type XmlElement } from './tree.ts';

/** What copies one disk of a guest, named by its target (`vda`), into a qcow2 file that is there; `others` may name it, too. */
export function buildBackup({
  target,
  others,
  path,
}: {
  target: string;
  others: readonly string[];
  path: string;
}): XmlElement {
  const skipped = others.filter((other) => other !== target);
  return element('domainbackup', { mode: 'push' }, [
    element('disks', {}, [
      element('disk', { name: target, backup: 'yes', type: 'file' }, [
        element('driver', { type: 'qcow2' }),
        element('target', { file: path }),
      ]),
      ...skipped.map((name) => element('disk', { name, backup: 'no' })),
    ]),
  ]);
}

/** The files that a backup writes to. */
export function parseBackupTargets(backup: XmlElement): string[] {
  return childrenNamed(descend(backup, 'disks'), 'disk').flatMap((disk) => {
    const file = descend(disk, 'target')?.attributes.file;
    return file === undefined ? [] : [file];
  });
}
