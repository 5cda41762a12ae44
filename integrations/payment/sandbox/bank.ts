import type { GatewayOutcome, Lookup, StoredMethod } from '../../../billing/payment/gateway.ts';

/** What happens to a call. `…Lost`: the answer does not arrive; it was done, or it was not. */
export const BEHAVIOURS = [
  'succeed',
  'declineSoft',
  'declineHard',
  'requireAction',
  'refuse',
  'doneLost',
  'undoneLost',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Movement {
  key: string;
  verb: 'CHARGE' | 'AUTHORISE' | 'CAPTURE' | 'REFUND' | 'VOID';
  externalId: string;
  /** Of a follow-up: what it is about. */
  of: string | null;
  amount: bigint;
  outcome: GatewayOutcome;
}

export interface Wish {
  key: string;
  verb: Movement['verb'];
  of: string | null;
  method: string;
  amount: bigint;
}

export interface Answer {
  outcome: GatewayOutcome;
  /** The caller must not see the outcome. */
  lost: boolean;
  /** Made just now, so that a webhook tells of it. */
  isNew: boolean;
}

/** A pretended bank. No clock and no chance: the same calls end the same. */
export interface Bank {
  move(wish: Wish): Answer;
  lookup(which: Pick<Lookup, 'key'>): GatewayOutcome | { state: 'absent' };
  createCustomer(key: string): string;
  storeMethod(token: string): StoredMethod | null;
  /** The payer did what was asked for. Null: there was nothing to do. */
  confirm(externalId: string, agrees: boolean): Movement | null;
  /** The next calls behave like this, in this order, whatever the method. */
  script(behaviours: readonly Behaviour[]): void;
  movements(): readonly Movement[];
}

/** Tokens of methods that always behave like this; a method that a form made is one of them. */
const TOKENS: Readonly<Record<string, Behaviour>> = {
  tok_sandbox: 'succeed',
  tok_declined: 'declineSoft',
  tok_stolen: 'declineHard',
  tok_confirm: 'requireAction',
  tok_busy: 'refuse',
  tok_done_lost: 'doneLost',
  tok_undone_lost: 'undoneLost',
};

/** Amounts in minor units that behave like this with any method. */
const AMOUNTS: ReadonlyMap<bigint, Behaviour> = new Map([
  [66_601n, 'declineSoft'],
  [66_602n, 'declineHard'],
  [66_603n, 'requireAction'],
  [66_604n, 'doneLost'],
  [66_605n, 'undoneLost'],
]);

export function createBank(): Bank {
  const moved = new Map<string, Movement>();
  const customers = new Map<string, string>();
  let scripted: Behaviour[] = [];
  const behaviourOf = ({ method, amount, verb }: Wish): Behaviour =>
    scripted.shift() ??
    AMOUNTS.get(amount) ??
    (verb === 'CHARGE' || verb === 'AUTHORISE' ? TOKENS[method] : undefined) ??
    'succeed';
  return {
    move: (wish) => {
      const known = moved.get(wish.key);
      if (known !== undefined) return replayed(known, wish);
      const behaviour = behaviourOf(wish);
      if (behaviour === 'undoneLost') return { outcome: unknown(), lost: true, isNew: false };
      const outcome = outcomeOf(wish, { behaviour, moved, count: moved.size + 1 });
      if (outcome.state === 'refused') return { outcome, lost: false, isNew: false };
      const externalId = 'externalId' in outcome ? (outcome.externalId ?? '') : '';
      moved.set(wish.key, { ...wish, externalId, outcome });
      return { outcome, lost: behaviour === 'doneLost', isNew: true };
    },
    lookup: ({ key }) => moved.get(key)?.outcome ?? { state: 'absent' },
    createCustomer: (key) => {
      const known = customers.get(key) ?? `cus_${customers.size + 1}`;
      customers.set(key, known);
      return known;
    },
    storeMethod: (token) =>
      TOKENS[token] === undefined ? null : { token, brand: 'sandbox', last4: '4242', expires: '2099-12' },
    confirm: (externalId, agrees) => {
      const waits = [...moved.values()].find((each) => each.externalId === externalId);
      const isVoid = [...moved.values()].some((each) => each.of === externalId && each.verb === 'VOID');
      if (waits?.outcome.state !== 'requiresAction' || isVoid) return null;
      const outcome: GatewayOutcome = agrees
        ? { state: 'succeeded', externalId }
        : declined('not_confirmed', externalId);
      const after = { ...waits, outcome };
      moved.set(waits.key, after);
      return after;
    },
    script: (behaviours) => {
      scripted = [...scripted, ...behaviours];
    },
    movements: () => [...moved.values()],
  };
}

/** The same key with other figures is an error of the caller, and moves nothing. */
function replayed(known: Movement, wish: Wish): Answer {
  const isSame = known.verb === wish.verb && known.amount === wish.amount && known.of === wish.of;
  const outcome: GatewayOutcome = isSame ? known.outcome : { state: 'refused', code: 'key_in_use', retryable: false };
  return { outcome, lost: false, isNew: false };
}

function outcomeOf(
  wish: Wish,
  { behaviour, moved, count }: { behaviour: Behaviour; moved: ReadonlyMap<string, Movement>; count: number },
): GatewayOutcome {
  const externalId = `${wish.verb.toLowerCase()}_${count}`;
  if (behaviour === 'refuse') return { state: 'refused', code: 'too_many_requests', retryable: true };
  if (wish.of !== null) {
    const fault = followUpFault(wish, moved);
    if (fault !== null) return declined(fault, null, false);
  }
  if (behaviour === 'declineSoft') return declined('insufficient_funds', externalId);
  if (behaviour === 'declineHard') return declined('stolen_card', externalId, false);
  if (behaviour === 'requireAction') return { state: 'requiresAction', externalId, url: null };
  return { state: 'succeeded', externalId };
}

/** No more goes back, or is captured, than there is. */
function followUpFault({ of, verb, amount }: Wish, moved: ReadonlyMap<string, Movement>): string | null {
  const all = [...moved.values()];
  const first = all.find(({ externalId }) => externalId === of);
  if (first === undefined) return 'unknown_charge';
  const done = all.filter((each) => each.of === of && each.outcome.state === 'succeeded');
  const isVoid = done.some((each) => each.verb === 'VOID');
  if (isVoid && verb !== 'VOID') return 'voided';
  if (verb === 'VOID') return first.verb === 'AUTHORISE' || first.outcome.state === 'requiresAction' ? null : 'settled';
  if (first.outcome.state !== 'succeeded') return 'nothing_charged';
  const same = done.filter((each) => each.verb === verb).reduce((sum, each) => sum + each.amount, 0n);
  return same + amount > first.amount ? 'amount_too_large' : null;
}

function declined(code: string, externalId: string | null, retryable = true): GatewayOutcome {
  return { state: 'declined', code, retryable, externalId };
}

function unknown(): GatewayOutcome {
  return { state: 'unknown', code: 'lost', externalId: null };
}
