import type { ManifestContext } from '../../billing/wish/catalog.ts';
import { type Fault, Reader } from '../../billing/wish/reader.ts';
import type { SpecIssue } from '../../reconciler/kind.ts';

/**
 * What is meant without knowing the account: its currency may have as many digits as any has, and days differ by its zone only in
 * when they begin.
 */
export const ANY_ACCOUNT: ManifestContext = { zone: 'UTC', currency: 'CLF', at: 0 };

/** Reads a spec as the books will, and gives all that they would find wrong with it. */
export function wishIssues(spec: unknown, read: (reader: Reader) => unknown): SpecIssue[] {
  const faults: Fault[] = [];
  read(new Reader(spec, 'spec', faults));
  return faults.map(({ pointer, message }) => ({ path: pointer, message }));
}
