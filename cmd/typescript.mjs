import { setFlagsFromString } from 'node:v8';

/** A heap may grow by a quarter between two collections, where Node would let it grow to several times what lives. */
const HEAP_GROWTH = '--heap-growing-percent=25';
/** For the thread that translates TypeScript: what is young there dies at once, so 2 MiB of it do as well as the usual 16. */
const YOUNG_MIB = '--max-semi-space-size=2';

/** From here on TypeScript can be imported as it is. A process that stays for months is told first to be modest with memory. */
export async function runTypeScript({ stays }) {
  if (stays) for (const flag of [HEAP_GROWTH, YOUNG_MIB]) setFlagsFromString(flag);
  await import('tsx');
  // Every module's source map would be kept beside it for as long as the process lives.
  if (stays && !process.env.STEWARD_DEBUG) process.setSourceMapsEnabled(false);
}
