/**
 * The store did not answer, or cannot take anything at the moment, and kept being so for as long as a call may be tried again. It is nobody's
 * mistake and passes: whoever asked may ask again. What was asked for may have been done all the same.
 */
export class StoreUnavailable extends Error {
  override name = 'StoreUnavailable';

  constructor(cause: unknown) {
    super(`The database is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
