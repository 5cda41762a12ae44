import type { Ports } from '../../resources/ports.ts';
import type { OpenBooks } from './books.ts';
import { type Identity, keepTidy } from './identity.ts';
import { keepDelivering } from './mail.ts';
import type { OpenPayments } from './payments.ts';
import { keepSealing } from './sealing.ts';
import type { ServerOptions } from './server.ts';
import { keepSweeping } from './sweeping.ts';

/** What is done beside the reconcile loops, until the stop. */
export function keepChores(
  options: ServerOptions,
  {
    ports,
    books,
    payments,
    web,
    stop,
  }: {
    ports: Ports;
    books: OpenBooks;
    payments: OpenPayments;
    web: { identity: Pick<Identity, 'letterSeal' | 'tidy'>; chain: Parameters<typeof keepSealing>[0] };
    stop: AbortSignal;
  },
): Promise<unknown> {
  const { storage, vault, onError } = options;
  const sweep = { ...options.sweep, mine: () => storage.holds('sweeper'), onError };
  const tidy = async () => {
    await storage.keys.forget();
    return web.identity.tidy();
  };
  return Promise.all([
    keepSweeping(ports, storage.store, sweep, stop),
    storage.reseal(vault.rewrap).catch(onError),
    books.keep(stop),
    payments.keep(stop),
    keepDelivering(options.mail, {
      queue: storage.letters(web.identity.letterSeal),
      store: storage.store,
      stop,
      onError,
    }),
    keepSealing(web.chain, { stop, onError }),
    keepTidy(tidy, { stop, onError }),
  ]);
}
