import { z } from 'zod';
import type { SmtpOptions } from '../../integrations/mail/smtp.ts';
import type { Brand } from '../../letters/letter.ts';

/** How letters leave. */
export const MAIL_SCHEMA = z.object({
  url: z
    .string()
    .regex(/^(smtps?:\/\/\S+)?$/, 'smtp://user:password@host:587, or smtps:// for TLS from the first byte')
    .meta({ secret: true })
    .default('')
    .describe('Mail server: `smtp://` upgrades to TLS or sends nothing, `smtps://` is TLS. Empty: letters wait.'),
  allowInsecure: z.boolean().default(false).describe('Send by `smtp://` without TLS: only to a relay on this machine.'),
  from: z.string().max(320).default('').describe('The From line: `Example Cloud <cloud@example.org>`.'),
  brand: z.string().min(1).max(100).default('Steward').describe('Name of the cloud in letters and on documents.'),
  support: z.string().max(320).default('').describe('Whom people write to, in letters.'),
});

type MailSettings = z.output<typeof MAIL_SCHEMA>;

export interface MailOptions {
  /** Null: nothing is sent, letters wait. */
  smtp: SmtpOptions | null;
  /** Domain of message ids. */
  domain: string;
  brand: Brand;
}

export function mailOptions(
  { url, allowInsecure, from, brand, support }: MailSettings,
  publicUrl: string,
): MailOptions {
  return {
    smtp: url === '' ? null : smtpOf(new URL(url), { allowInsecure, from }),
    domain: /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'localhost',
    brand: { name: brand, url: publicUrl, support },
  };
}

function smtpOf(url: URL, { allowInsecure, from }: { allowInsecure: boolean; from: string }): SmtpOptions {
  const isImplicit = url.protocol === 'smtps:';
  return {
    host: url.hostname,
    port: Number(url.port) || (isImplicit ? 465 : 587),
    tls: isImplicit ? 'implicit' : allowInsecure ? 'none' : 'required',
    ...(url.username === ''
      ? {}
      : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }),
    from,
  };
}

/** What is wrong with the settings of mail together. */
export function mailIssues({ url, from }: MailSettings): { pointer: string; message: string }[] {
  if (url === '' || /^[^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>$|^[^<>\s@]+@[^<>\s@]+$/.test(from)) return [];
  return [{ pointer: '/mail/from', message: 'must be an address, e.g. "Example Cloud <cloud@example.org>"' }];
}
