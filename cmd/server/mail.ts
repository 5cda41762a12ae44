import { type Delivery, deliverDue, type LetterQueue } from '../../letters/delivery.ts';
import type { MailOptions } from '../config/mail-settings.ts';
import { systemClock } from './environment.ts';

const LOOK_EVERY_MS = 5_000;
const FORGET_EVERY_MS = 3_600_000;

/** Sends the letters that wait, until stopped. Without a mail server they wait. */
export async function keepDelivering(
  { smtp, domain, brand }: MailOptions,
  {
    queue,
    words,
    stop,
    onError,
    paused,
    enclosed,
  }: {
    queue: LetterQueue;
    words: Delivery['words'];
    stop: AbortSignal;
    onError(error: unknown): void;
    paused(): boolean;
    enclosed?: NonNullable<Delivery['enclosed']>;
  },
): Promise<void> {
  if (smtp === null) return;
  const { createSmtpMailer } = await import('../../integrations/mail/smtp.ts');
  const mailer = createSmtpMailer(smtp);
  const given = { queue, mailer, domain, brand, words, random: Math.random };
  const delivery: Delivery = enclosed === undefined ? given : { ...given, enclosed };
  let forgetAt = 0;
  while (!stop.aborted) {
    const sent = paused()
      ? 0
      : await deliverDue(delivery).catch((error: unknown) => {
          onError(error);
          return 0;
        });
    if (sent === 0) await systemClock.sleep(LOOK_EVERY_MS, stop);
    if (systemClock.now() < forgetAt) continue;
    forgetAt = systemClock.now() + FORGET_EVERY_MS;
    await queue.forget().catch(onError);
  }
  await mailer.close();
}
