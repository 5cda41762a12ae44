/** One letter to one person about one event. Which words it has is the template's matter. */
export interface Letter {
  /** What happened, e.g. `reset:<digest>`: the same event sends the same letter once. */
  event: string;
  /** E-mail address. */
  recipient: string;
  template: LetterTemplate;
  /** Fill the template. They may hold links that let in, so they are sealed wherever they wait. */
  params: Readonly<Record<string, string>>;
}

export type LetterTemplate =
  | 'VerifyEmail'
  | 'AlreadyRegistered'
  | 'Welcome'
  | 'Invitation'
  | 'PasswordReset'
  | 'PasswordChanged'
  | 'SecondFactorChanged'
  | 'RecoveryCodeUsed'
  | 'SignedInAnew'
  | 'Report'
  | 'ProjectInvitation'
  | 'MasqueradeBegan'
  | 'AccountHeld'
  | 'TrialOver'
  | 'AccountReleased'
  | 'AccountTerminated';

/** Letters that wait to be delivered: exactly one row per event, recipient and template. */
export interface Outbox {
  /** False when this letter already waits or was sent. */
  put(letter: WaitingLetter): Promise<boolean>;
  /** The oldest that were not sent yet. */
  waiting(limit: number): Promise<WaitingLetter[]>;
}

export interface WaitingLetter extends Omit<Letter, 'params' | 'recipient'> {
  id: string;
  /** Sealed: an address is personal. */
  recipient: string;
  /** Blind index of the address: the same address has the same. */
  recipientIndex: string;
  /** Sealed JSON. */
  params: string;
  /** Epoch ms. */
  createdAt: number;
}

export interface Letters {
  send(letter: Letter): Promise<void>;
}

/** Letters that go by way of the outbox; who delivers them opens them again. */
export function lettersByOutbox(
  outbox: Outbox,
  {
    seal,
    blindIndex,
    now,
    uid,
  }: { seal(plain: string): string; blindIndex(plain: string): string; now(): number; uid(): string },
): Letters {
  return {
    send: async ({ event, recipient, template, params }) => {
      await outbox.put({
        id: uid(),
        event,
        template,
        recipient: seal(recipient),
        recipientIndex: blindIndex(`letter:${recipient.toLowerCase()}`),
        params: seal(JSON.stringify(params)),
        createdAt: now(),
      });
    },
  };
}
