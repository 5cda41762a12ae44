import { describe, expect, it } from '@jest/globals';
import { ownFields } from './own-fields.ts';

const before = { cpus: 1, memoryMiB: 64, placement: { zone: 'a', strategy: 'Pack' }, tags: ['x'] };
const managed = { git: ['/cpus', '/placement/zone'], cli: ['/memoryMiB'] };
const edit = (after: typeof before | object, source = 'cli') =>
  ownFields({ before, after: after as never, managed, source });

describe('what an edit sends', () => {
  it('is what its source owns and what was changed, nothing else', () => {
    expect(edit(before)).toEqual({ spec: { memoryMiB: 64 } });
    expect(edit({ ...before, tags: ['y'], placement: { zone: 'a', strategy: 'Spread' } })).toEqual({
      spec: { memoryMiB: 64, tags: ['y'], placement: { strategy: 'Spread' } },
    });
  });

  it("includes another's field only when it was changed, which the server then refuses or takes over", () => {
    expect(edit({ ...before, cpus: 2 })).toEqual({ spec: { cpus: 2, memoryMiB: 64 } });
  });

  it('drops what its source owned, but not what another owns', () => {
    const { memoryMiB: _mine, ...withoutMine } = before;
    expect(edit(withoutMine)).toEqual({ spec: {} });
    const { cpus: _theirs, ...withoutTheirs } = before;
    expect(edit(withoutTheirs)).toEqual({
      refused: '/cpus belongs to "git"; take it out there, or edit with --take-over.',
    });
  });
});
