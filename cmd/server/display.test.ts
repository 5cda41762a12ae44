import { expect, it } from '@jest/globals';
import type { Registry } from '../../reconciler/registry.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { testSealer } from '../../test/fixtures/sealer.ts';
import { bootstrap } from './bootstrap.ts';
import { createChangeBell } from './changes.ts';
import { showProgress } from './display.ts';
import { systemEnvironment } from './environment.ts';
import { openMemoryStorage } from './storage.ts';

const registry = REGISTRY as Registry;

it('goes on showing objects after the database was away, and repeats nothing', async () => {
  const { store } = openMemoryStorage();
  const admission = { registry, store, environment: systemEnvironment, sealer: testSealer };
  const apply = (...folders: string[]) =>
    bootstrap(admission, { host: null, folders: folders.map((name) => ({ name, path: `/${name}` })) });
  const bell = createChangeBell();
  const stop = new AbortController();
  const written: string[] = [];
  let failures = 0;
  let isAway = false;
  const changes: ObjectStore['changes'] = async (query) => {
    if (!isAway) return store.changes(query);
    failures += 1;
    throw new Error('connect ECONNREFUSED');
  };
  await apply('first');
  const shown = showProgress({
    registry,
    store: { ...store, changes },
    changed: bell.next,
    screen: null,
    write: (text) => void written.push(text.split(/ +/)[0] ?? ''),
    signal: stop.signal,
  });
  const until = async (holds: () => boolean) => {
    for (let tries = 0; tries < 2_000 && !holds(); tries += 1) {
      bell.ring();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(holds()).toBe(true);
  };

  await until(() => written.includes('source/first'));
  isAway = true;
  await until(() => failures > 0);
  await apply('first', 'second');
  isAway = false;
  await until(() => written.includes('source/second'));
  stop.abort();
  await shown;

  expect(written.filter((name) => name === 'source/first')).toHaveLength(1);
});
