import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CounterMove, CounterReading, CounterStore } from '../../billing/usage/counters/counter-store.ts';
import { bookSlots, createSampler, type PlaceReading, type Sampler } from '../../billing/usage/counters/sample.ts';
import type { UsageWindow } from '../../billing/usage/window.ts';

const HOUR = 3_600_000;

export interface CountersUnderTest {
  store: CounterStore;
  /** All usage of an account, whatever it came from. */
  usage(account: string): Promise<UsageWindow[]>;
  advance(ms: number): Promise<void>;
}

let resources = 0;
const move = (parts: Partial<CounterMove> = {}): CounterMove => ({
  uid: `vm-${resources}`,
  meter: 'network.bytes.sent',
  device: 'eth0',
  epoch: '1/vnet0',
  value: 100n,
  account: 'acme',
  attributes: { network: 'lan' },
  expected: 0,
  quantity: 100n,
  ...parts,
});

/** The behaviour that all keepers of counters must have. */
export function describeCounterStore(under: () => CountersUnderTest, { runs }: { runs: number }): void {
  const booked = async () => {
    const all = await under().usage('acme');
    return all.filter(({ resource }) => resource === `vm-${resources}`);
  };

  describe('counters', () => {
    it('are moved by one of all who counted the same, and say where they stand', async () => {
      resources += 1;
      const { store } = under();
      const first = await Promise.all(Array.from({ length: 6 }, () => store.move([move()])));
      expect(first.reduce((sum, count) => sum + count, 0)).toBe(1);
      const again = move({ expected: 1, value: 130n, quantity: 30n });
      const second = await Promise.all(Array.from({ length: 6 }, () => store.move([again])));
      expect(second.reduce((sum, count) => sum + count, 0)).toBe(1);
      const { quantity: _, expected: __, account: ___, attributes: ____, ...key } = again;
      expect(await store.load([`vm-${resources}`, 'vm-other'])).toEqual([{ ...key, moves: 2, waitsFor: 'acme' }]);
    });

    it('become usage once the slot of time is over in which they moved: one row, at the instant of the last reading', async () => {
      resources += 1;
      const { store, advance } = under();
      await store.move([move(), move({ device: 'eth1', quantity: 7n, value: 7n })]);
      await store.move([move({ expected: 1, quantity: 11n, value: 111n })]);
      const readAt = await store.now();
      await advance(HOUR);
      const counts = await Promise.all(Array.from({ length: 4 }, () => bookSlots(store, HOUR)));
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
      const found = (await booked()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      expect(found.map(({ quantity }) => quantity)).toEqual([
        { num: 111n, den: 1n },
        { num: 7n, den: 1n },
      ]);
      expect(found[0]).toMatchObject({ meter: 'network.bytes.sent', attributes: { network: 'lan' } });
      expect(found[0]?.id).toContain(`vm-${resources}/network.bytes.sent/eth0/1`);
      for (const { from, to } of found) {
        expect(from).toBe(to);
        expect(Math.abs(readAt - from)).toBeLessThan(60_000);
      }
      await bookSlots(store, HOUR);
      expect(await booked()).toHaveLength(2);
    });

    it('that wait for one account do not move for another', async () => {
      resources += 1;
      const { store, advance } = under();
      await store.move([move()]);
      const other = move({ expected: 1, account: 'globex', value: 110n, quantity: 10n });
      expect(await store.move([other])).toBe(0);
      await advance(HOUR);
      await bookSlots(store, HOUR);
      expect(await store.move([other])).toBe(1);
      expect((await booked()).map(({ quantity }) => quantity.num)).toEqual([100n]);
    });

    it('meter every byte at most once, and all that was read, whatever dies, overtakes or begins anew', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { minLength: 5, maxLength: 60 }), async (deeds) => {
          resources += 1;
          const world = new TrafficWorld(under(), `vm-${resources}`);
          for (const each of deeds) await world.act(each);
          await world.rest();
          expect(await world.verdict()).toEqual([]);
        }),
        { seed: 20_261_122, numRuns: runs },
      );
    });
  });
}

const worker = fc.constantFrom(0, 1);
const device = fc.constantFrom('eth0', 'eth1');
type Ends = 'well' | 'before' | 'after' | 'late';
interface Work {
  does: 'sample' | 'book';
  worker: number;
  ends: Ends;
}
type Deed =
  | { does: 'traffic'; device: string; bytes: number }
  | { does: 'restart' | 'pass' }
  | { does: 'replug' | 'reset'; device: string }
  | Work;
const ends = fc.constantFrom('well', 'well', 'before', 'after', 'late');
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('traffic'), device, bytes: fc.integer({ min: 1, max: 900 }) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restart') }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('pass') }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('replug', 'reset'), device }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('sample'), worker, ends }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('book'), worker, ends }) },
) as fc.Arbitrary<Deed>;

class Lost extends Error {}

/** One life of a counter, from its zero on. */
interface Segment {
  id: number;
  epoch: string;
  value: bigint;
  /** Up to where it was metered. */
  seen: bigint;
}

/** One machine with two NICs, what truly moved through them, and two workers that count it. */
class TrafficWorld {
  readonly #under: CountersUnderTest;
  readonly #uid: string;
  readonly #segments: Segment[] = [];
  readonly #now = new Map<string, Segment>();
  readonly #noted = new Map<string, Segment>();
  readonly #workers: Sampler[];
  /** A counter that began anew within its epoch, and has passed the old reading unseen, looks as if it had gone on. */
  #hidden = 0n;
  #ends: Ends = 'well';
  #late: (() => Promise<unknown>)[] = [];

  constructor(under: CountersUnderTest, uid: string) {
    this.#under = under;
    this.#uid = uid;
    this.#restart();
    this.#workers = [0, 1].map(() => createSampler({ store: this.#flaky(), read: async () => this.#read() }));
  }

  async act(next: Deed): Promise<void> {
    switch (next.does) {
      case 'traffic':
        this.#of(next.device).value += BigInt(next.bytes);
        return;
      case 'restart':
        return this.#restart();
      case 'pass':
        return this.#under.advance(HOUR);
      case 'replug':
        return this.#begin(next.device, `${this.#segments.length}`);
      case 'reset':
        return this.#begin(next.device, this.#of(next.device).epoch);
      default:
        return this.#work(next);
    }
  }

  /** What was late arrives; then everything is read and booked in peace. */
  async rest(): Promise<void> {
    this.#ends = 'well';
    for (const land of this.#late.splice(0)) await land();
    for (const sample of this.#workers) await sample('host');
    await this.#under.advance(HOUR);
    await bookSlots(this.#under.store, HOUR);
  }

  /** Of a life that has ended, what came after its last reading is lost: nobody can know of it. */
  async verdict(): Promise<string[]> {
    const own = (await this.#under.usage('acme')).filter(({ resource }) => resource === this.#uid);
    const metered = own.reduce((sum, { quantity }) => sum + quantity.num, 0n);
    const read = this.#segments.reduce((sum, { seen }) => sum + seen, 0n) - this.#hidden;
    const unread = [...this.#now.values()].filter(({ value, seen }) => value !== seen);
    return [
      ...(metered === read ? [] : [`${metered} were metered, and ${read} were read`]),
      ...(unread.length === 0 ? [] : ['what runs was not read to its end']),
      ...(new Set(own.map(({ id }) => id)).size === own.length ? [] : ['an id stands twice']),
    ];
  }

  #of(device: string): Segment {
    const segment = this.#now.get(device);
    if (segment === undefined) throw new Error(`There is no ${device}.`);
    return segment;
  }

  #restart(): void {
    const epoch = `${this.#segments.length}`;
    for (const name of ['eth0', 'eth1']) this.#begin(name, epoch);
  }

  #begin(device: string, epoch: string): void {
    const segment = { id: this.#segments.length, epoch, value: 0n, seen: 0n };
    this.#segments.push(segment);
    this.#now.set(device, segment);
  }

  #read(): PlaceReading {
    const readings = [...this.#now].map(
      ([device, { id, epoch, value }]): CounterReading => ({
        uid: this.#uid,
        meter: 'network.bytes.sent',
        device,
        epoch,
        value,
        account: 'acme',
        attributes: { segment: `${id}` },
      }),
    );
    return { readings, uids: [this.#uid], begun: new Set([this.#uid]) };
  }

  async #work({ does, worker: index, ends: how }: Work): Promise<void> {
    this.#ends = how;
    try {
      if (does === 'book') await bookSlots(this.#flaky(), HOUR);
      else await this.#workers[index]?.('host');
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
    this.#ends = 'well';
  }

  /** Calls that write: the process dies before them, or after them without hearing of it, or they arrive when much else has happened. */
  #flaky(): CounterStore {
    const { store } = this.#under;
    const through = async (write: () => Promise<number>): Promise<number> => {
      const how = this.#ends;
      if (how === 'before') throw new Lost();
      if (how === 'late') {
        this.#late.push(write);
        throw new Lost();
      }
      const answer = await write();
      if (how === 'after') throw new Lost();
      return answer;
    };
    const moveOne = async (each: CounterMove): Promise<number> => {
      const taken = await store.move([each]);
      if (taken > 0) this.#note(each);
      return taken;
    };
    return {
      ...store,
      move: (moves) =>
        through(async () => {
          let taken = 0;
          for (const each of moves) taken += await moveOne(each);
          return taken;
        }),
      book: (request) => through(() => store.book(request)),
    };
  }

  #note({ attributes, device, value, quantity }: CounterMove): void {
    const segment = this.#segments[Number(attributes.segment)];
    if (segment === undefined) throw new Error('Every reading is of a life.');
    // Counted as going on though it had begun anew: what it had shown before is hidden.
    const before = this.#noted.get(device);
    if (before !== segment && before?.epoch === segment.epoch) this.#hidden += value - quantity;
    segment.seen = value;
    this.#noted.set(device, segment);
  }
}
