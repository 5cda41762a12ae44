import { createTransport } from 'nodemailer';
import type { Mailer, SendOutcome } from '../../letters/mailer.ts';

export interface SmtpOptions {
  host: string;
  port: number;
  /** `implicit`: TLS from the first byte; `required`: STARTTLS or nothing; `none`: plain, for a relay on this machine. */
  tls: 'implicit' | 'required' | 'none';
  /** PEM of an authority beside those of the system. */
  ca?: string;
  user?: string;
  password?: string;
  /** Address in the From line, e.g. `Example Cloud <cloud@example.org>`. */
  from: string;
  /** Deadline of each of: connecting, the greeting, any silence. Default 10 s. */
  timeoutMs?: number;
}

/** Letters by SMTP, over at most two connections that are kept for the next ones. */
export function createSmtpMailer(options: SmtpOptions): Mailer {
  const { host, port, tls, ca, user, password, from, timeoutMs = 10_000 } = options;
  const transport = createTransport({
    pool: true,
    maxConnections: 2,
    maxMessages: 100,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'none',
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    // A letter is text that we made: nothing in it may name a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, subject, text, html, messageId, attachments = [] }) => {
      try {
        const headers = { 'Auto-Submitted': 'auto-generated' };
        const enclosed = attachments.map(({ name, mediaType, content }) => ({
          filename: name,
          contentType: mediaType,
          content: Buffer.from(content),
        }));
        const letter = { from, to: { name: '', address: to }, subject, text, html, messageId, headers };
        await transport.sendMail({ ...letter, attachments: enclosed });
        return { outcome: 'sent' };
      } catch (error) {
        return outcomeOf(error as SmtpError, password);
      }
    },
    close: async () => transport.close(),
  };
}

type SmtpError = Error & { code?: string; responseCode?: number; command?: string };

/**
 * A permanent answer about this letter (5xx to its sender, recipient or text) refuses it. Everything else, wrong credentials included,
 * is the service's trouble and passes: the letter waits.
 */
function outcomeOf(error: SmtpError, password: string | undefined): SendOutcome {
  const text = error.message.slice(0, 500);
  const problem = password ? text.replaceAll(password, '…') : text;
  const isAboutLetter = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  const isPermanent = error.responseCode === undefined ? isAboutLetter : error.responseCode >= 500;
  return { outcome: isAboutLetter && isPermanent ? 'refused' : 'later', problem };
}
