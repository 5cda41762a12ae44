import { iso } from '../../reconciler/clock.ts';
import type { Builder } from '../builder.ts';
import { UserError } from '../derive/list.ts';
import { readerOf } from '../notifications/notification-reader.ts';
import type { ServiceNotice, ServiceStatus } from './service-status-api.ts';

/** What works and what does not, as the provider publishes it. */
export function addServiceStatus(builder: Builder): void {
  const notice = builder.objectRef<ServiceNotice>('ServiceNotice').implement({
    description: 'An Announcement, for those whom it concerns.',
    fields: (t) => ({
      name: t.exposeString('name'),
      type: t.exposeString('type', { description: 'Disruption, Issue, Resolution or Maintenance.' }),
      subject: t.exposeString('subject'),
      description: t.exposeString('description'),
      service: t.exposeString('service', { nullable: true }),
      zone: t.exposeString('zone', { nullable: true, description: 'Name of the Zone; null: all.' }),
      from: t.field({ type: 'DateTime', resolve: (one) => iso(one.from) }),
      until: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Null: nobody knows yet.',
        resolve: (one) => (one.until === null ? null : iso(one.until)),
      }),
    }),
  });
  const status = builder.objectRef<ServiceStatus>('ServiceStatus').implement({
    description: 'What the provider published. At most 100 of each.',
    fields: (t) => ({
      current: t.field({ type: [notice], resolve: (one) => one.current }),
      upcoming: t.field({ type: [notice], resolve: (one) => one.upcoming }),
      history: t.field({ type: [notice], resolve: (one) => one.history }),
    }),
  });
  builder.queryField('serviceStatus', (t) =>
    t.field({
      type: status,
      description: 'Disruptions, issues, resolutions and maintenance of the caller’s channel, and of all.',
      resolve: async (_root, _args, context) => {
        const { serviceStatus } = context.api;
        if (serviceStatus === undefined) throw new UserError('Nothing is published here.');
        return serviceStatus.of(await readerOf(context, null));
      },
    }),
  );
}
