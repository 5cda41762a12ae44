import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a server on this machine leaves in its folder (`.steward/`) so that the command finds it without being told. */
export interface LocalEndpoint {
  /** Base address, e.g. `http://127.0.0.1:7070`. */
  url: string;
  token: string | null;
}

const ENDPOINT = 'endpoint.json';
const TOKEN = 'token';

/** Written by the server once it listens; whole or not at all. The token lies beside it in `token`, mode 0600. */
export function writeLocalEndpoint(folder: string, { url }: { url: string }): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${ENDPOINT}.${process.pid}`);
  writeFileSync(temporary, `${JSON.stringify({ url })}\n`, { mode: 0o600 });
  renameSync(temporary, join(folder, ENDPOINT));
}

/** The nearest `.steward/` of a server, going up from a folder. */
export function findLocalEndpoint(from: string): LocalEndpoint | null {
  for (let folder = from, depth = 0; depth < 64; folder = dirname(folder), depth++) {
    const found = readLocalEndpoint(join(folder, '.steward'));
    if (found !== null) return found;
    if (dirname(folder) === folder) return null;
  }
  return null;
}

function readLocalEndpoint(folder: string): LocalEndpoint | null {
  const file = join(folder, ENDPOINT);
  if (!existsSync(file)) return null;
  try {
    const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url?: unknown };
    if (typeof url !== 'string') return null;
    const token = join(folder, TOKEN);
    return { url, token: existsSync(token) ? readFileSync(token, 'utf8').trim() : null };
  } catch {
    // Not ours, or not for us to read: the command then says that it knows no server.
    return null;
  }
}
