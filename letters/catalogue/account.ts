import type { LetterTemplate } from '../letter.ts';

/** What people are told about their account as such. */
export const ACCOUNT_LETTERS = {
  Welcome: {
    description: 'Greets the owner of a new account.',
    sample: { name: 'Sam', link: 'https://cloud.example' },
    texts: {
      en: {
        subject: 'Welcome to {{ brand.name }}',
        body: 'Hello {{ name }},\n\nyour account is ready.\n\n[Sign in]({{ link }})',
      },
      de: {
        subject: 'Willkommen bei {{ brand.name }}',
        body: 'Guten Tag {{ name }},\n\nIhr Konto ist bereit.\n\n[Anmelden]({{ link }})',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
