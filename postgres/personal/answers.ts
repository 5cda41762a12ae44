import type { Json } from '../../reconciler/json.ts';
import { looksPersonal, type PersonalSeal } from '../../reconciler/personal.ts';

interface AnswerKey {
  principal: string;
  key: string;
}

/** What a caller was answered, which may be about anybody: it is kept as one sealed text. */
export function sealedAnswer(seal: PersonalSeal, use: AnswerKey, answer: Json): string {
  return seal.seal(JSON.stringify(answer), placeOf(use));
}

/** One that was kept before answers were sealed is as it is. */
export function openAnswer(seal: PersonalSeal, use: AnswerKey, kept: Json): Json {
  if (!looksPersonal(kept)) return kept;
  const plain = seal.open(kept, placeOf(use));
  if (plain === null)
    throw new Error(`The answer under the key "${use.key}" cannot be opened: its sealing key is missing.`);
  return JSON.parse(plain) as Json;
}

function placeOf({ principal, key }: AnswerKey): string {
  return `answer:${principal}:${key}`;
}
