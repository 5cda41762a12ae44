import { jsonEqual } from '../../../reconciler/equal.ts';
import type { Json, JsonObject } from '../../../reconciler/json.ts';
import { CATALOGUE, isSettingKey, type SettingKey } from './catalogue.ts';

/** What one write made of a Setting. Appended with the write, never changed, and kept when the object is gone. */
export interface SettingFact {
  /** Epoch ms, on the clock of the store. */
  at: number;
  uid: string;
  name: string;
  generation: number;
  actor: string;
  onBehalfOf: string | null;
  /** As wished: key, scope, value, reason. */
  spec: JsonObject;
  /** Epoch ms from which it is deleted; null: it is not. */
  deletedAt: number | null;
  /** Token of the request `approve`: the generation that somebody agreed to. */
  approve: string | null;
}

/** Where a value counts; null on both: everywhere. */
export interface Where {
  channel: string | null;
  accountType: string | null;
}

/** A value that was wished, and by whom. */
export interface Wish {
  value: Json;
  generation: number;
  /** Epoch ms of the write. */
  at: number;
  /** Everybody who had a hand in it. */
  by: readonly string[];
  reason: string | null;
}

/** A value in force. */
export interface InForce extends Wish {
  /** Who agreed; null where nobody had to. */
  approvedBy: string | null;
  /** Epoch ms from which it is in force. */
  since: number;
}

/** One Setting as it stands. */
export interface Standing extends Where {
  uid: string;
  name: string;
  key: SettingKey;
  inForce: InForce | null;
  /** Waits for another person. */
  awaiting: Wish | null;
}

/** Pure: what stood at an instant, by uid. Facts in the order in which they were written; those of keys that are no more are left out. */
export function standingAt(facts: readonly SettingFact[], at: number): ReadonlyMap<string, Standing> {
  const standings = new Map<string, Standing & { token: string | null }>();
  for (const fact of facts) {
    if (fact.at > at) continue;
    const { key } = fact.spec;
    if (typeof key !== 'string' || !isSettingKey(key)) continue;
    const before = standings.get(fact.uid);
    if (fact.deletedAt !== null && fact.deletedAt <= at) {
      standings.delete(fact.uid);
      continue;
    }
    standings.set(fact.uid, { ...after(before, fact, key), token: fact.approve });
  }
  return standings;
}

function after(
  before: (Standing & { token: string | null }) | undefined,
  fact: SettingFact,
  key: SettingKey,
): Standing {
  const { channel = null, accountType = null, value } = fact.spec as Partial<Where> & { value: Json };
  const place = { uid: fact.uid, name: fact.name, key, channel, accountType };
  const wish = wished(before, fact, value);
  if (before?.inForce && jsonEqual(before.inForce.value, value))
    return {
      ...place,
      inForce: { ...before.inForce, generation: fact.generation, reason: wish.reason },
      awaiting: null,
    };
  if (!CATALOGUE[key].requiresApproval)
    return { ...place, inForce: { ...wish, approvedBy: null, since: fact.at }, awaiting: null };
  const agreed = fact.approve !== (before?.token ?? null) && fact.approve === String(fact.generation);
  const person = personOf(fact);
  if (agreed && before?.awaiting?.generation === fact.generation && !wish.by.includes(person))
    return { ...place, inForce: { ...wish, approvedBy: person, since: fact.at }, awaiting: null };
  return { ...place, inForce: before?.inForce ?? null, awaiting: wish };
}

/** Whoever changes anything of a wish that waits is one of its makers: nobody agrees to what is partly their own. */
function wished(before: Standing | undefined, fact: SettingFact, value: Json): Wish {
  const waiting = before?.awaiting ?? null;
  if (waiting !== null && waiting.generation === fact.generation) return waiting;
  const reason = typeof fact.spec.reason === 'string' ? fact.spec.reason : null;
  const by = [...new Set([...(waiting?.by ?? []), personOf(fact)])];
  return { value, generation: fact.generation, at: fact.at, by, reason };
}

/** The person behind a principal: keys act for their owners, and whoever masquerades is still who they are. */
export function personOf({ actor, onBehalfOf }: { actor: string; onBehalfOf: string | null }): string {
  return actor.startsWith('key:') && onBehalfOf !== null ? onBehalfOf : actor;
}
