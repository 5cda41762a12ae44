import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadSettings } from '../config/load.ts';
import { openPersisted } from './persisted-documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'persisted-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = (env: Record<string, string>) => loadSettings({ env, flags: {}, cwd: folder });

describe('the setting for documents that are known by name', () => {
  it('opens them against the real schema, and a wrong one stops the start with its file and error', () => {
    writeFileSync(join(folder, 'good.json'), JSON.stringify({ hosts: '{ hosts { nodes { name } } }' }));
    const good = settings({ STEWARD_GRAPHQL_PERSISTED: 'good.json', STEWARD_GRAPHQL_ONLY_PERSISTED: 'true' });
    if (!good.ok) throw new Error(good.errors.join('\n'));
    const { documents, only } = openPersisted(good.settings);
    expect([documents.get('hosts'), documents.size, only]).toEqual(['{ hosts { nodes { name } } }', 2, true]);

    writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ hosts: '{ hosts { nodes { nme } } }' }));
    const wrong = settings({ STEWARD_GRAPHQL_PERSISTED: 'wrong.json' });
    if (!wrong.ok) throw new Error(wrong.errors.join('\n'));
    expect(() => openPersisted(wrong.settings)).toThrow(
      `The documents of graphql.persisted are wrong:\n  ${folder}/wrong.json: "hosts": Cannot query field "nme" on type "Host".`,
    );
  });

  it('is needed for taking only those, and must be there', () => {
    expect(settings({ STEWARD_GRAPHQL_ONLY_PERSISTED: 'true' })).toEqual({
      ok: false,
      errors: [expect.stringContaining('without any documents; name them in graphql.persisted')],
    });
    expect(settings({ STEWARD_GRAPHQL_PERSISTED: 'gone' })).toEqual({
      ok: false,
      errors: [expect.stringContaining(`names ${folder}/gone, which does not exist`)],
    });
  });
});
