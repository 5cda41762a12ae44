import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { KeyClaim, KeyClaimed } from '../../reconciler/idempotency.ts';
import type { Json } from '../../reconciler/json.ts';
import type { Principal } from '../../reconciler/principal.ts';
import type { Api } from '../api.ts';
import type { Context } from '../context.ts';
import { UserError } from '../derive/list.ts';
import type { AnswerForm } from './kept-answer.ts';
import type { Repeating } from './repeating.ts';

export interface Keyed {
  name: string;
  key: string;
  args: Readonly<Record<string, unknown>>;
  repeating: Repeating;
  form: AnswerForm;
  run(context: Context): unknown;
}

/** Longer than a request takes. Should one take longer all the same, its transaction finds the key taken, and is not committed. */
const LEASE_MS = 120_000;
const PAUSE_MS = 100;
/** Ten seconds in all. */
const LOOKS_MAX = 100;

/** Runs a mutation once for a key. Whoever comes while it runs waits, and is told in the end if that takes too long. */
export async function onceUnder(context: Context, keyed: Keyed): Promise<unknown> {
  const { keys, admission } = context.api;
  const { clock, ids } = admission.environment;
  const claim = { principal: whose(context.principal), key: keyed.key, token: ids.uid() };
  const use = { ...claim, requestHash: hashOf(keyed) };
  let known = await keys.claim(use, LEASE_MS);
  for (let looks = 1; known.state === 'busy' && looks < LOOKS_MAX; looks += 1) {
    await clock.sleep(PAUSE_MS);
    known = await keys.claim(use, LEASE_MS);
  }
  return answered(context, keyed, { claim, known });
}

async function answered(
  context: Context,
  keyed: Keyed,
  { claim, known }: { claim: KeyClaim; known: KeyClaimed },
): Promise<unknown> {
  const { form, repeating, args } = keyed;
  switch (known.state) {
    case 'otherwise':
      throw conflict('was used for another request. Take a new one for each thing you want done.');
    case 'busy':
      throw conflict('is in use: the same request is under way. Send it again with this key.');
    case 'answered':
      return form.told(opened(context.api, known.answer), context);
    case 'resumed': {
      if (known.receipt !== null && form.written)
        return kept(context, keyed, { claim, answer: await form.written(known.receipt, context, args) });
      if (repeating.again === 'never')
        throw conflict('was used before, and nobody knows how that ended. Look, and take a new one if need be.');
      return ran(context, keyed, claim);
    }
    case 'taken':
      return ran(context, keyed, claim);
  }
}

async function ran(context: Context, keyed: Keyed, claim: KeyClaim): Promise<unknown> {
  let answer: unknown;
  try {
    answer = await keyed.run(writingUnder(context, claim));
  } catch (error) {
    // Whoever is refused has changed nothing; of anything else nobody knows how far it got.
    const refused = error instanceof UserError || error instanceof GraphQLError;
    if (refused || keyed.repeating.again === 'harmless') await context.api.keys.release(claim);
    throw error;
  }
  return kept(context, keyed, { claim, answer });
}

/** Only what was done is kept: what was refused may be sent again when that which was in its way is gone. */
async function kept(
  { api }: Context,
  { form, repeating, args }: Keyed,
  { claim, answer }: { claim: KeyClaim; answer: unknown },
): Promise<unknown> {
  const value = form.kept(answer, args);
  if (value === undefined) await api.keys.release(claim);
  else await api.keys.keep(claim, repeating.secret ? { sealed: api.vault.seal(JSON.stringify(value)) } : { value });
  return answer;
}

function opened({ vault }: Api, answer: Json): Json {
  const { sealed, value } = answer as { sealed?: string; value?: Json };
  if (sealed === undefined) return value as Json;
  const plain = vault.unseal(sealed);
  if (plain === null) throw new UserError('The answer can no longer be opened: take a new idempotencyKey.');
  return JSON.parse(plain) as Json;
}

/** What it writes is noted under the key in the transaction that writes it. */
function writingUnder(context: Context, claim: KeyClaim): Context {
  const { api } = context;
  const { store } = api.admission;
  const admission = {
    ...api.admission,
    store: { ...store, write: ((writes, principal) => store.write(writes, principal, claim)) as typeof store.write },
  };
  return { ...context, idempotencyKey: claim.key, api: { ...api, admission } };
}

function whose({ actor, onBehalfOf }: Principal): string {
  return onBehalfOf === null ? actor : `${actor} as ${onBehalfOf}`;
}

function hashOf({ name, args }: Pick<Keyed, 'name' | 'args'>): string {
  return createHash('sha256')
    .update(JSON.stringify([name, sorted(args)]))
    .digest('hex');
}

/** The same whatever order the members were written in, and whether what is not said is null or absent. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]);
}

function conflict(what: string): GraphQLError {
  return new GraphQLError(`The idempotencyKey ${what}`, { extensions: { code: 'CONFLICT' } });
}
