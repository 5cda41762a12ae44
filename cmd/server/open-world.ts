import { createContent, DEFAULT_CONTENT_OPTIONS } from '../../integrations/content/content.ts';
import type { Admission } from '../../reconciler/admission/apply.ts';
import type { AccountsPort, BooksPort, Ports } from '../../resources/ports.ts';
import type { ChangeBell } from './changes.ts';
import type { Closing } from './closing.ts';
import { systemClock } from './environment.ts';
import type { LiveSettings } from './live-settings.ts';
import { peoplePorts } from './people-ports.ts';
import type { ServerOptions } from './server.ts';
import { openSources } from './sources.ts';
import { assemblePorts } from './world.ts';

export interface WorldParts {
  installationId: string;
  admission: Admission;
  bell: ChangeBell;
  books: BooksPort;
  accounts: AccountsPort;
}

/** Opens everything outside of the database, as the kinds see it. */
export async function openWorld(
  options: ServerOptions & { settings: LiveSettings },
  { installationId, admission, bell, books, accounts }: WorldParts,
  closing: Closing,
): Promise<Ports> {
  const { storage, vault } = options;
  const hypervisors = await options.hypervisors.directory(installationId);
  closing.add(() => hypervisors.close());
  const sources = openSources({
    ...options,
    admission,
    changed: (uid) => void storage.store.wake([uid]).then(bell.ring, options.onError),
  });
  closing.add(() => sources.close());
  const content = createContent({
    ...DEFAULT_CONTENT_OPTIONS,
    imageFolders: options.imageFolders,
    allowedHosts: options.allowedHosts,
  });
  return assemblePorts({
    hypervisors,
    store: storage.store,
    secrets: vault,
    content,
    sources,
    books,
    accounts,
    settings: options.settings.port,
    ...peoplePorts(storage, vault),
    now: systemClock.now,
  });
}
