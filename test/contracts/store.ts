import { afterEach, beforeEach, describe } from '@jest/globals';
import type { Registry } from '../../reconciler/registry.ts';
import type { EngineStore, ObjectStore } from '../../reconciler/store.ts';
import { describeAccess } from './store-access.ts';
import { describeBindings } from './store-bindings.ts';
import { describeChanges } from './store-changes.ts';
import { describeChildren } from './store-children.ts';
import { describeCompletion } from './store-completion.ts';
import { storeKinds } from './store-fixture.ts';
import { describeList } from './store-list.ts';
import { describeLoad } from './store-load.ts';
import { describeQueue } from './store-queue.ts';
import { describeRecords } from './store-records.ts';
import { describeReserve } from './store-reserve.ts';
import { describeWakes } from './store-wakes.ts';
import { describeWrite } from './store-write.ts';

/** A store with what a test must do to it from outside. */
export interface StoreUnderTest {
  store: EngineStore & ObjectStore;
  /** Moves the store's own clock forward. */
  advance(ms: number): Promise<void>;
  /** Lets the retention of the event log pass by everything written so far. */
  forgetChanges(): Promise<void>;
  /** What `cover` has written about a place, oldest first. */
  coverage(place: string): Promise<{ from: number; to: number }[]>;
  close(): Promise<void>;
}

/** The behaviour that every store must have. The engine and the API are written against this and nothing else. */
export function describeStore(name: string, makeStore: (registry: Registry) => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let current: StoreUnderTest | undefined;
    beforeEach(async () => {
      current = await makeStore(storeKinds);
    });
    afterEach(async () => {
      await current?.close();
      current = undefined;
    });
    const under = (): StoreUnderTest => {
      if (!current) throw new Error('The store is there only while a test runs.');
      return current;
    };
    describeQueue(under);
    describeLoad(under);
    describeReserve(under);
    describeCompletion(under);
    describeBindings(under);
    describeChildren(under);
    describeWakes(under);
    describeWrite(under);
    describeList(under);
    describeAccess(under);
    describeChanges(under);
    describeRecords(under);
  });
}
