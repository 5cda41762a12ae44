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

/**
 * Pure: walks links with their rows, page by page, and remembers where it stands. Links at the beginning may have been forgotten with
 * their rows, whose time was up (`keptSince`, epoch ms); anywhere else nothing may be missing.
 */
export function createWalk(keptSince: number) {
  let before: Link | undefined;
  const fault = (link: Link): AuditBreak['why'] | null => {
    if (before && link.position !== before.position + 1) return 'LinkMissing';
    return !before && link.position !== 1 && link.at >= keptSince ? 'LinkMissing' : null;
  };
  return {
    end: () => before,
    /** The first fault of the page. */
    walk(page: readonly (Link & { text: string | null })[]): AuditBreak | null {
      for (const { text, ...link } of page) {
        const { position, at, id } = link;
        const missing = fault(link);
        if (missing !== null) return { position, at, id, why: missing };
        if (text === null && at >= keptSince) return { position, at, id, why: 'RowMissing' };
        const previous = before?.hash ?? (position === 1 ? START : null);
        // Where the chain begins in the middle, the first hash is taken as it stands.
        if (text !== null && previous !== null && linked(previous, text) !== link.hash)
          return { position, at, id, why: 'RowChanged' };
        before = link;
      }
      return null;
    },
  };
}

function linked(before: string, text: string): string {
  return createHash('sha256').update(Buffer.from(before, 'hex')).update(text, 'utf8').digest('hex');
}
