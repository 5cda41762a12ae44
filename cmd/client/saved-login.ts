import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';

/** Keeps the token of a sign-in beside the configuration file, in a file that only its owner may read, and names it there. */
export function saveLogin(configFile: string, { url, token }: { url: string; token: string }): string {
  const tokenFile = join(dirname(configFile), 'token');
  mkdirSync(dirname(configFile), { recursive: true, mode: 0o700 });
  writeWhole(tokenFile, `${token}\n`);
  const document = parseDocument(existsSync(configFile) ? readFileSync(configFile, 'utf8') : '{}\n');
  document.set('url', url);
  document.set('tokenFile', tokenFile);
  document.delete('token');
  writeWhole(configFile, document.toString({ flowCollectionPadding: false }));
  return tokenFile;
}

/** Forgets the token; the server that is meant stays. */
export function forgetLogin(configFile: string): void {
  rmSync(join(dirname(configFile), 'token'), { force: true });
  if (!existsSync(configFile)) return;
  const document = parseDocument(readFileSync(configFile, 'utf8'));
  document.delete('tokenFile');
  writeWhole(configFile, document.toString());
}

/** Whole or not at all, and never readable by others, not even for a moment. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  renameSync(draft, path);
}
