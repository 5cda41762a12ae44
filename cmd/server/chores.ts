import { lettersByOutbox } from '../../identity/letters.ts';
import type { Ports } from '../../resources/ports.ts';
import type { Job } from '../../resources/support/setting/jobs.ts';
import type { OpenBooks } from './books.ts';
import { keepCounting } from './counting.ts';
import { systemClock } from './environment.ts';
import { type Identity, keepTidy } from './identity.ts';
import { letterWords } from './letter-words.ts';
import type { LiveSettings } from './live-settings.ts';
import { keepDelivering } from './mail.ts';
import type { OpenPayments } from './payments.ts';
import { enclosures, keepReporting } from './report-letters.ts';
import { resealOnce } from './resealing.ts';
import { keepSealing } from './sealing.ts';
import type { ServerOptions } from './server.ts';
import { keepSweeping } from './sweeping.ts';

/** What is done beside the reconcile loops, until the stop. */
export function keepChores(
  options: ServerOptions & { settings: Pick<LiveSettings, 'pauseOf'> },
  {
    ports,
    books,
    payments,
    web,
    reading,
    stop,
  }: {
    ports: Ports;
    books: OpenBooks;
    payments: OpenPayments;
    web: { identity: Pick<Identity, 'letterSeal' | 'tidy'>; chain: Parameters<typeof keepSealing>[0] };
    reading: Parameters<typeof enclosures>[0];
    stop: AbortSignal;
  },
): Promise<unknown> {
  const { storage, vault, settings, onError } = options;
  const paused = (job: Job) => () => settings.pauseOf(job) !== null;
  const sweep = { ...options.sweep, mine: () => storage.holds('sweeper') && !paused('sweeping')(), onError };
  const tidy = async () => {
    await storage.keys.forget();
    return web.identity.tidy();
  };
  return Promise.all([
    keepSweeping(ports, storage.store, sweep, stop),
    resealOnce(storage, vault, onError),
    books.keep(stop),
    options.counting && keepCounting({ ...storage, ...ports, onError }, options.counting, stop),
    payments.keep(stop),
    keepDelivering(options.mail, {
      queue: storage.letters(web.identity.letterSeal),
      words: letterWords({
        store: storage.store,
        records: storage.identity.records,
        secrets: { blindIndexes: vault.personal.indexes },
      }),
      stop,
      onError,
      paused: paused('letters'),
      enclosed: enclosures(reading),
    }),
    keepReporting(
      {
        store: storage.store,
        letters: lettersByOutbox(storage.identity.outbox, { ...web.identity.letterSeal, now: systemClock.now }),
        now: storage.reportFacts.now,
        mine: () => storage.holds('reports'),
        paused: paused('reports'),
        onError,
      },
      stop,
    ),
    keepSealing(web.chain, { stop, onError, paused: paused('auditing') }),
    keepTidy(tidy, { stop, onError, paused: paused('tidying') }),
  ]);
}
