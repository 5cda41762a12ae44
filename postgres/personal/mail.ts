import type { PersonalSeal } from '../../reconciler/personal.ts';

/** A letter of the books as it waits: the recipient is only an index, and with the parameters is sealed in them. */
export interface SealedMail {
  event: string;
  recipient: string;
  template: string;
  params: { sealed: string };
}

interface Mail {
  event: string;
  recipient: string;
  template: string;
  params: Record<string, string>;
}

export function sealedMail(
  seal: PersonalSeal,
  account: string,
  { event, recipient, template, params }: Mail,
): SealedMail {
  const sealed = seal.seal(JSON.stringify({ recipient, params }), placeOf({ account, event, template }));
  return { event, template, recipient: mailIndex(seal, recipient), params: { sealed } };
}

export type OpenMail = Pick<Mail, 'recipient' | 'params'>;

/** Null when its key is missing. One that was written before letters were sealed is as it is. */
export function openMail(
  seal: PersonalSeal,
  { recipient, params, ...row }: { account: string; event: string; template: string } & OpenMail,
): OpenMail | null {
  if (params.sealed === undefined) return { recipient, params };
  const plain = seal.open(params.sealed, placeOf(row));
  return plain === null ? null : (JSON.parse(plain) as OpenMail);
}

export function mailIndex(seal: PersonalSeal, recipient: string): string {
  return seal.index(`letter:${recipient.toLowerCase()}`);
}

function placeOf({ account, event, template }: { account: string; event: string; template: string }): string {
  return `mail:${account}:${event}:${template}`;
}
