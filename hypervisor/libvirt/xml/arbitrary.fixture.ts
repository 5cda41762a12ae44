import fc from 'fast-check';
import type { DiskSpec, MachineSpec, NicSpec } from '../../port.ts';
import { firstUnwritable } from './write.ts';

/** Any text XML can hold, with all that tries to be markup. */
export const writableText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(
      '</title><boot/>',
      '"/><x a="',
      ']]>',
      '<![CDATA[',
      '&amp;',
      '&#10;',
      "' onload='",
      '<!-- ',
      '\r\n\t',
    ),
  )
  .filter((text) => firstUnwritable(text) === null);

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const uid = fc.uuid();
const mac = fc
  .uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 5, maxLength: 5 })
  .map((bytes) => `02:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`);
const rarely = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const disk: fc.Arbitrary<DiskSpec> = fc.record({
  name,
  device: fc.constant('disk' as const),
  bus: fc.constantFrom('virtio', 'scsi', 'sata'),
  source: fc.record({ poolUid: uid, name: writableText.filter((text) => text !== '') }),
  format: fc.constantFrom('qcow2', 'raw'),
  readOnly: fc.boolean(),
  bootIndex: fc.constant(null),
  iops: rarely(fc.integer({ min: 1, max: 100_000 })),
  cache: rarely(fc.constantFrom('none', 'writeback', 'writethrough')),
});

const cdrom: fc.Arbitrary<DiskSpec> = fc.record({
  name,
  device: fc.constant('cdrom' as const),
  bus: fc.constant('sata' as const),
  source: rarely(fc.record({ poolUid: uid, name })),
  format: fc.constant('raw' as const),
  readOnly: fc.constant(true),
  bootIndex: fc.constant(null),
  iops: fc.constant(null),
  cache: fc.constant(null),
});

const nic: fc.Arbitrary<NicSpec> = fc.record({
  name,
  mac,
  networkUid: uid,
  model: fc.constantFrom('virtio', 'e1000'),
  bootIndex: fc.constant(null),
  rateMbps: rarely(fc.integer({ min: 1, max: 10_000 })),
});

const size = fc
  .tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 64, max: 65_536 }))
  .map(([cpus, more, memoryMiB]) => ({ cpus, maxCpus: cpus + more, memoryMiB, maxMemoryMiB: memoryMiB + more * 128 }));

const parts = fc.record({
  disks: fc.uniqueArray(fc.oneof(disk, cdrom), { maxLength: 5, selector: (it) => it.name }),
  nics: fc.uniqueArray(nic, { maxLength: 4, comparator: (a, b) => a.mac === b.mac || a.name === b.name }),
  byDevice: fc.boolean(),
});

/** Machines with everything that varies. Where devices name their own boot places, all of them do, in a mixed order. */
export const machineSpec: fc.Arbitrary<MachineSpec> = fc
  .tuple(
    size,
    parts,
    fc.record({
      uid,
      incarnation: fc.integer({ min: 0, max: 1000 }),
      title: writableText,
      installationId: writableText,
      cpuShares: fc.integer({ min: 2, max: 10_000 }),
      cpuLimitMilli: rarely(fc.integer({ min: 10, max: 64_000 })),
      accelerator: fc.constantFrom('auto', 'kvm', 'tcg'),
      machineType: rarely(fc.constantFrom('pc', 'q35', 'pc-q35-7.2')),
      cpuModel: rarely(fc.oneof(fc.constantFrom('host-model', 'host-passthrough', 'qemu64'), name)),
      firmware: fc.constantFrom('bios', 'uefi'),
      bootOrder: fc.shuffledSubarray(['disk', 'cdrom', 'network'] as const),
      serialLog: fc.boolean(),
      vnc: fc.boolean(),
      autostart: fc.boolean(),
    }),
    fc.boolean(),
  )
  .map(([sized, { disks, nics, byDevice }, rest, secure]) => ({
    ...rest,
    ...sized,
    secureBoot: secure && rest.firmware === 'uefi',
    disks: disks.map((it, index) => ({ ...it, bootIndex: byDevice ? disks.length - index : null })),
    nics: nics.map((it, index) => ({ ...it, bootIndex: byDevice ? disks.length + index + 1 : null })),
  }));
