import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { describeReal } from '../../test/real-parts.ts';
import { eastAsianFonts } from './east-asian.ts';
import { createSheet } from './sheet.ts';

// Fonts are read and subset for each document.
jest.setTimeout(60_000);

const NAMES = {
  ja: '株式会社サンプル・クラウド',
  zh: '北京云计算有限公司',
  ko: '서울 클라우드 주식회사',
};

const paper = (text: string, language = 'ja') => {
  const sheet = createSheet({ title: 'T', author: 'A', language, at: new Date(0) });
  sheet.text(text);
  return sheet.finish('', () => '');
};

describe('fonts for Chinese, Japanese and Korean', () => {
  it('are read piece by piece, as the language draws its signs, and not at all for others', async () => {
    for (const [language, name] of Object.entries(NAMES)) {
      const { fonts, fontOf } = await eastAsianFonts([name], language);
      expect([...fontOf.keys()].join('')).toBe([...new Set(name.replace(/\s/g, ''))].join(''));
      const drawing = { ja: 'jp', zh: 'sc', ko: 'kr' }[language];
      for (const file of fontOf.values()) expect(file).toContain(`noto-sans-${drawing}-`);
      expect(fonts.size).toBeLessThanOrEqual(fontOf.size);
    }
    expect((await eastAsianFonts(['Ελλάδα, Київ, €1 – 2 · 3'], 'de')).fonts.size).toBe(0);
  });

  it('help each other out: a Korean name on a Japanese invoice', async () => {
    const { fontOf } = await eastAsianFonts(['請求書 서울'], 'ja');
    expect(fontOf.get('請')).toContain('noto-sans-jp');
    expect(fontOf.get('서')).toContain('noto-sans-kr');
  });
});

describeReal('a page with Chinese, Japanese and Korean names, read back', ['pdftotext'], () => {
  it.each(Object.entries(NAMES))('has them as text and draws them: %s', async (language, name) => {
    const { text, ink } = read(await paper(`${name} Ltd — 100 €`, language));
    expect(text.replace(/\s/g, '')).toContain(name.replace(/\s/g, ''));
    expect(text).toContain('Ltd — 100 €');
    // Signs that are there but empty leave no ink: as many dark points as a line of Latin letters is far from none.
    expect(ink - read(await paper(' Ltd — 100 €')).ink).toBeGreaterThan(read(await paper('Ltd')).ink);
  });

  it('breaks a long line between any two signs, and loses none', async () => {
    const long = '長い会社名、'.repeat(40);
    const { text } = read(await paper(long));
    expect(text.trim().split('\n').length).toBeGreaterThan(3);
    expect(text.replace(/\s/g, '')).toBe(long);
  });
});

/** The words of a document, and how many points of it are dark. */
function read(bytes: Uint8Array): { text: string; ink: number } {
  const folder = mkdtempSync(join(tmpdir(), 'steward-pdf-'));
  try {
    const file = join(folder, 'a.pdf');
    writeFileSync(file, bytes);
    const { stdout, stderr } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const drawn = spawnSync('pdftoppm', ['-gray', '-r', '72', '-singlefile', file, join(folder, 'a')]);
    expect(drawn.status).toBe(0);
    const points = readFileSync(join(folder, 'a.pgm')).subarray(-595 * 842);
    return { text: stdout, ink: points.filter((point) => point < 160).length };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
