import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryDirectory } from './directory.ts';
import { HERE, machine } from './machine.fixture.ts';
import { createManualClock } from './manual-clock.fixture.ts';
import { loadWorld, saveWorld } from './persist.ts';
import type { WorldState } from './state.ts';
import { createWorld } from './world.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-world-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A server with one host, whose world lives in `path`. */
async function serve(path: string, state?: WorldState) {
  const clock = createManualClock();
  const world = createWorld({ clock, ...(state ? { state } : {}) });
  const saver = saveWorld(world, { path, delayMs: 100 });
  const directory = createMemoryDirectory({
    world,
    installationId: HERE,
    resolveUri: async () => 'memory://host-1',
  });
  const found = await directory.at('place');
  if (!found.ok) throw new Error(found.error.message);
  return { clock, world, saver, machines: found.value.machines };
}

describe('a saved world', () => {
  it('goes on where it was when the server comes back', async () => {
    const path = join(folder, 'deep', 'world.json');
    const before = await serve(path);
    await before.machines.define(machine('m'));
    await before.machines.start('m');
    const sight = await before.machines.sight(['m']);
    await before.saver.close();

    const after = await serve(path, await loadWorld(path));
    expect(await after.machines.sight(['m'])).toEqual(sight);
    await after.machines.destroy('m');
    await after.saver.close();
    expect((await loadWorld(path))?.hosts['host-1']?.machines.m?.power).toBe('off');
  });

  it('is written after the delay, many changes at once, and leaves no draft', async () => {
    const path = join(folder, 'world.json');
    const { clock, saver, world, machines } = await serve(path);
    for (const uid of ['a', 'b', 'c']) await machines.define(machine(uid));
    expect(await loadWorld(path)).toBeUndefined();
    await clock.advance(100);
    await saver.close();
    expect(await loadWorld(path)).toEqual(JSON.parse(JSON.stringify(world.state)));
    expect(await readdir(folder)).toEqual(['world.json']);
  });

  it('is not there before it was saved', async () => {
    expect(await loadWorld(join(folder, 'none.json'))).toBeUndefined();
  });

  it('is refused, and kept, when the file holds something else', async () => {
    const path = join(folder, 'world.json');
    for (const text of ['{"format":1', '{"format":99,"hosts":{}}', '[]', 'null']) {
      await writeFile(path, text);
      await expect(loadWorld(path)).rejects.toThrow(`${path} holds no in-memory world`);
      expect(await readFile(path, 'utf8')).toBe(text);
    }
  });

  it('says so when it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const { saver, machines } = await serve(join(folder, 'file', 'world.json'));
    await machines.define(machine('m'));
    await expect(saver.close()).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
