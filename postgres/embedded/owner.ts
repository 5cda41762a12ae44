import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './processes.ts';

/**
 * Marks a folder as this process's. PostgreSQL itself keeps two servers off one data folder; the mark is there to say who holds it, and
 * to tell a server whose owner died from one that is in use.
 */
export interface Owner {
  release(): Promise<void>;
}

export async function takeOwnership(folder: string): Promise<Owner> {
  const path = join(folder, 'owner.json');
  const startedAt = processIdentity(process.pid)?.startedAt ?? '';
  const mark = JSON.stringify({ pid: process.pid, startedAt, id: randomUUID() });
  const draft = join(folder, `owner.${process.pid}.${Date.now()}`);
  await writeFile(draft, mark, { mode: 0o600 });
  try {
    await place(draft, path, folder);
  } finally {
    await rm(draft, { force: true });
  }
  // Two that find the same dead owner may both replace it; the one whose mark did not last steps back.
  await sleep(30);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept !== mark) throw inUse(folder, pidOf(kept));
  return {
    release: async () => {
      if ((await readFile(path, 'utf8').catch(() => '')) === mark) await rm(path, { force: true });
    },
  };
}

async function place(draft: string, path: string, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await link(draft, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await readFile(path, 'utf8').catch(() => '');
    if (isAlive(text)) throw inUse(folder, pidOf(text));
    await rm(path, { force: true });
  }
  throw inUse(folder, null);
}

function isAlive(text: string): boolean {
  const { pid, startedAt } = parse(text);
  if (pid === null) return false;
  const identity = processIdentity(pid);
  return identity !== null && identity.startedAt === startedAt;
}

function pidOf(text: string): number | null {
  return parse(text).pid;
}

function parse(text: string): { pid: number | null; startedAt: string } {
  try {
    const { pid, startedAt } = JSON.parse(text) as { pid?: unknown; startedAt?: unknown };
    return { pid: typeof pid === 'number' ? pid : null, startedAt: typeof startedAt === 'string' ? startedAt : '' };
  } catch {
    return { pid: null, startedAt: '' };
  }
}

function inUse(folder: string, pid: number | null): Error {
  const who =
    pid === null ? 'another process' : pid === process.pid ? `this process (${pid}) already` : `process ${pid}`;
  return new Error(
    `The database in ${folder} is in use by ${who}. Stop that process, or give this one another folder or --database postgres://….`,
  );
}
