/** What a caller passed as a cursor is none that a page of the list can have returned. */
export class CursorError extends Error {
  constructor(cursor: string) {
    super(`${JSON.stringify(cursor.slice(0, 80))} is no cursor of this list; pass one that a page returned.`);
  }
}
