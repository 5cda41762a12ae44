/**
 * A small CD image: a few files in the root folder, with short names (ISO 9660) and with the real ones (Joliet), which is all that
 * NoCloud needs. Pure: the same input gives the same bytes.
 */
export interface IsoInput {
  /** At most 16 characters; what a guest finds it by. */
  volumeId: string;
  files: readonly IsoFile[];
  /** Epoch ms, written as the time of everything in it. */
  at: number;
}

export interface IsoFile {
  /** Lower-case letters, digits, "-" and "."; at most 28 characters. */
  name: string;
  bytes: Uint8Array;
}

const SECTOR = 2048;
/** Sectors, in the order of writing; the first 16 are left to boot loaders. */
const AT = {
  primary: 16,
  joliet: 17,
  end: 18,
  primaryPaths: 19,
  jolietPaths: 21,
  primaryRoot: 23,
  jolietRoot: 24,
  files: 25,
};
const NAME = /^[a-z0-9.-]{1,28}$/;

export function buildIso(input: IsoInput): Uint8Array {
  const files = place(input.files);
  const end = files.reduce((last, { sector, bytes }) => Math.max(last, sector + sectors(bytes.length)), AT.files);
  const image = Buffer.alloc(end * SECTOR);
  const time = new Date(input.at);
  for (const tree of [PRIMARY, JOLIET]) {
    writeDescriptor(at(image, tree.descriptor), { tree, volumeId: input.volumeId, sectorsTotal: end, time });
    writePaths(image, tree);
    writeRoot(at(image, tree.root), { tree, files, time });
  }
  at(image, AT.end).write('\xffCD001\x01', 'latin1');
  for (const { sector, bytes } of files) image.set(bytes, sector * SECTOR);
  return image;
}

interface PlacedFile extends IsoFile {
  sector: number;
}

/** One of the two descriptions of the same files. */
interface Tree {
  type: number;
  descriptor: number;
  paths: number;
  root: number;
  /** Escape sequence that says "UCS-2, level 3". */
  escape: string;
  text(value: string, bytes: number): Buffer;
  fileName(name: string): Buffer;
}

const PRIMARY: Tree = {
  type: 1,
  descriptor: AT.primary,
  paths: AT.primaryPaths,
  root: AT.primaryRoot,
  escape: '',
  text: (value, bytes) => Buffer.from(value.padEnd(bytes).slice(0, bytes), 'latin1'),
  // Readers turn this into lower case and drop the version, so that even they see the real name.
  fileName: (name) => Buffer.from(`${name.includes('.') ? name.toUpperCase() : `${name.toUpperCase()}.`};1`, 'latin1'),
};

const JOLIET: Tree = {
  type: 2,
  descriptor: AT.joliet,
  paths: AT.jolietPaths,
  root: AT.jolietRoot,
  escape: '%/E',
  // A field of an odd size ends in a zero byte.
  text: (value, bytes) => Buffer.concat([ucs2(value.padEnd(bytes >> 1).slice(0, bytes >> 1)), Buffer.alloc(bytes & 1)]),
  fileName: (name) => ucs2(`${name};1`),
};

function place(files: readonly IsoFile[]): PlacedFile[] {
  let sector = AT.files;
  return [...files]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((file) => {
      if (!NAME.test(file.name)) throw new RangeError(`"${file.name}" cannot be the name of a file in the image.`);
      const placed = { ...file, sector };
      sector += sectors(file.bytes.length);
      return placed;
    });
}

function writeDescriptor(to: Buffer, given: { tree: Tree; volumeId: string; sectorsTotal: number; time: Date }): void {
  const { tree, volumeId, sectorsTotal, time } = given;
  to[0] = tree.type;
  to.write('CD001\x01', 1, 'latin1');
  tree.text('LINUX', 32).copy(to, 8);
  tree.text(volumeId, 32).copy(to, 40);
  both32(to, 80, sectorsTotal);
  to.write(tree.escape, 88, 'latin1');
  both16(to, 120, 1);
  both16(to, 124, 1);
  both16(to, 128, SECTOR);
  both32(to, 132, PATH_BYTES);
  to.writeUInt32LE(tree.paths, 140);
  to.writeUInt32BE(tree.paths + 1, 148);
  record({ name: Buffer.of(0), sector: tree.root, bytes: SECTOR, folder: true, time }).copy(to, 156);
  for (const [offset, bytes] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const) {
    tree.text('', bytes).copy(to, offset);
  }
  const digits = time.toISOString().replace(/\D/g, '').slice(0, 16);
  for (const offset of [813, 830]) to.write(digits, offset, 'latin1');
  for (const offset of [847, 864]) to.write('0'.repeat(16), offset, 'latin1');
  to[881] = 1;
}

const PATH_BYTES = 10;

/** The table of folders, twice: for either byte order. There is only the root. */
function writePaths(image: Buffer, tree: Tree): void {
  const little = at(image, tree.paths);
  little[0] = 1;
  little.writeUInt32LE(tree.root, 2);
  little.writeUInt16LE(1, 6);
  const big = at(image, tree.paths + 1);
  big[0] = 1;
  big.writeUInt32BE(tree.root, 2);
  big.writeUInt16BE(1, 6);
}

function writeRoot(to: Buffer, { tree, files, time }: { tree: Tree; files: readonly PlacedFile[]; time: Date }): void {
  const folder = { sector: tree.root, bytes: SECTOR, folder: true, time };
  const records = [
    record({ ...folder, name: Buffer.of(0) }),
    record({ ...folder, name: Buffer.of(1) }),
    ...files.map(({ name, sector, bytes }) =>
      record({ name: tree.fileName(name), sector, bytes: bytes.length, folder: false, time }),
    ),
  ];
  const all = Buffer.concat(records);
  if (all.length > SECTOR) throw new RangeError(`${files.length} files do not fit into the root folder.`);
  all.copy(to);
}

function record(of: { name: Buffer; sector: number; bytes: number; folder: boolean; time: Date }): Buffer {
  const { name, time } = of;
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const to = Buffer.alloc(length);
  to[0] = length;
  both32(to, 2, of.sector);
  both32(to, 10, of.bytes);
  const stamp = [time.getUTCFullYear() - 1900, time.getUTCMonth() + 1, time.getUTCDate()];
  to.set([...stamp, time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds(), 0], 18);
  to[25] = of.folder ? 2 : 0;
  both16(to, 28, 1);
  to[32] = name.length;
  name.copy(to, 33);
  return to;
}

function at(image: Buffer, sector: number): Buffer {
  return image.subarray(sector * SECTOR, (sector + 1) * SECTOR);
}

/** An empty file needs no sector. */
function sectors(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}

function both32(to: Buffer, offset: number, value: number): void {
  to.writeUInt32LE(value, offset);
  to.writeUInt32BE(value, offset + 4);
}

function both16(to: Buffer, offset: number, value: number): void {
  to.writeUInt16LE(value, offset);
  to.writeUInt16BE(value, offset + 2);
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}
