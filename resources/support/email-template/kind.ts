import { z } from 'zod';
import { LETTERS, type LetterName, variablesOf } from '../../../letters/catalogue.ts';
import type { Brand, LetterText } from '../../../letters/letter.ts';
import { lintLetter } from '../../../letters/lint.ts';
import { renderLetter } from '../../../letters/render.ts';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';

const spec = z.object({
  template: z
    .enum(Object.keys(LETTERS) as [LetterName, ...LetterName[]])
    .meta({ update: 'immutable' })
    .describe('Which letter of the product has these words.'),
  locale: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'a language such as de, or one of a country such as de-AT')
    .default('en')
    .meta({ update: 'immutable' })
    .describe('Readers of this language get it; readers of others the words of the product, or English.'),
  channel: ref('Channel')
    .optional()
    .meta({ update: 'immutable' })
    .describe('Only customers of this channel get it, before words for all channels.'),
  subject: z
    .string()
    .min(1)
    .max(200)
    .meta({ update: 'live' })
    .describe('One line, a message of ICU MessageFormat: variables as {name}.'),
  body: z
    .string()
    .min(1)
    .max(20_000)
    .meta({ update: 'live', widget: 'textarea' })

    .describe(
      'Paragraphs with an empty line between, each a message of ICU MessageFormat. A paragraph [Label]({link}) is a button. No HTML.',
    ),
});

const status = z.object({
  subject: z.string().optional().describe('The subject, filled with samples.'),
  text: z.string().optional().describe('The letter as plain text, filled with samples.'),
});

const SAMPLE_BRAND: Brand = { name: 'Example Cloud', url: 'https://cloud.example', support: 'help@cloud.example' };

/** A provider's own words for a letter. Its status shows the letter filled with samples: a preview wherever objects are shown. */
export const EmailTemplate = defineKind({
  kind: 'EmailTemplate',
  plural: 'emailTemplates',
  group: 'support',
  scope: 'global',
  shortNames: ['letter'],
  description: "A provider's own words for one of the letters that the product sends.",
  spec,
  status,
  conditions: [],
  columns: [
    { header: 'TEMPLATE', value: (object) => cell(object.spec.template) },
    { header: 'LOCALE', value: (object) => cell(object.spec.locale) },
    { header: 'CHANNEL', value: (object) => cell(object.spec.channel) },
    { header: 'SUBJECT', wide: true, value: (object) => cell(object.status.subject) },
  ],
  check: ({ spec: wish }) => lintLetter(wish, variablesOf(wish.template)),
  uniqueKeys: ({ spec: { template, locale, channel } }) => [
    channel === undefined ? `${template}/${locale}` : `${template}/${locale}/${channel}`,
  ],
  uniqueField: '/template',
  report: ({ object }) => ({ status: preview(object.spec), conditions: [] }),
  example: {
    apiVersion: 'steward/v1',
    kind: 'EmailTemplate',
    metadata: { name: 'welcome-de' },
    spec: {
      template: 'Welcome',
      locale: 'de',
      subject: 'Schön, dass Sie da sind',
      body: 'Guten Tag {name},\n\nIhr Konto kann loslegen.\n\n[Anmelden]({link})\n',
    },
  },
});

function preview(wish: LetterText & { template: LetterName; locale: string }): { subject: string; text: string } {
  const { sample } = LETTERS[wish.template];
  const { subject, text } = renderLetter(wish, {
    variables: { values: sample, types: variablesOf(wish.template) },
    brand: SAMPLE_BRAND,
    reader: { locale: wish.locale, zone: 'UTC' },
  });
  return { subject, text };
}
