import { join } from 'node:path';
import { loadToken } from './tokens.ts';

/** With what the sandbox signs its webhooks: made once, in the server's data folder, and read by nobody else. */
export async function sandboxSecret(dataDir: string): Promise<string> {
  return (await loadToken(join(dataDir, 'sandbox-webhook-secret'))).token;
}
