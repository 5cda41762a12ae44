import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** A heap may grow by a quarter between two collections, where Node would let it grow to several times what lives. */
const HEAP_GROWTH = '--heap-growing-percent=25';
/** For the thread that translates TypeScript: what is young there dies at once, so 2 MiB of it do as well as the usual 16. */
const YOUNG_MIB = '--max-semi-space-size=2';
/** For this thread: two halves of 8 MiB each, where Node would keep two of 16 for good. */
const YOUNG_BYTES = 8_000_000;
const TRIES_MAX = 1_000;

/** From here on TypeScript can be imported as it is. A process that stays for months is told first to be modest with memory. */
export async function runTypeScript({ stays }) {
  if (stays) for (const flag of [HEAP_GROWTH, YOUNG_MIB]) setFlagsFromString(flag);
  await import('tsx');
  if (!stays) return;
  boundYoung();
  // Every module's source map would be kept beside it for as long as the process lives.
  if (!process.env.STEWARD_DEBUG) process.setSourceMapsEnabled(false);
}

/** The bound of a heap's young part is read before any code runs; what can be said later is by which factor it grows. */
function boundYoung() {
  setFlagsFromString('--semi-space-growth-factor=4');
  const kept = [];
  for (let tries = 0; tries < TRIES_MAX && young() < YOUNG_BYTES; tries += 1)
    kept.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
  setFlagsFromString('--semi-space-growth-factor=1');
}

function young() {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? YOUNG_BYTES;
}
