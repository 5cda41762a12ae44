import { keyOf } from '../reconciler/object.ts';
import { ENGINE } from '../reconciler/principal.ts';
import type { CompleteResult, Completion, EngineStore } from '../reconciler/store.ts';
import { applyChildren } from './children.ts';
import type { Channel, Database, Transaction } from './database.ts';
import { lockRows } from './lock-rows.ts';
import { type Kinds, readyGeneration } from './rows.ts';
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
import { WRITE_STATUSES } from './statements/write-statuses.ts';

/** All completions of a call are one transaction of a constant number of statements; what a batch does not need is not sent. */
export function createComplete(database: Database, kinds: Kinds): Pick<EngineStore, 'complete'> {
  return {
    complete: async (completions) => {
      if (completions.length === 0) return [];
      return database.transaction(async (tx) => {
        const quiet = completions.every(isQuiet);
        const held = quiet ? new Set(completions.map(({ claim }) => claim)) : await lock(tx, completions);
        const valid = completions.filter(({ claim }) => held.has(claim));
        const channels = quiet ? [] : await apply(tx, kinds, valid);
        const { released, due } = await release(
          tx,
          valid.filter(({ remove }) => !remove),
        );
        const results = completions.map(({ claim, remove }): CompleteResult => {
          const done = held.has(claim) && (remove || released.delete(identity(claim)));
          return done ? 'done' : 'fenced';
        });
        return { commit: true, value: results, notify: due ? [...channels, 'steward_queue'] : channels };
      });
    },
  };
}

function identity({ uid, epoch }: { uid: string; epoch: number }): string {
  return `${uid}/${epoch}`;
}

/** The pass that found nothing to do: only the queue row moves on. */
function isQuiet(completion: Completion): boolean {
  const { status, claims, remove, children } = completion;
  const lists = [
    completion.steps,
    completion.events,
    completion.journal,
    completion.confirm,
    completion.unbind,
    children.apply,
    children.remove,
  ];
  return status === null && claims === null && !remove && lists.every((list) => list.length === 0);
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

async function apply(tx: Transaction, kinds: Kinds, completions: readonly Completion[]): Promise<Channel[]> {
  const channels = new Set<Channel>();
  if (await applyChildren(tx, kinds, completions)) {
    channels.add('steward_queue').add('steward_changes');
  }
  await appendRecords(tx, completions);
  await settleBindings(tx, completions);
  await shrinkClaims(tx, completions);
  const statuses = completions.filter(({ status }) => status !== null);
  if (statuses.length > 0) {
    await tx.run(WRITE_STATUSES, [
      json(
        statuses.map(({ claim, status }) => ({
          uid: claim.uid,
          status,
          ready_generation: status ? readyGeneration(status) : 0,
        })),
      ),
    ]);
  }
  const changed = completions.filter(changes).map(({ claim }) => claim.uid);
  if (changed.length > 0) {
    channels.add('steward_changes');
    const woken = await tx.run(WAKE_CONCERNED, [changed]);
    if (woken.length > 0) channels.add('steward_queue');
  }
  const removed = completions.filter(({ remove }) => remove).map(({ claim }) => claim.uid);
  if (removed.length > 0) {
    await tx.run(LOCK_CAPACITY, [removed, '[]']);
    await tx.run(REMOVE_OBJECTS, [removed]);
  }
  return [...channels];
}

async function release(
  tx: Transaction,
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

async function appendRecords(tx: Transaction, completions: readonly Completion[]): Promise<void> {
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
  if (steps.length > 0) await tx.run(APPEND_STEPS, [json(steps)]);
  if (events.length > 0) await tx.run(APPEND_EVENTS, [json(events), ENGINE.actor]);
  if (journal.length > 0) await tx.run(APPEND_JOURNAL, [json(journal)]);
}

async function settleBindings(tx: Transaction, completions: readonly Completion[]): Promise<void> {
  const confirmed = completions.flatMap(({ claim, confirm }) =>
    confirm.map(({ place, externalId }) => ({ uid: claim.uid, place, external_id: externalId })),
  );
  const unbound = completions.flatMap(({ claim, unbind }) => unbind.map((place) => ({ uid: claim.uid, place })));
  if (confirmed.length + unbound.length > 0) await tx.run(SETTLE_BINDINGS, [json(confirmed), json(unbound)]);
}
