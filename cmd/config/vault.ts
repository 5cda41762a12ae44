import { join } from 'node:path';
import { type KeySource, loadKeyRing } from '../../integrations/seal/key-source.ts';
import { createVault, type Vault } from '../../integrations/seal/seal.ts';
import type { Settings } from './settings.ts';

export function keyFileOf({ sealing, dataDir }: Settings): string {
  return sealing.keyFile || join(dataDir, 'keys.json');
}

/** Where the settings say that the keys are. */
export async function openVault(settings: Settings): Promise<Vault> {
  const { keys, command } = settings.sealing;
  const source: KeySource = { text: keys, command, file: keyFileOf(settings) };
  return createVault(await loadKeyRing(source));
}
