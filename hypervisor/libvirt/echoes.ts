/**
 * Events that our own acts cause: they tell nothing that the next observation will not show, and would make every act be looked at
 * twice. Counted, so that an outside change at the same moment still leaves one event over that is no echo.
 */
export interface Echoes {
  /** Before an act: these lifecycle events will come back, once each. */
  expect(domainUuid: string, lifecycle: readonly number[]): void;
  /** True once for each event that was expected. */
  isEcho(domainUuid: string, lifecycle: number): boolean;
}

/** An event that has not come by then never will; what comes later is news. */
const EXPECTED_MS = 5_000;
const EXPECTED_MAX = 10_000;

export function createEchoes(now: () => number): Echoes {
  const expected = new Map<string, number[]>();
  const keyOf = (domainUuid: string, lifecycle: number) => `${domainUuid} ${lifecycle}`;
  return {
    expect: (domainUuid, lifecycle) => {
      if (expected.size > EXPECTED_MAX) expected.clear();
      for (const event of lifecycle) {
        const key = keyOf(domainUuid, event);
        expected.set(key, [...(expected.get(key) ?? []), now() + EXPECTED_MS]);
      }
    },
    isEcho: (domainUuid, lifecycle) => {
      const key = keyOf(domainUuid, lifecycle);
      const [until, ...rest] = (expected.get(key) ?? []).filter((end) => end > now());
      if (rest.length > 0) expected.set(key, rest);
      else expected.delete(key);
      return until !== undefined;
    },
  };
}
