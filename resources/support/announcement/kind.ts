import { z } from 'zod';
import { ref } from '../../../reconciler/field-meta.ts';
import { defineKind } from '../../../reconciler/kind.ts';
import { cell } from '../../schema.ts';
import { announcementActs } from './acts.ts';
import { checkAnnouncement } from './check.ts';
import { observeAnnouncement } from './observe.ts';
import { planAnnouncement } from './plan.ts';
import { reportAnnouncement } from './report.ts';

const instant = () => z.iso.datetime({ error: 'an instant such as 2026-01-31T22:00:00Z' });

const spec = z.object({
  type: z
    .enum(['Disruption', 'Issue', 'Resolution', 'Maintenance'])
    .meta({ update: 'immutable' })
    .describe('What it is: something does not work, works badly, works again, or will be worked on.'),
  subject: z.string().min(1).max(120).meta({ update: 'live' }).describe('One line; what people are told.'),
  description: z
    .string()
    .max(4_000)
    .default('')
    .meta({ update: 'live', widget: 'textarea' })
    .describe('What it means for those whom it concerns.'),
  service: z
    .string()
    .max(100)
    .optional()
    .meta({ update: 'live' })
    .describe('Part of the cloud that it is about, in words.'),
  zone: ref('Zone').optional().meta({ update: 'live' }).describe('Zone that it is about; all of them without it.'),
  channel: ref('Channel')
    .optional()
    .meta({ update: 'immutable' })
    .describe('Only customers of this channel see it and are told; all customers without it.'),
  from: instant()
    .optional()
    .meta({ update: 'live' })
    .describe('When it begins; without it when it was made. Maintenance has one.'),
  until: instant()
    .optional()
    .meta({ update: 'live' })
    .describe('When it is over: written once that is known. Maintenance has one; a Resolution lasts a day without it.'),
});
export type AnnouncementSpec = z.output<typeof spec>;

/** What the provider publishes about its services. Everybody whom it concerns is told once, and sees it in the service status. */
export const Announcement = defineKind({
  kind: 'Announcement',
  plural: 'announcements',
  group: 'support',
  scope: 'global',
  shortNames: ['ann'],
  description:
    'A status item or a scheduled maintenance: customers whom it concerns are told once, and see it in the service status.',
  spec,
  status: z.object({}),
  conditions: ['Published'],
  columns: [
    { header: 'TYPE', value: (one) => cell(one.spec.type) },
    { header: 'SUBJECT', value: (one) => cell(one.spec.subject) },
    { header: 'CHANNEL', value: (one) => cell(one.spec.channel) },
    { header: 'FROM', value: (one) => cell(one.spec.from ?? one.metadata.createdAt) },
    { header: 'UNTIL', value: (one) => cell(one.spec.until) },
  ],
  messages: {
    AnnouncementPublished: 'Those whom it concerns were told.',
    AnnouncementUntold: 'Those whom it concerns were not told yet.',
  },
  check: checkAnnouncement,
  observe: observeAnnouncement,
  plan: planAnnouncement,
  acts: announcementActs,
  report: reportAnnouncement,
  example: {
    apiVersion: 'steward/v1',
    kind: 'Announcement',
    metadata: { name: 'storage-upgrade' },
    spec: {
      type: 'Maintenance',
      subject: 'The storage of Frankfurt is upgraded',
      description: 'Volumes answer more slowly for some minutes. Nothing has to be done.',
      service: 'Storage',
      from: '2026-02-01T22:00:00Z',
      until: '2026-02-02T02:00:00Z',
    },
  },
});
