import { isQuiet } from '../reconciler/completion.ts';
import { keyOf } from '../reconciler/object.ts';
import { ENGINE } from '../reconciler/principal.ts';
import type { CompleteResult, Completion, EngineStore } from '../reconciler/store.ts';
import { applyChildren } from './children.ts';
import type { Channel, Database, Done, Transaction } from './database.ts';
import { isolated } from './isolate.ts';
import { lockRows } from './lock-rows.ts';
import type { SealedRows } from './personal/rows.ts';
import { readyGeneration } from './rows.ts';
import { shrinkClaims } from './shrink-claims.ts';
import { json } from './statement.ts';
import { APPEND_EVENTS } from './statements/append-events.ts';
import { APPEND_JOURNAL } from './statements/append-journal.ts';
import { APPEND_STEPS } from './statements/append-steps.ts';
import { LOCK_CAPACITY } from './statements/lock-capacity.ts';
import { RELEASE } from './statements/release.ts';
import { REMOVE_OBJECTS } from './statements/remove-objects.ts';
import { SETTLE_BINDINGS } from './statements/settle-bindings.ts';
import { WAKE_CONCERNED } from './statements/wake-concerned.ts';
import { WAKE_UP } from './statements/wake-up.ts';
import { WRITE_STATUSES } from './statements/write-statuses.ts';

/** All completions of a call are one transaction of a constant number of statements; what a batch does not need is not sent. */
export function createComplete(database: Database, rows: SealedRows): Pick<EngineStore, 'complete'> {
  return {
    complete: async (completions) => {
      if (completions.length === 0) return [];
      return isolated(completions, (some) =>
        some.every(isQuiet) ? completeQuietly(database, some) : database.transaction((tx) => complete(tx, rows, some)),
      );
    },
  };
}

/**
 * One statement that commits by itself and leaves no receipt: should its answer be lost, the second try finds the rows released and says
 * `fenced`, which is true by then and costs nothing.
 */
async function completeQuietly(database: Database, completions: readonly Completion[]): Promise<CompleteResult[]> {
  const { released, due } = await release(database, completions);
  if (due) await database.run(WAKE_UP, ['steward_queue']);
  return completions.map(({ claim }) => (released.delete(identity(claim)) ? 'done' : 'fenced'));
}

async function complete(
  tx: Transaction,
  rows: SealedRows,
  completions: readonly Completion[],
): Promise<Done<CompleteResult[]>> {
  const held = await lock(tx, completions);
  const valid = completions.filter(({ claim }) => held.has(claim));
  const channels = await apply(tx, rows, valid);
  const { released, due } = await release(
    tx,
    valid.filter(({ remove }) => !remove),
  );
  const results = completions.map(({ claim, remove }): CompleteResult => {
    const done = held.has(claim) && (remove || released.delete(identity(claim)));
    return done ? 'done' : 'fenced';
  });
  return { commit: true, value: results, notify: due ? [...channels, 'steward_queue'] : channels };
}

function identity({ uid, epoch }: { uid: string; epoch: number }): string {
  return `${uid}/${epoch}`;
}

function lock(tx: Transaction, completions: readonly Completion[]) {
  const children = completions.flatMap((completion) => completion.children.apply.map(({ object }) => object));
  return lockRows(tx, {
    claims: completions.map(({ claim }) => claim),
    uids: [
      ...completions.flatMap((completion) => completion.children.remove),
      ...children.flatMap(({ metadata }) => metadata.ownerUid ?? []),
    ],
    changing: completions.filter(changes).map(({ claim }) => claim.uid),
    keys: children.map(keyOf),
  });
}

function changes({ status, remove }: Completion): boolean {
  return status !== null || remove;
}

/** What needs no answer of the one before leaves together; the connection keeps the order. */
async function apply(tx: Transaction, rows: SealedRows, completions: readonly Completion[]): Promise<Channel[]> {
  const written = await applyChildren(tx, rows, completions);
  await shrinkClaims(tx, completions);
  const changed = completions.filter(changes).map(({ claim }) => claim.uid);
  const removed = completions.filter(({ remove }) => remove).map(({ claim }) => claim.uid);
  const sent = [appendRecords(tx, completions), settleBindings(tx, completions), writeStatuses(tx, completions)];
  const wakes = changed.length > 0 ? tx.run(WAKE_CONCERNED, [changed]) : Promise.resolve([]);
  const [woken] = await Promise.all([wakes, ...sent.flat(), ...remove(tx, removed)]);
  const channels: Channel[] = changed.length > 0 || written ? ['steward_changes'] : [];
  return woken.length > 0 || written ? [...channels, 'steward_queue'] : channels;
}

function writeStatuses(tx: Transaction, completions: readonly Completion[]): Promise<unknown>[] {
  const rows = completions.flatMap(({ claim, status }) =>
    status === null ? [] : [{ uid: claim.uid, status, ready_generation: readyGeneration(status) }],
  );
  return rows.length > 0 ? [tx.run(WRITE_STATUSES, [json(rows)])] : [];
}

function remove(tx: Transaction, uids: readonly string[]): Promise<unknown>[] {
  return uids.length > 0 ? [tx.run(LOCK_CAPACITY, [uids, '[]']), tx.run(REMOVE_OBJECTS, [uids])] : [];
}

async function release(
  tx: Pick<Transaction, 'run'>,
  completions: readonly Completion[],
): Promise<{ released: Set<string>; due: boolean }> {
  if (completions.length === 0) return { released: new Set(), due: false };
  const rows = await tx.run<{ uid: string; epoch: number; due: boolean }>(RELEASE, [
    json(
      completions.map(({ claim, dueAt, attempts, shard }) => ({
        uid: claim.uid,
        epoch: claim.epoch,
        due_at: Math.round(dueAt),
        attempts,
        shard,
      })),
    ),
  ]);
  return { released: new Set(rows.map(identity)), due: rows.some((row) => row.due) };
}

function appendRecords(tx: Transaction, completions: readonly Completion[]): Promise<unknown>[] {
  const steps = completions.flatMap(({ claim, steps: taken }) =>
    taken.map(({ startedAt, ...step }) => ({ uid: claim.uid, at: Math.round(startedAt), step })),
  );
  const events = completions.flatMap(({ claim, events: told }) => told.map((event) => ({ uid: claim.uid, ...event })));
  const journal = completions.flatMap(({ claim, journal: levels }) =>
    [...new Map(levels.map((level) => [level.meter, level])).values()].map(({ meter, level, attributes, runId }) => ({
      uid: claim.uid,
      meter,
      level,
      attributes,
      run_id: runId,
    })),
  );
  return [
    ...(steps.length > 0 ? [tx.run(APPEND_STEPS, [json(steps)])] : []),
    ...(events.length > 0 ? [tx.run(APPEND_EVENTS, [json(events), ENGINE.actor])] : []),
    ...(journal.length > 0 ? [tx.run(APPEND_JOURNAL, [json(journal)])] : []),
  ];
}

function settleBindings(tx: Transaction, completions: readonly Completion[]): Promise<unknown>[] {
  const confirmed = completions.flatMap(({ claim, confirm }) =>
    confirm.map(({ place, externalId }) => ({ uid: claim.uid, place, external_id: externalId })),
  );
  const unbound = completions.flatMap(({ claim, unbind }) => unbind.map((place) => ({ uid: claim.uid, place })));
  return confirmed.length + unbound.length > 0 ? [tx.run(SETTLE_BINDINGS, [json(confirmed), json(unbound)])] : [];
}
