import type { Ids } from '../../reconciler/clock.ts';
import type { ObjectStore } from '../../reconciler/store.ts';

export interface Installation {
  /** Written into everything made outside: another installation's things are foreign. */
  id: string;
}

const NAME = 'installation';

/** The identity of this installation, made with its database and kept there. */
export async function installationOf(
  store: Pick<ObjectStore, 'getValue' | 'setValue'>,
  ids: Ids,
): Promise<Installation> {
  const known = await store.getValue(NAME);
  if (typeof known?.id === 'string') return { id: known.id };
  const id = ids.uid();
  await store.setValue(NAME, { id });
  return { id };
}
