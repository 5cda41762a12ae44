/** How whoever reads a text writes numbers, days and times. */
export interface Reader {
  /** BCP 47, e.g. `de-AT`. */
  locale: string;
  /** IANA, e.g. `Europe/Vienna`. */
  zone: string;
}

/** A reader's wishes as far as they can be had: English and UTC in place of what does not exist. */
export function readerOf({
  locale = 'en',
  zone = 'UTC',
}: {
  locale?: string | undefined;
  zone?: string | undefined;
}): Reader {
  return {
    locale: exists(() => Intl.getCanonicalLocales(locale)) ? locale : 'en',
    zone: exists(() => new Intl.DateTimeFormat('en', { timeZone: zone })) ? zone : 'UTC',
  };
}

function exists(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch {
    return false;
  }
}
