import type { LetterTemplate } from '../letter.ts';

/** What people are told about their account as such. */
export const ACCOUNT_LETTERS = {
  Welcome: {
    description: 'Greets the owner of a new account.',
    sample: { name: 'Sam', account: 'Acme Ltd', link: 'https://cloud.example/' },
    texts: {
      en: {
        subject: 'Welcome to {{ brand.name }}',
        body: 'Hello {{ name }},\n\n{{ account }} is ready.\n\n[Sign in]({{ link }})',
      },
      de: {
        subject: 'Willkommen bei {{ brand.name }}',
        body: 'Guten Tag {{ name }},\n\n{{ account }} ist bereit.\n\n[Anmelden]({{ link }})',
      },
    },
  },
  ActivationRequested: {
    description: 'Tells the staff that an account waits for their consent.',
    sample: { account: 'Acme Ltd', name: 'Sam' },
    texts: {
      en: {
        subject: 'Account {{ account }} waits for activation',
        body: 'Hello,\n\n{{ name }} registered the account {{ account }}. It stays inactive until somebody of you consents or refuses.',
      },
    },
  },
  AccountTerminated: {
    description: 'Says that an account has ended, and what is kept.',
    sample: { account: 'Acme Ltd', keptUntil: '2036-12-31' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} has ended',
        body: 'Hello,\n\n{{ account }} was terminated: its machines, networks and disks are being removed. Invoices and payments are kept until {{ keptUntil }}, as the law asks.',
      },
    },
  },
  MasqueradeBegan: {
    description: 'Tells a customer that a member of the staff acts in their name.',
    sample: { name: 'Sam', staff: 'Kim', why: 'ticket 4711', until: '2026-03-01 12:30 UTC' },
    texts: {
      en: {
        subject: 'Our staff works in your account at {{ brand.name }}',
        body: 'Hello {{ name }},\n\n{{ staff }} works in your account until {{ until }} at the latest. Reason given: {{ why }}.\n\nAll that is done is in your audit trail, under both names.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
