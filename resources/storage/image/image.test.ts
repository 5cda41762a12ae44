import { describe, expect, it } from '@jest/globals';
import type { PortErrorCode } from '../../../hypervisor/port.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import { requiredGiB } from '../image-size.ts';
import { checkImage } from './check.ts';
import type { ImageSpec } from './kind.ts';
import type { SourceSight } from './observe.ts';
import { type ImageInput, planImage } from './plan.ts';
import { reportImage } from './report.ts';

const GIB = 1024 ** 3;
const SUM = `sha256:${'a'.repeat(64)}`;
const image = (part: Partial<ImageSpec>): ImageSpec => ({
  source: { url: 'https://host/i' },
  format: 'qcow2',
  ...part,
});

describe('an image at the door', () => {
  it.each<[string, Partial<ImageSpec>]>([
    ['a URL', { source: { url: 'https://host/file.qcow2' }, checksum: SUM }],
    ['a file', { source: { file: 'debian.qcow2' }, checksum: SUM }],
    ['a volume', { source: { volume: 'golden' } }],
  ])('comes from %s', (_what, part) => {
    expect(checkImage(image(part))).toEqual([]);
  });

  it.each<[string, Partial<ImageSpec>, string]>([
    ['from nowhere', { source: {} }, '/source'],
    ['from two places', { source: { url: 'https://host/i', file: 'i' } }, '/source'],
    ['over ftp', { source: { url: 'ftp://host/i' } }, '/source/url'],
    ['over a path', { source: { url: '/etc/passwd' } }, '/source/url'],
    ['with a password', { source: { url: 'https://me:secret@host/i' } }, '/source/url'],
    ['a volume with a digest', { source: { volume: 'v' }, checksum: SUM }, '/checksum'],
    ['a volume as an iso', { source: { volume: 'v' }, format: 'iso' }, '/format'],
  ])('is refused: %s', (_what, part, path) => {
    const issues = checkImage(image(part));
    expect(issues.map((issue) => issue.path)).toEqual([path]);
    expect(JSON.stringify(issues)).not.toContain('secret');
  });
});

function situation(
  sight: SourceSight | null,
  spec: Partial<ImageSpec> = {},
  more: Partial<ImageInput> = {},
): ImageInput {
  return {
    object: storedObject({ kind: 'Image', name: 'i', spec: image(spec) as never }),
    refs: testRefs({}),
    now: 0,
    observed: { sightings: sight ? [{ place: 'source', owned: true, state: sight }] : [], silent: [], asOf: 0 },
    claims: null,
    bindings: [],
    children: {},
    deleting: false,
    installationId: 'test',
    ...more,
  };
}

const refused = (code: PortErrorCode): SourceSight => ({ refused: { code, message: 'why' } });
const found = (format: 'qcow2' | 'raw' | 'iso', virtualBytes: number | null = null): SourceSight => ({
  found: { bytes: 5_000, revision: 'r1', format, virtualBytes },
});

describe('an image and its source', () => {
  it.each<[string, SourceSight, string, Partial<ImageSpec>]>([
    ['out of reach: tried again', refused('Unreachable'), 'waiting SourceUnavailable', {}],
    ['not there: tried again', refused('NotFound'), 'waiting SourceUnavailable', {}],
    ['refused: not tried again', refused('Invalid'), 'invalid SourceRefused', {}],
    ['raw instead of qcow2', found('raw'), 'invalid FormatDiffers', {}],
    ['qcow2 instead of iso', found('qcow2'), 'invalid FormatDiffers', { format: 'iso' }],
    ['as said', found('qcow2'), '', {}],
    ['an iso without its mark', found('raw'), '', { format: 'iso' }],
  ])('%s', (_what, sight, expected, spec) => {
    const plan = planImage(situation(sight, spec));
    const text =
      'waiting' in plan ? `waiting ${plan.waiting.code}` : 'invalid' in plan ? `invalid ${plan.invalid.code}` : '';
    expect(text).toBe(expected);
    const [available] = reportImage(situation(sight, spec)).conditions;
    expect(available?.status).toBe(expected === '' ? 'True' : 'False');
  });

  it('stays available once seen, while the server is away', () => {
    const input = situation(null);
    const seen = { ...input.object, status: { ...input.object.status, revision: 'r1' } };
    expect(reportImage({ ...input, object: seen }).conditions).toMatchObject([{ status: 'True' }]);
    expect(reportImage(input).conditions).toMatchObject([{ status: 'Unknown' }]);
  });

  it('needs a disk of what its maker or its file says, whichever is more', () => {
    const needs = (spec: Partial<ImageSpec>, virtualBytes: number | null) =>
      requiredGiB({ spec: image(spec), status: { virtualBytes } });
    expect(needs({}, null)).toBeNull();
    expect(needs({ minDiskGiB: 3 }, null)).toBe(3);
    expect(needs({ minDiskGiB: 3 }, 4 * GIB + 1)).toBe(5);
    expect(needs({ minDiskGiB: 9 }, 4 * GIB)).toBe(9);
  });

  it('made of a volume plans its first copy beside it, and keeps the copies that others asked for', () => {
    const volume = storedObject({
      kind: 'Volume',
      name: 'golden',
      status: { pool: 'main', poolUid: testUid('main'), file: 'golden.qcow2', sizeGiB: 4 },
    });
    const other = storedObject({
      kind: 'ImageCopy',
      name: 'elsewhere',
      spec: { image: 'i', pool: 'other' },
      metadata: { ownerUid: testUid('i') },
    });
    const input = situation(null, { source: { volume: 'golden' } }, { refs: testRefs({ '/source/volume': volume }) });
    const plan = planImage({ ...input, children: { 'copy/other': other } });
    expect('children' in plan ? plan.children : []).toMatchObject([
      { key: `copy/${testUid('main')}`, kind: 'ImageCopy', spec: { image: 'i', pool: 'main' } },
      { key: 'copy/other', name: 'elsewhere' },
    ]);
    expect(reportImage(input).status).toMatchObject({
      origin: { file: 'golden.qcow2', format: 'qcow2' },
      virtualBytes: 4 * GIB,
    });
  });
});
