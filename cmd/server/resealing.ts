import type { Vault } from '../../integrations/seal/seal.ts';
import type { Storage } from './storage.ts';

/** At the start: brings all that is sealed under the current key, and says which keys are missing for the rest. */
export async function resealOnce(
  storage: Pick<Storage, 'reseal'>,
  { current, rewrap, fingerprint: sign }: Pick<Vault, 'current' | 'rewrap' | 'fingerprint'>,
  onError: (error: unknown) => void,
): Promise<void> {
  const left = new Set<string>();
  const noting = (sealed: string) => {
    const fresh = rewrap(sealed);
    if (fresh === null) left.add(keyIdOf(sealed));
    return fresh;
  };
  await storage.reseal({ current, sign, rewrap: noting }).catch(onError);
  left.delete(current);
  if (left.size > 0)
    onError(
      new Error(
        `Some values that are kept cannot be opened: they are sealed with ${[...left].sort().join(', ')}, which the keys do not have. Put it back among the keys; until then these values are shown sealed.`,
      ),
    );
}

/** Of a secret or a personal value: wrapped key and body follow it. */
function keyIdOf(sealed: string): string {
  return sealed.split(':').at(-3) ?? '';
}
