import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeReal } from '../../../test/real-parts.ts';
import { buildIso } from './iso9660.ts';

const SECTOR = 2048;
const folder = mkdtempSync(join(tmpdir(), 'steward-iso-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (value: string) => Buffer.from(value);
const big = Buffer.alloc(5000, 'x');
const files = [
  { name: 'user-data', bytes: text('#cloud-config\n') },
  { name: 'meta-data', bytes: text('instance-id: a\n') },
  { name: 'empty.txt', bytes: text('') },
  { name: 'big', bytes: big },
];
const image = buildIso({ volumeId: 'cidata', files, at: Date.UTC(2026, 10, 22, 13, 5, 9) });

describe('the image', () => {
  it('is whole sectors, and says its size in both byte orders', () => {
    expect(image.length % SECTOR).toBe(0);
    const primary = Buffer.from(image).subarray(16 * SECTOR);
    expect(primary.readUInt32LE(80)).toBe(image.length / SECTOR);
    expect(primary.readUInt32BE(84)).toBe(image.length / SECTOR);
  });

  it('has a primary and a Joliet description, then the end mark', () => {
    const mark = (sector: number) =>
      Buffer.from(image)
        .subarray(sector * SECTOR, sector * SECTOR + 6)
        .toString('latin1');
    expect([16, 17, 18].map(mark)).toEqual(['\x01CD001', '\x02CD001', '\xffCD001']);
    expect(
      Buffer.from(image)
        .subarray(17 * SECTOR + 88, 17 * SECTOR + 91)
        .toString(),
    ).toBe('%/E');
  });

  it('carries its label in both', () => {
    const label = (sector: number) => Buffer.from(image).subarray(sector * SECTOR + 40, sector * SECTOR + 72);
    expect(label(16).toString('latin1').trim()).toBe('cidata');
    expect(Buffer.from(label(17)).swap16().toString('utf16le').trim()).toBe('cidata');
  });

  it('is the same for the same input, whatever the order of the files', () => {
    const again = buildIso({ volumeId: 'cidata', files: [...files].reverse(), at: Date.UTC(2026, 10, 22, 13, 5, 9) });
    expect(Buffer.compare(image, again)).toBe(0);
  });

  it('refuses names that no reader would find', () => {
    const named = (name: string) => () => buildIso({ volumeId: 'cidata', files: [{ name, bytes: big }], at: 0 });
    expect(named('a/b')).toThrow('"a/b" cannot be the name');
    expect(named('x'.repeat(29))).toThrow(RangeError);
  });

  it('refuses more files than one folder sector holds', () => {
    const many = Array.from({ length: 60 }, (_, index) => ({ name: `file-${index}`, bytes: text('x') }));
    expect(() => buildIso({ volumeId: 'cidata', files: many, at: 0 })).toThrow('60 files do not fit');
  });
});

describeReal('read by xorriso', ['xorriso'], () => {
  const path = join(folder, 'seed.iso');
  writeFileSync(path, image);
  const xorriso = (...args: string[]) =>
    execFileSync('xorriso', ['-report_about', 'FATAL', '-indev', path, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('gives back every file, byte by byte', () => {
    const target = join(folder, 'out');
    xorriso('-osirrox', 'on', '-extract', '/', target);
    for (const { name, bytes } of files) expect(Buffer.compare(readFileSync(join(target, name)), bytes)).toBe(0);
  });

  it('is labelled cidata', () => {
    expect(xorriso('-pvd_info')).toMatch(/Volume Id\s*: cidata\s/);
  });
});
