import { createHash } from 'node:crypto';
import type { AuditBreak } from '../../reconciler/audit-chain.ts';

/** What the first link is linked to. */
const START = '0'.repeat(64);

export interface Link {
  position: number;
  at: number;
  id: number;
  /** In hex. */
  hash: string;
}

export interface Row {
  at: number;
  id: number;
  /** All that the row says. */
  text: string;
}

/** Pure: links for rows after the end of the chain, each of the row and of the link before it. */
export function linksFor(rows: readonly Row[], end: { position: number; hash: string } | undefined): Link[] {
  let { position, hash } = end ?? { position: 0, hash: START };
  return rows.map(({ at, id, text }) => {
    position += 1;
    hash = linked(hash, text);
    return { position, at, id, hash };
  });
}

export interface WalkedLink extends Link {
  /** What its row says now; null where there is none. */
  text: string | null;
  /** In hex, and its signature, where the row was sealed after it was linked. */
  resealed: string | null;
  mac: string | null;
}

/**
 * Pure: walks links with their rows, page by page, and remembers where it stands. Links at the beginning may have been forgotten with
 * their rows, whose time was up (`keptSince`, epoch ms); anywhere else nothing may be missing. A row that was linked in clear and sealed
 * later says something else than what was linked: `isResealed` judges what was signed of it then.
 */
export function createWalk(keptSince: number, isResealed: (row: WalkedLink) => boolean = () => false) {
  let before: Link | undefined;
  const fault = (link: Link): AuditBreak['why'] | null => {
    if (before && link.position !== before.position + 1) return 'LinkMissing';
    return !before && link.position !== 1 && link.at >= keptSince ? 'LinkMissing' : null;
  };
  return {
    end: () => before,
    /** The first fault of the page. */
    walk(page: readonly WalkedLink[]): AuditBreak | null {
      for (const row of page) {
        const { text, ...link } = row;
        const { position, at, id } = link;
        const missing = fault(link);
        if (missing !== null) return { position, at, id, why: missing };
        if (text === null && at >= keptSince) return { position, at, id, why: 'RowMissing' };
        const previous = before?.hash ?? (position === 1 ? START : null);
        // Where the chain begins in the middle, the first hash is taken as it stands.
        if (text !== null && previous !== null && linked(previous, text) !== link.hash && !isResealed(row))
          return { position, at, id, why: 'RowChanged' };
        before = link;
      }
      return null;
    },
  };
}

export function linked(before: string, text: string): string {
  return createHash('sha256').update(Buffer.from(before, 'hex')).update(text, 'utf8').digest('hex');
}
