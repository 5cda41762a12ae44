import { createHash } from 'node:crypto';
import type { Manifest } from './manifest.ts';

/** What is remembered of a document that was read and found right: its manifests, with their pointers within a List. */
export type RememberedDocument = readonly { manifest: Manifest; prefix: string }[];

/** Documents by the hash of their text, so that what did not change is not read again. */
export interface DocumentCache {
  get(hash: string): RememberedDocument | undefined;
  set(hash: string, document: RememberedDocument): void;
}

/** Keeps at most `capacity` documents, dropping the one that was not used for longest. */
export function memoryCache(capacity: number): DocumentCache {
  const documents = new Map<string, RememberedDocument>();
  return {
    get(hash) {
      const found = documents.get(hash);
      if (found) {
        documents.delete(hash);
        documents.set(hash, found);
      }
      return found;
    },
    set(hash, document) {
      documents.delete(hash);
      documents.set(hash, document);
      const oldest = documents.size > capacity ? documents.keys().next().value : undefined;
      if (oldest !== undefined) documents.delete(oldest);
    },
  };
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
