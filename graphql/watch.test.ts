import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ExecutionResult, parse, subscribe } from 'graphql';
import { serveHouse } from '../test/fixtures/api.ts';
import { ANNA } from '../test/fixtures/house.ts';
import { createContext } from './context.ts';

const WATCH = parse('subscription ($since: String) { watch(since: $since) { type key { name } position } }');
const APPLY = 'mutation ($manifests: [JSON!]!) { apply(manifests: $manifests) { __typename } }';

interface Told {
  type: string;
  key: { name: string } | null;
  position: string;
}

describe('a watch', () => {
  let house: Awaited<ReturnType<typeof serveHouse>>;
  let waiting: Set<() => void>;
  beforeEach(async () => {
    house = await serveHouse();
    waiting = new Set();
    const project = { kind: 'Project', metadata: { name: 'default' }, spec: {} };
    await house.query(APPLY, { manifests: [project] });
    // A bell that rings for a change alone, and only for those who listen just then.
    house.api.changed = (_maxMs, signal) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        signal.addEventListener('abort', () => resolve(waiting.delete(resolve) as never), { once: true });
      });
  });
  afterEach(() => house.close());

  const apply = async (...names: string[]) => {
    const manifests = names.map((name) => ({ kind: 'Lamp', metadata: { name }, spec: {} }));
    expect((await house.query(APPLY, { manifests })).data.apply.__typename).toBe('ApplySuccess');
    for (const wake of [...waiting]) wake();
  };
  const watch = async (since?: string) => {
    const contextValue = createContext(house.api, ANNA);
    const stream = await subscribe({ schema: house.schema, document: WATCH, contextValue, variableValues: { since } });
    const events = stream as AsyncGenerator<ExecutionResult<{ watch: Told }>>;
    const next = async () => (await events.next()).value?.data?.watch as Told;
    return { next, end: () => events.return(undefined) };
  };
  const named = async (next: () => Promise<Told>, count: number) => {
    const names: (string | undefined)[] = [];
    while (names.length < count) names.push((await next()).key?.name);
    return names;
  };

  it('tells what changed while its reader took its time', async () => {
    const { next, end } = await watch();
    expect((await next()).type).toBe('BOOKMARK');
    const first = next();
    await apply('hall');
    expect((await first).key?.name).toBe('hall');
    await apply('attic');
    expect((await next()).key?.name).toBe('attic');
    await end();
    expect(waiting.size).toBe(0);
  });

  it('reads on to the end, however little a page of many changes of few objects brings', async () => {
    const { next, end } = await watch();
    await next();
    const { changes } = house.house.store;
    house.house.store.changes = (query) => changes.call(house.house.store, { ...query, limit: 1 });
    const first = named(next, 3);
    await apply('a', 'b', 'c');
    expect(await first).toEqual(['a', 'b', 'c']);
    await end();
  });

  it('goes on in the middle of what was told: nothing is missed, nothing told twice', async () => {
    const { next, end } = await watch();
    const { position: start } = await next();
    await apply('a', 'b', 'c', 'd');
    const [, second] = [await next(), await next()];
    await end();
    const resumed = await watch(second.position);
    expect((await resumed.next()).position).toBe(second.position);
    expect(await named(resumed.next, 2)).toEqual(['c', 'd']);
    await resumed.end();
    const again = await watch(start);
    await again.next();
    expect(await named(again.next, 4)).toEqual(['a', 'b', 'c', 'd']);
    await again.end();
  });
});
