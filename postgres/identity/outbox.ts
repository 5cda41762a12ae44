import type { Outbox, WaitingLetter } from '../../identity/letters.ts';
import type { Database } from '../database.ts';
import { PUT_LETTER, WAITING_LETTERS } from './statements.ts';

/** Letters that wait, one row per event, recipient and template. */
export function createOutbox(database: Database): Outbox {
  return {
    put: async ({ id, event, template, recipient, recipientIndex, params, createdAt }) => {
      const values = [id, event, template, recipient, recipientIndex, params, createdAt];
      return (await database.run(PUT_LETTER, values)).length > 0;
    },
    waiting: (limit) => database.run<WaitingLetter>(WAITING_LETTERS, [limit]),
  };
}
