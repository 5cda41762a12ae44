import { LETTERS, textFor } from '../../letters/catalogue.ts';
import { type Delivery, deliverDue, type LetterQueue } from '../../letters/delivery.ts';
import type { LetterText } from '../../letters/letter.ts';
import type { ObjectStore } from '../../reconciler/store.ts';
import type { MailOptions } from '../config/mail-settings.ts';
import { systemClock } from './environment.ts';

const LOOK_EVERY_MS = 5_000;
const FORGET_EVERY_MS = 3_600_000;

/** Sends the letters that wait, until stopped. Without a mail server they wait. */
export async function keepDelivering(
  { smtp, domain, brand }: MailOptions,
  {
    queue,
    store,
    stop,
    onError,
    paused,
    enclosed,
  }: {
    queue: LetterQueue;
    store: ObjectStore;
    stop: AbortSignal;
    onError(error: unknown): void;
    paused(): boolean;
    enclosed?: NonNullable<Delivery['enclosed']>;
  },
): Promise<void> {
  if (smtp === null) return;
  const { createSmtpMailer } = await import('../../integrations/mail/smtp.ts');
  const mailer = createSmtpMailer(smtp);
  const words = wordsFrom(store);
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

const TEMPLATES_MAX = 500;

/** A provider's own words, where there are any for the reader's language; otherwise the product's. */
function wordsFrom(store: ObjectStore): Delivery['words'] {
  return async (name, locale) => {
    const template = LETTERS[name];
    if (template === undefined) return null;
    const { items } = await store.list({ kind: 'EmailTemplate', orderBy: 'name', limit: TEMPLATES_MAX });
    const own = items.map(({ object }) => object.spec).filter((spec) => spec.template === name);
    const found = [locale, locale.split('-')[0]].map((each) => own.find((spec) => spec.locale === each)).find(Boolean);
    return (found as unknown as LetterText | undefined) ?? textFor(template, locale);
  };
}
