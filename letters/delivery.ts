import type { Brand, LetterText, RenderedLetter } from './letter.ts';
import type { Attachment, Mailer, SendOutcome } from './mailer.ts';
import type { Variables } from './message.ts';
import type { Reader } from './reader.ts';
import { renderLetter } from './render.ts';

/** Letters that wait, each leased to one who delivers it. */
export interface LetterQueue {
  /** The oldest that are due. They come due again by themselves when nothing is said of them within `leaseMs`. */
  claim(options: { limit: number; leaseMs: number }): Promise<QueuedLetter[]>;
  sent(id: string): Promise<void>;
  /** `retryAfterMs` null: given up; it stays, with its problem, for people to see. */
  failed(id: string, options: { problem: string; retryAfterMs: number | null }): Promise<void>;
  /** Removes what was sent or given up long ago. */
  forget(): Promise<void>;
}

export interface QueuedLetter {
  id: string;
  recipient: string;
  template: string;
  params: Readonly<Record<string, string>>;
  /** Attempts before this one. */
  attempts: number;
}

/** A template's text as chosen for one reader. */
export interface Wording {
  text: LetterText;
  types: Variables['types'];
  reader: Reader;
}

export interface Delivery {
  queue: LetterQueue;
  mailer: Mailer;
  /** What a letter says to its reader; null: there is no such template. */
  words(letter: QueuedLetter): Promise<Wording | null>;
  brand: Brand;
  /** What goes with a letter; a problem of the letter itself ends it. Absent: nothing goes with any. */
  enclosed?(letter: QueuedLetter): Promise<{ attachments: readonly Attachment[] } | { problem: string }>;
  /** Domain of message ids. */
  domain: string;
  random(): number;
}

const BATCH = 20;
/** Longer than a batch can take at its deadlines, so that nobody else sends the same letter meanwhile. */
const LEASE_MS = 900_000;
const ATTEMPTS_MAX = 12;

/** Sends one batch of what is due, one after another. Answers how many letters it had in hand: 0 when all is quiet. */
export async function deliverDue(delivery: Delivery): Promise<number> {
  const letters = await delivery.queue.claim({ limit: BATCH, leaseMs: LEASE_MS });
  for (const letter of letters) await deliver(delivery, letter);
  return letters.length;
}

async function deliver(delivery: Delivery, letter: QueuedLetter): Promise<void> {
  const { queue, random } = delivery;
  const rendered = await render(delivery, letter);
  if ('problem' in rendered) return queue.failed(letter.id, { problem: rendered.problem, retryAfterMs: null });
  const sent = await posted(delivery, letter, rendered);
  if (sent.outcome === 'sent') return queue.sent(letter.id);
  const isLast = sent.outcome === 'refused' || letter.attempts + 1 >= ATTEMPTS_MAX;
  const retryAfterMs = isLast ? null : backoffMs(letter.attempts, random());
  await queue.failed(letter.id, { problem: sent.problem, retryAfterMs });
}

/** What cannot be enclosed now may be later: a database that is away is no reason to give a letter up. */
async function posted(delivery: Delivery, letter: QueuedLetter, rendered: RenderedLetter): Promise<SendOutcome> {
  const { mailer, domain } = delivery;
  const mail = { ...rendered, to: letter.recipient, messageId: `<${letter.id}@${domain}>` };
  try {
    const found = await delivery.enclosed?.(letter);
    if (found === undefined) return mailer.send(mail);
    if ('problem' in found) return { outcome: 'refused', problem: found.problem };
    return mailer.send({ ...mail, attachments: found.attachments });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { outcome: 'later', problem: `What is enclosed could not be written: ${why.slice(0, 300)}` };
  }
}

async function render(delivery: Delivery, letter: QueuedLetter): Promise<RenderedLetter | { problem: string }> {
  const words = await delivery.words(letter);
  if (words === null) return { problem: `There is no template ${letter.template}.` };
  const { text, types, reader } = words;
  try {
    return renderLetter(text, { variables: { values: letter.params, types }, brand: delivery.brand, reader });
  } catch (error) {
    return { problem: `The template ${letter.template} cannot be filled: ${(error as Error).message.slice(0, 300)}` };
  }
}

/** One minute, doubled up to six hours, and up to half as much again so that letters do not come back all at once. */
export function backoffMs(attempts: number, random: number): number {
  return Math.round(Math.min(60_000 * 2 ** attempts, 21_600_000) * (1 + random / 2));
}
