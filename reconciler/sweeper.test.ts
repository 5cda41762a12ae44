import { describe, expect, it } from '@jest/globals';
import { ANNA, createHouse, lamp, project } from '../test/fixtures/house.ts';
import { LAMP_KINDS, type Room } from '../test/fixtures/lamp.ts';
import { deleteObjects } from './admission/change.ts';
import type { AnyKind } from './kind.ts';
import { type Orphan, sweep } from './sweeper.ts';

const DAY = 86_400_000;

/** Lamps that can be listed, put out and taken away. */
const KINDS: AnyKind<Room>[] = LAMP_KINDS.map((kind) =>
  kind.kind !== 'Lamp'
    ? kind
    : {
        ...kind,
        inventory: async (room) =>
          room.silent
            ? 'silent'
            : [...room.lamps].filter(([, { owned }]) => owned).map(([uid]) => ({ uid, externalId: uid })),
        expel: async (room, { uid }, stage) => {
          room.calls.push(stage);
          if (stage === 'remove') room.lamps.delete(uid);
          return { ok: true };
        },
      },
);

async function houseWithAnOrphan() {
  const house = createHouse();
  await house.apply([project, lamp('hall')]);
  await house.settle();
  // A lamp that was deleted while the act that lit it was still on its way.
  await house.apply([lamp('leak')]);
  await house.settle();
  const leaked = (await house.get('Lamp', 'leak'))?.metadata.uid ?? '';
  await deleteObjects(house.admission, { keys: [{ kind: 'Lamp', project: 'default', name: 'leak' }], principal: ANNA });
  await house.settle();
  house.room.lamps.set(leaked, { colour: 'white', blinks: 0, owned: true });
  house.room.lamps.set('neighbours', { colour: 'white', blinks: 0, owned: false });
  house.room.calls.length = 0;
  const run = (now: number, known: readonly Orphan[] = [], remove = true) =>
    sweep(
      KINDS,
      { ports: house.room, store: house.store, places: ['room'], known },
      { remove, quarantineMs: 7 * DAY, now },
    );
  return { house, run, leaked };
}

describe('the sweeper', () => {
  it('only reports until it is switched on', async () => {
    const { house, run, leaked } = await houseWithAnOrphan();
    const { orphans } = await run(100 * DAY, [], false);
    expect(orphans.map(({ uid }) => uid)).toEqual([leaked]);
    expect(house.room.calls).toEqual([]);
  });

  it('stops an orphan at once and removes it only after its quarantine', async () => {
    const { house, run, leaked } = await houseWithAnOrphan();
    const first = await run(100 * DAY);
    expect(first.quarantined).toHaveLength(1);
    const early = await run(106 * DAY, first.orphans);
    expect([early.removed.length, house.room.lamps.has(leaked)]).toEqual([0, true]);
    const late = await run(107 * DAY, early.orphans);
    expect(late.removed).toHaveLength(1);
    expect([...house.room.lamps.keys()]).not.toContain(leaked);
  });

  it('never touches what is wished, or what others made', async () => {
    const { house, run } = await houseWithAnOrphan();
    await run(200 * DAY, (await run(100 * DAY)).orphans);
    const uid = (await house.get('Lamp', 'hall'))?.metadata.uid ?? '';
    expect([...house.room.lamps.keys()].sort()).toEqual([uid, 'neighbours'].sort());
  });

  it('does not take for an orphan what is created while it looks', async () => {
    const { house, leaked } = await houseWithAnOrphan();
    house.room.lamps.delete(leaked);
    const slow = KINDS.map((kind) => ({
      ...kind,
      ...(kind.inventory && {
        inventory: async (room: Room, place: string) => {
          const listed = await kind.inventory?.(room, place);
          await house.apply([lamp('attic')]);
          await house.settle();
          return listed ?? [];
        },
      }),
    }));
    const world = { ports: house.room, store: house.store, places: ['room'], known: [] };
    const { orphans } = await sweep(slow, world, { remove: true, quarantineMs: 0, now: 100 * DAY });
    expect(orphans).toEqual([]);
  });

  it('only reports what the store never knew: a restored database is older than its world', async () => {
    const { house, run, leaked } = await houseWithAnOrphan();
    house.room.lamps.delete(leaked);
    house.room.lamps.set('made-after-the-dump', { colour: 'white', blinks: 0, owned: true });
    const late = await run(200 * DAY, (await run(100 * DAY)).orphans);
    expect(late.orphans).toMatchObject([{ uid: 'made-after-the-dump', remembered: false }]);
    expect([late.removed, late.quarantined, house.room.calls]).toEqual([[], [], []]);
  });

  it('decides nothing about a place that is silent, and forgets nothing', async () => {
    const { house, run } = await houseWithAnOrphan();
    const first = await run(100 * DAY);
    house.room.silent = 'Unreachable';
    const second = await run(120 * DAY, first.orphans);
    expect(second).toMatchObject({ silent: ['room'], removed: [], orphans: first.orphans });
  });
});
