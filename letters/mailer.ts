import type { RenderedLetter } from './letter.ts';

/** A way to send letters: SMTP, or a folder in demos. */
export interface Mailer {
  /** One attempt, with a deadline of its own; never throws for what a server or the network does. */
  send(mail: Mail): Promise<SendOutcome>;
  close(): Promise<void>;
}

export interface Mail extends RenderedLetter {
  /** E-mail address. */
  to: string;
  /** The same for every attempt of one letter, so that a reader shows a doubled one once: `<id@domain>`. */
  messageId: string;
  attachments?: readonly Attachment[];
}

export interface Attachment {
  /** As a reader saves it: `revenue-2026-01-31.csv`. */
  name: string;
  mediaType: string;
  content: string | Uint8Array;
}

/** `later`: a busy or unreachable server; `refused`: this letter will never be taken. The problem never holds a secret. */
export type SendOutcome = { outcome: 'sent' } | { outcome: 'later' | 'refused'; problem: string };
