import type { AuditBreak, AuditChain, AuditVerdict } from '../../reconciler/audit-chain.ts';
import type { Database, Transaction } from '../database.ts';
import { json } from '../statement.ts';
import {
  ADDED,
  CHAIN_END,
  FORGET_LINKS,
  LINK,
  LINKED,
  SEAL,
  SIGN,
  TRY_SEALING,
  UNLINKED,
} from '../statements/audit-chain.ts';
import { CLOCK } from '../statements/clock.ts';
import { createWalk, type Link, linksFor, type Row, type WalkedLink } from './chain.ts';
import { isResealed } from './reseal.ts';

export interface AuditChainOptions {
  /** Signs a text with a key that is not in the database; the same text always gets the same signature. */
  sign(text: string): string;
  /** How long audit rows are kept. */
  keptMs: number;
}

const BATCH = 5_000;
const PAGE = 2_000;
const DAY_MS = 86_400_000;
/** Longest that a change may take from its beginning, which dates its rows, to its commit. */
const LATE_MS = 300_000;
/** How far back the first look after a start goes, and every look that follows long after the one before. */
const FIRST_LOOK_MS = DAY_MS;
/** Partitions of the audit trail are dropped whole: rows may outlive their time by one. */
const SLICE_MS = 31 * DAY_MS;

/** The audit trail as a chain of hashes: whatever is changed, added behind it or taken away later shows, and where. */
export function createAuditChain(database: Database, options: AuditChainOptions): AuditChain {
  let lookedAt = 0;
  const now = async () => (await database.run<{ now: number }>(CLOCK, []))[0]?.now ?? 0;
  return {
    seal: async () => {
      const started = await now();
      const since = started - (started - lookedAt > LATE_MS / 2 ? FIRST_LOOK_MS : LATE_MS);
      const sealed = await database.transaction(async (tx) => ({
        commit: true,
        value: await seal(tx, options, { since, now: started }),
      }));
      if (sealed !== null && sealed < BATCH) lookedAt = started;
      return sealed ?? 0;
    },
    verify: async () => verify(database, options, await now()),
  };
}

/** Null: another instance is at it. */
async function seal(
  tx: Transaction,
  { sign, keptMs }: AuditChainOptions,
  { since, now }: { since: number; now: number },
): Promise<number | null> {
  const [lock] = await tx.run<{ mine: boolean }>(TRY_SEALING, []);
  if (!lock?.mine) return null;
  const [end] = await tx.run<{ position: number; hash: string }>(CHAIN_END, []);
  const rows = await tx.run<Row>(UNLINKED, [since, BATCH]);
  if (rows.length === 0) return 0;
  const links = linksFor(rows, end);
  const last = links.at(-1) as Link;
  await tx.run(LINK, [json(links)]);
  await tx.run(SIGN, [last.position, last.hash, sign(signedText(last))]);
  await tx.run(FORGET_LINKS, [now - keptMs - 2 * SLICE_MS]);
  return rows.length;
}

function signedText({ position, hash }: Pick<Link, 'position' | 'hash'>): string {
  return `audit:${position}:${hash}`;
}

async function verify(database: Database, { sign, keptMs }: AuditChainOptions, now: number): Promise<AuditVerdict> {
  const keptSince = now - keptMs;
  // Read first: what is sealed meanwhile is only more.
  const [seal] = await database.run<{ position: number; hash: string; mac: string; sealed_at: number }>(SEAL, []);
  const walk = createWalk(keptSince, (row) => isResealed(row, sign));
  let rows = 0;
  let sealed: string | undefined;
  let broken: AuditBreak | null = null;
  while (broken === null) {
    const page = await database.run<WalkedLink>(LINKED, [walk.end()?.position ?? 0, PAGE]);
    broken = walk.walk(page);
    rows += page.filter(({ text }) => text !== null).length;
    sealed ??= page.find(({ position }) => position === seal?.position)?.hash;
    if (page.length < PAGE) break;
  }
  const end = walk.end();
  broken ??= endFault({ seal, sealed, end, sign });
  broken ??= await added(database, { since: keptSince, until: now - FIRST_LOOK_MS });
  return { rows, head: end?.hash ?? null, sealedAt: seal?.sealed_at ?? null, broken };
}

function endFault({
  seal,
  sealed,
  end,
  sign,
}: {
  seal: { position: number; hash: string; mac: string } | undefined;
  sealed: string | undefined;
  end: Link | undefined;
  sign(text: string): string;
}): AuditBreak | null {
  const at = (why: AuditBreak['why']) => ({
    position: seal?.position ?? end?.position ?? null,
    at: null,
    id: null,
    why,
  });
  if (!seal) return end ? at('SealWrong') : null;
  if (sealed === undefined) return at('EndMissing');
  return sealed === seal.hash && sign(signedText(seal)) === seal.mac ? null : at('SealWrong');
}

async function added(
  database: Database,
  { since, until }: { since: number; until: number },
): Promise<AuditBreak | null> {
  const [row] = await database.run<{ at: number; id: number }>(ADDED, [since, until]);
  return row ? { position: null, at: row.at, id: row.id, why: 'RowAdded' } : null;
}
