import { hash, parseOptions, verify } from '@node-rs/argon2';
import { createGate } from './gate.ts';

/** OWASP's figures for argon2id: 19 MiB, two passes, one lane. What was hashed with others is hashed anew at the next sign-in. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export interface Hasher {
  /** `busy` when too many wait already. */
  hash(password: string): Promise<string | 'busy'>;
  /** With null the same work is done for nothing, so that a stranger cannot tell by the time who exists. */
  verify(hash: string | null, password: string): Promise<boolean | 'busy'>;
  isOutdated(hash: string): boolean;
}

export function createHasher(cost: { memoryCost: number; timeCost: number } = COST): Hasher {
  const gate = createGate({ inside: 2, waiting: 64 });
  const options = { ...COST, ...cost };
  let nobody: Promise<string> | undefined;
  return {
    hash: (password) => gate(() => hash(normal(password), options)),
    verify: (hashed, password) =>
      gate(async () => {
        nobody ??= hash('nobody', options);
        const matches = await verify(hashed ?? (await nobody), normal(password));
        return hashed !== null && matches;
      }),
    isOutdated: (hashed) => {
      const used = parseOptions(hashed);
      return (
        used.memoryCost !== options.memoryCost ||
        used.timeCost !== options.timeCost ||
        used.parallelism !== options.parallelism
      );
    },
  };
}

/** The same characters typed on two machines may be different code points. */
function normal(password: string): string {
  return password.normalize('NFKC');
}
