import { type Attempt, isOpen, type Purpose } from './attempt.ts';
import type { AttemptStore, Kept, Mail } from './attempt-store.ts';
import { subjectOf } from './collection.ts';

/** Attempts that end with the process, as the database keeps them. */
export function createMemoryAttempts(): AttemptStore {
  const rows = new Map<string, Kept>();
  const letters = new Map<string, Mail & { dueAt: number | null }>();
  const found = (fits: (attempt: Attempt) => boolean) => [...rows.values()].filter(({ attempt }) => fits(attempt));
  return {
    begin: async (attempt) => {
      const inTheWay = (each: Attempt) =>
        each.id === attempt.id || each.key === attempt.key || (isInFlight(each) && isSame(each, attempt));
      if (found(inTheWay).length > 0) return false;
      rows.set(attempt.id, { attempt, version: 1 });
      return true;
    },
    update: async ({ attempt: { id }, version }, to) => {
      if (rows.get(id)?.version !== version) return false;
      rows.set(id, { attempt: to, version: version + 1 });
      return true;
    },
    byId: async (id) => rows.get(id),
    byKey: async (key) => found((each) => each.key === key)[0],
    byExternalId: async ({ gateway, verb, externalId }) =>
      found((each) => each.gateway === gateway && each.verb === verb && each.externalId === externalId)[0],
    ofAccount: async (account) => found((each) => each.account === account).slice(0, ROWS_MAX),
    due: async ({ now, limit }) =>
      found(({ dueAt }) => dueAt <= now)
        .toSorted((a, b) => a.attempt.dueAt - b.attempt.dueAt)
        .slice(0, limit),
    inbox: {
      take: async (mail) => {
        const id = `${mail.gateway}/${mail.id}`;
        if (letters.has(id)) return false;
        letters.set(id, { ...mail, dueAt: mail.receivedAt });
        return true;
      },
      due: async ({ now, limit }) =>
        [...letters.values()].filter(({ dueAt }) => dueAt !== null && dueAt <= now).slice(0, limit),
      done: async (mail, { tries, dueAt }) => {
        letters.set(`${mail.gateway}/${mail.id}`, { ...mail, tries, dueAt });
      },
    },
  };
}

const ROWS_MAX = 1_000;

function isInFlight(attempt: Attempt): boolean {
  return attempt.verb !== 'REFUND' && attempt.state !== 'SUCCEEDED' && isOpen(attempt);
}

function isSame(a: Attempt, b: Attempt): boolean {
  const name = (purpose: Purpose) => `${purpose.type}/${subjectOf(purpose)}`;
  return a.verb === b.verb && a.account === b.account && name(a.purpose) === name(b.purpose);
}
