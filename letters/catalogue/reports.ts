import type { LetterTemplate } from '../letter.ts';

/** What comes with a report. The report itself is enclosed. */
export const REPORT_LETTERS = {
  Report: {
    description: 'Brings a report that somebody scheduled.',
    sample: { report: 'Revenue', schedule: 'monthly-revenue', from: '2026-01-01', to: '2026-01-31' },
    texts: {
      en: {
        subject: '{{ report }}, {{ from }} to {{ to }}',
        body: 'Hello,\n\nenclosed is the report “{{ report }}” for {{ from }} to {{ to }}.\n\nIt comes to you by the schedule {{ schedule }} of {{ brand.name }}.',
      },
      de: {
        subject: '{{ report }}, {{ from }} bis {{ to }}',
        body: 'Guten Tag,\n\nanbei der Bericht „{{ report }}“ für {{ from }} bis {{ to }}.\n\nSie erhalten ihn nach dem Plan {{ schedule }} von {{ brand.name }}.',
      },
    },
  },
} satisfies Record<string, LetterTemplate>;
