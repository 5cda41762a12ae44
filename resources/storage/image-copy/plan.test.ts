import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../reconciler/json.ts';
import { storedObject, testRefs, testUid } from '../../../test/fixtures/objects.ts';
import type { ImageStatus } from '../image/kind.ts';
import { allocateImageCopy } from './allocate.ts';
import { type CopyInput, planImageCopy } from './plan.ts';
import { reportImageCopy } from './report.ts';

const POOL = testUid('main');
const FILE = `${testUid('i')}.image.qcow2`;
const MIB = 1024 ** 2;

interface Situation {
  source?: JsonObject;
  checksum?: string;
  image?: Partial<ImageStatus>;
  there?: boolean;
  attachedTo?: string[];
  silent?: string[];
  deleting?: boolean;
  ready?: { reason: string; params: Record<string, string>; observedGeneration: number };
  token?: string;
}

function situation(s: Situation): CopyInput {
  const source = s.source ?? { url: 'https://host/i' };
  const image = storedObject({
    kind: 'Image',
    name: 'i',
    spec: { source, ...(s.checksum === undefined ? {} : { checksum: s.checksum }) },
    status: s.image ?? {},
  });
  const pool = storedObject({ kind: 'StoragePool', name: 'main', spec: { path: '/p', hosts: ['h1'] } });
  const silent = s.silent ?? [];
  const ready = { type: 'Ready', status: 'False', lastTransitionAt: '', ...s.ready };
  return {
    object: storedObject({
      kind: 'ImageCopy',
      name: 'c',
      spec: { image: 'i', pool: 'main' },
      status: s.ready ? { conditions: [ready] } : {},
      metadata: { requests: s.token === undefined ? {} : { retry: s.token } },
    }),
    refs: testRefs({ '/image': image, '/pool': pool }),
    now: 0,
    observed: {
      sightings: s.there
        ? [{ place: POOL, owned: true, state: { capacityBytes: 5, attachedTo: s.attachedTo ?? [], whole: true } }]
        : [],
      silent: silent.map((place) => ({ place, code: 'Unreachable' as const })),
      asOf: 0,
    },
    claims: { places: [POOL], unique: [], capacity: [], chosen: { pool: 'main', poolUid: POOL } },
    bindings: [{ place: POOL, incarnation: 0, externalId: null, state: 'intended' }],
    children: {},
    deleting: s.deleting ?? false,
    installationId: 'test',
  };
}

function planned(s: Situation): string {
  const plan = planImageCopy(situation(s));
  if ('steps' in plan)
    return plan.steps.map(({ verb, request }) => `${verb}${request ? ` for ${request.name}` : ''}`).join(' ');
  return 'waiting' in plan ? `waiting ${plan.waiting.code}` : `invalid ${plan.invalid.code}`;
}

const origin = { poolUid: POOL, file: 'v.qcow2', format: 'qcow2' as const };
const mismatch = { reason: 'ChecksumMismatch', params: { expected: 'a', found: 'b' }, observedGeneration: 1 };
const volume = { volume: 'v' };

describe('what is done about a copy', () => {
  it.each<[string, Situation, string]>([
    ['there: nothing', { there: true }, ''],
    ['of a URL: fetched', {}, 'fetch'],
    ['of a file: fetched', { source: { file: 'i' } }, 'fetch'],
    ['of a volume in this pool: cloned', { source: volume, image: { origin } }, 'clone'],
    [
      'of a volume elsewhere: not before its first copy',
      { source: volume, image: { origin: { ...origin, poolUid: 'x' } } },
      'waiting NoCopyYet',
    ],
    [
      'of a volume elsewhere: from its first copy',
      {
        source: volume,
        image: { origin: { ...origin, poolUid: 'x' }, copies: [{ pool: 'x', poolUid: 'x', ready: true }] },
      },
      'transfer',
    ],
    ['silent pool: nothing', { silent: [POOL] }, 'waiting PlaceSilent'],
    ['refused before: not again', { ready: mismatch }, 'invalid ChecksumMismatch'],
    ['refused before, asked again', { ready: mismatch, token: 't' }, 'fetch for retry'],
    ['refused for an older wish: again', { ready: { ...mismatch, observedGeneration: 0 } }, 'fetch'],
    ['failed otherwise: again', { ready: { ...mismatch, reason: 'SourceUnavailable' } }, 'fetch'],
    ['deleted: removed', { there: true, deleting: true }, 'remove'],
    ['deleted and gone: nothing', { deleting: true }, ''],
    ['deleted while in a drive: not yet', { there: true, deleting: true, attachedTo: ['vm'] }, 'waiting CopyAttached'],
    ['deleted while a host is silent: not yet', { there: true, deleting: true, silent: ['h2'] }, 'waiting PlaceSilent'],
  ])('%s', (_what, s, expected) => {
    expect(planned(s)).toBe(expected);
  });

  it('says where from, where to, and with which digest', () => {
    expect(planImageCopy(situation({}))).toMatchObject({
      steps: [
        { args: { poolUid: POOL, name: FILE, format: 'qcow2', url: 'https://host/i', checksum: null }, place: POOL },
      ],
    });
  });

  it('without a digest says which size was seen, so that every pool has the same file', () => {
    const args = (s: Situation) => planImageCopy(situation(s));
    expect(args({ image: { bytes: 7 } })).toMatchObject({ steps: [{ args: { checksum: null, seenBytes: 7 } }] });
    const checksum = `sha256:${'0'.repeat(64)}`;
    expect(args({ image: { bytes: 7 }, checksum })).toMatchObject({ steps: [{ args: { checksum, seenBytes: null } }] });
  });
});

describe('a copy', () => {
  it.each<[string, Situation, string]>([
    ['there', { there: true }, 'True CopyThere'],
    ['not there', {}, 'False CopyMissing'],
    ['out of sight', { silent: [POOL] }, 'Unknown PlaceSilent'],
  ])('is reported as it is: %s', (_what, s, expected) => {
    const [copied] = reportImageCopy(situation(s)).conditions;
    expect(`${copied?.status} ${copied?.reason.code}`).toBe(expected);
  });

  it.each<[string, Partial<ImageStatus>, number]>([
    ['its file', { bytes: 10 * MIB + 1, virtualBytes: 900 * MIB }, 11],
    ['its disk, when the file is not known', { bytes: null, virtualBytes: 900 * MIB }, 900],
    ['a guess, when nothing is known', {}, 1024],
  ])('takes as much as %s', (_what, image, amount) => {
    const { object, refs } = situation({ image });
    const capacity = (limit: number) => [{ place: POOL, resource: 'storageMiB', limit, used: 0 }];
    const allocate = (limit: number) =>
      allocateImageCopy({
        object,
        refs,
        now: 0,
        held: null,
        attempt: 0,
        world: { objects: {}, taken: {}, capacity: capacity(limit) },
      });
    expect(allocate(amount)).toMatchObject({ claims: { places: [POOL], capacity: [{ amount }] } });
    expect(allocate(amount - 1)).toMatchObject({ waiting: { code: 'PoolFullForCopy', params: { neededMiB: amount } } });
  });
});
