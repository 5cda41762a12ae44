/** What is counted and not levelled: quantities that are added up. Bytes, and requests of disks. */
export const COUNTER_METERS = [
  'network.bytes.received',
  'network.bytes.sent',
  'disk.bytes.read',
  'disk.bytes.written',
  'disk.requests.read',
  'disk.requests.written',
] as const;

export type CounterMeter = (typeof COUNTER_METERS)[number];
