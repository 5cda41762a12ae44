import { lookup } from 'node:dns/promises';

const RESOLVE_TIMEOUT_MS = 10_000;

/** The system's resolver has no deadline of its own. */
export async function resolveAll(hostname: string): Promise<string[]> {
  let overdue: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    overdue = setTimeout(() => reject(new Error('no answer in time')), RESOLVE_TIMEOUT_MS);
  });
  try {
    const found = await Promise.race([lookup(hostname, { all: true, verbatim: true }), late]);
    return found.map(({ address }) => address);
  } finally {
    clearTimeout(overdue);
  }
}
