/** A pure function threw: something about this one account is a bug, and no other account is concerned. */
export class Poisoned extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Poisoned';
  }
}

/** Tells what a computation throws from what a database does. */
export function computed<Value>(compute: () => Value): Value {
  try {
    return compute();
  } catch (error) {
    throw new Poisoned(error);
  }
}
