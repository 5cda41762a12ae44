import type { NotificationReader } from '../notifications/notifications-api.ts';

/** What the provider published, for one who asks: of their channel, and of all. */
export interface ServiceStatusApi {
  of(reader: NotificationReader): Promise<ServiceStatus>;
}

export interface ServiceStatus {
  /** At most 100 each. What began last, and what is over last, comes first; of what is to come, what comes first. */
  current: ServiceNotice[];
  upcoming: ServiceNotice[];
  history: ServiceNotice[];
}

export interface ServiceNotice {
  name: string;
  type: string;
  subject: string;
  description: string;
  service: string | null;
  zone: string | null;
  /** Epoch ms. */
  from: number;
  /** Epoch ms; null: nobody knows yet. */
  until: number | null;
}
