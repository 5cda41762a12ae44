import type { LetterTemplate } from '../letter.ts';

/** What an account is told about its money. Amounts come as text with their currency. */
export const BILLING_LETTERS = {
  InvoiceIssued: {
    description: 'Sends word of a new invoice.',
    sample: {
      account: 'Acme Ltd',
      number: 'INV-2026-0001',
      total: '119.00 EUR',
      due: '119.00 EUR',
      dueOn: '2026-03-15',
      link: 'https://cloud.example/invoices/INV-2026-0001',
    },
    texts: {
      en: {
        subject: 'Invoice {{ number }} from {{ brand.name }}: {{ total }}',
        body: 'Hello,\n\ninvoice {{ number }} for {{ account }} is ready: {{ total }}.\n\n{% if due == "0.00" %}It is paid.{% else %}Please pay {{ due }} by {{ dueOn }}.{% endif %}\n\n[Look at the invoice]({{ link }})',
      },
      de: {
        subject: 'Rechnung {{ number }} von {{ brand.name }}: {{ total }}',
        body: 'Guten Tag,\n\ndie Rechnung {{ number }} für {{ account }} liegt vor: {{ total }}.\n\n{% if due == "0.00" %}Sie ist bezahlt.{% else %}Bitte zahlen Sie {{ due }} bis zum {{ dueOn }}.{% endif %}\n\n[Rechnung ansehen]({{ link }})',
      },
    },
  },
  PaymentReceived: {
    description: 'Thanks for a payment.',
    sample: { account: 'Acme Ltd', amount: '119.00 EUR', number: 'INV-2026-0001' },
    texts: {
      en: {
        subject: '{{ brand.name }} received {{ amount }}',
        body: 'Hello,\n\nthank you: {{ amount }} for invoice {{ number }} of {{ account }} arrived.',
      },
    },
  },
  PaymentFailed: {
    description: 'Says that a payment did not go through, and when it is tried again.',
    sample: { account: 'Acme Ltd', amount: '119.00 EUR', number: 'INV-2026-0001', retryOn: '2026-03-18' },
    texts: {
      en: {
        subject: 'Your payment of {{ amount }} to {{ brand.name }} failed',
        body: 'Hello,\n\nthe payment of {{ amount }} for invoice {{ number }} of {{ account }} did not go through.\n\n{% if retryOn != "" %}It is tried again on {{ retryOn }}. {% endif %}You can pay at any time, also in another way.',
      },
    },
  },
  PaymentReminder: {
    description: 'Reminds of an overdue invoice.',
    sample: { account: 'Acme Ltd', number: 'INV-2026-0001', due: '119.00 EUR', dueOn: '2026-03-15' },
    texts: {
      en: {
        subject: 'Reminder: invoice {{ number }} is overdue',
        body: 'Hello,\n\ninvoice {{ number }} of {{ account }} was due on {{ dueOn }}; {{ due }} are still open.',
      },
      de: {
        subject: 'Erinnerung: Rechnung {{ number }} ist überfällig',
        body: 'Guten Tag,\n\ndie Rechnung {{ number }} von {{ account }} war am {{ dueOn }} fällig; {{ due }} sind noch offen.',
      },
    },
  },
  AccountRestricted: {
    description: 'Says that an account cannot make anything new until it has paid.',
    sample: { account: 'Acme Ltd', due: '119.00 EUR' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} is restricted',
        body: 'Hello,\n\n{{ due }} of {{ account }} are overdue. What runs goes on running, but nothing new can be made until they are paid.',
      },
    },
  },
  AccountSuspended: {
    description: 'Says that an account was suspended, and what stops.',
    sample: { account: 'Acme Ltd', due: '119.00 EUR' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} is suspended',
        body: 'Hello,\n\n{{ due }} of {{ account }} are overdue, so its machines were stopped. Nothing was removed: they start again as soon as the invoice is paid.',
      },
    },
  },
  AccountReactivated: {
    description: 'Says that a hold has ended.',
    sample: { account: 'Acme Ltd' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} is active again',
        body: 'Hello,\n\nthe hold on {{ account }} has ended; machines that it had stopped start again.',
      },
    },
  },
  BudgetReached: {
    description: 'Warns that spending reached a share of a budget.',
    sample: { account: 'Acme Ltd', budget: 'web', percent: '80', spent: '80.00 EUR', amount: '100.00 EUR' },
    texts: {
      en: {
        subject: '{{ percent }} % of budget {{ budget }} is spent',
        body: 'Hello,\n\n{{ spent }} of {{ amount }} ({{ percent }} %) of the budget {{ budget }} of {{ account }} are spent.',
      },
    },
  },
  CreditLimitReached: {
    description: 'Warns that an account nears or has reached its credit limit.',
    sample: { account: 'Acme Ltd', percent: '90', limit: '500.00 EUR' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} has used {{ percent }} % of its credit limit',
        body: 'Hello,\n\n{{ account }} has used {{ percent }} % of its limit of {{ limit }}. At 100 % nothing new can be made until something is paid.',
      },
    },
  },
  TrialEnds: {
    description: 'Tells when a trial ends, and what happens then.',
    sample: { account: 'Acme Ltd', subscription: 'web', endsOn: '2026-03-15' },
    texts: {
      en: {
        subject: 'Your trial of {{ subscription }} ends on {{ endsOn }}',
        body: 'Hello,\n\nthe trial of {{ subscription }} of {{ account }} ends on {{ endsOn }}. From then on it is charged; end the subscription before if you do not want it.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
