import type { LetterTemplate } from '../letter.ts';

/** What an account is told about its money. `subject` is the number of the document, or the words of the event, that it is about. */
export const BILLING_LETTERS = {
  InvoiceIssued: {
    description: 'Sends word of a new invoice.',
    sample: {
      account: 'acme',
      subject: 'INV-2026-0001',
      total: '119.00 EUR',
      due: '119.00 EUR',
      dueOn: '2026-03-15',
    },
    texts: {
      en: {
        subject: 'Invoice {{ subject }} from {{ brand.name }}: {{ total }}',
        body: 'Hello,\n\ninvoice {{ subject }} for {{ account }} is ready: {{ total }}.\n\nStill to be paid: {{ due }}, by {{ dueOn }}.',
      },
      de: {
        subject: 'Rechnung {{ subject }} von {{ brand.name }}: {{ total }}',
        body: 'Guten Tag,\n\ndie Rechnung {{ subject }} für {{ account }} liegt vor: {{ total }}.\n\nNoch zu zahlen: {{ due }}, bis zum {{ dueOn }}.',
      },
    },
  },
  CreditNoteIssued: {
    description: 'Sends word of a credit note.',
    sample: { account: 'acme', subject: 'CN-2026-0001' },
    texts: {
      en: {
        subject: 'Credit note {{ subject }} from {{ brand.name }}',
        body: 'Hello,\n\ncredit note {{ subject }} for {{ account }} is ready.',
      },
      de: {
        subject: 'Gutschrift {{ subject }} von {{ brand.name }}',
        body: 'Guten Tag,\n\ndie Gutschrift {{ subject }} für {{ account }} liegt vor.',
      },
    },
  },
  PaymentReceived: {
    description: 'Thanks for a payment.',
    sample: { account: 'acme', subject: 'INV-2026-0001' },
    texts: {
      en: {
        subject: '{{ brand.name }} received your payment',
        body: 'Hello,\n\nthank you: the payment for invoice {{ subject }} of {{ account }} has arrived.',
      },
    },
  },
  PaymentDeclined: {
    description: 'Says that a payment was declined.',
    sample: { account: 'acme', subject: 'INV-2026-0001' },
    texts: {
      en: {
        subject: 'Your payment to {{ brand.name }} was declined',
        body: 'Hello,\n\nthe payment for {{ subject }} of {{ account }} was declined. Please look at the payment method of your account, or choose another.',
      },
      de: {
        subject: 'Ihre Zahlung an {{ brand.name }} wurde abgelehnt',
        body: 'Guten Tag,\n\ndie Zahlung für {{ subject }} von {{ account }} wurde abgelehnt. Bitte prüfen Sie das Zahlungsmittel Ihres Kontos, oder wählen Sie ein anderes.',
      },
    },
  },
  RefundPaid: {
    description: 'Says that money was given back.',
    sample: { account: 'acme', subject: 'INV-2026-0001' },
    texts: {
      en: {
        subject: 'A refund from {{ brand.name }}',
        body: 'Hello,\n\nmoney for {{ subject }} of {{ account }} was sent back to where it came from. It takes some days to arrive.',
      },
      de: {
        subject: 'Eine Erstattung von {{ brand.name }}',
        body: 'Guten Tag,\n\nzu {{ subject }} von {{ account }} wurde Geld dorthin zurückgeschickt, woher es kam. Bis es ankommt, vergehen einige Tage.',
      },
    },
  },
  PaymentReminder: {
    description: 'Reminds of an overdue invoice.',
    sample: { account: 'acme', subject: 'INV-2026-0001' },
    texts: {
      en: {
        subject: 'Reminder: invoice {{ subject }} is overdue',
        body: 'Hello,\n\ninvoice {{ subject }} of {{ account }} is overdue. If you have paid it meanwhile, there is nothing to do.',
      },
      de: {
        subject: 'Erinnerung: Rechnung {{ subject }} ist überfällig',
        body: 'Guten Tag,\n\ndie Rechnung {{ subject }} von {{ account }} ist überfällig. Wenn Sie sie inzwischen bezahlt haben, ist nichts zu tun.',
      },
    },
  },
  HoldSet: {
    description: 'Says that an account is held, and what that means.',
    sample: { account: 'acme', subject: 'dunning/INV-2026-0001' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} is on hold',
        body: 'Hello,\n\n{{ account }} is on hold ({{ subject }}). A restricted account makes nothing new; the machines of a suspended one are stopped, and nothing is removed. They start again as soon as the hold ends.',
      },
    },
  },
  HoldLifted: {
    description: 'Says that a hold has ended.',
    sample: { account: 'acme', subject: 'dunning/INV-2026-0001' },
    texts: {
      en: {
        subject: 'A hold on your account at {{ brand.name }} has ended',
        body: 'Hello,\n\na hold on {{ account }} has ended ({{ subject }}). If it was the last, machines that it had stopped start again.',
      },
    },
  },
  BudgetReached: {
    description: 'Warns that spending reached a share of a budget.',
    sample: { account: 'acme', subject: 'web: 80 % at 80.00' },
    texts: {
      en: {
        subject: 'Budget of {{ account }}: {{ subject }}',
        body: 'Hello,\n\nspending of {{ account }} has reached a mark that you set. Budget {{ subject }}.',
      },
    },
  },
  CreditLimitReached: {
    description: 'Warns that an account nears or has reached its credit limit.',
    sample: { account: 'acme', subject: 'web' },
    texts: {
      en: {
        subject: 'Your account at {{ brand.name }} has reached its credit limit',
        body: 'Hello,\n\n{{ account }} has reached its credit limit ({{ subject }}). Beyond it nothing new can be made until something is paid.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
