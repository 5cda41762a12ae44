import type { PowerState } from '../port.ts';
import { domainState } from './wire/flags.ts';

/** libvirt's state and reason numbers in the port's words. A guest that crashed and was taken off is `crashed`, not `off`. */
export function powerOf(state: number, reason: number): { power: PowerState; powerReason: string } {
  const powerReason = reasons[state]?.[reason] ?? 'unknown';
  if (state === domainState.shutoff && powerReason === 'crashed') return { power: 'crashed', powerReason };
  return { power: powers[state] ?? 'unknown', powerReason };
}

const powers: Readonly<Record<number, PowerState>> = {
  [domainState.running]: 'running',
  [domainState.blocked]: 'running',
  [domainState.paused]: 'paused',
  [domainState.shutdown]: 'stopping',
  [domainState.shutoff]: 'off',
  [domainState.crashed]: 'crashed',
  [domainState.suspended]: 'paused',
};

/** In the order of libvirt's enumerations. */
const reasons: Readonly<Record<number, readonly string[]>> = {
  [domainState.running]: [
    'unknown',
    'booted',
    'migrated',
    'restored',
    'from-snapshot',
    'unpaused',
    'migration-canceled',
    'save-canceled',
    'wakeup',
    'crashed',
    'post-copy',
    'post-copy-failed',
  ],
  [domainState.paused]: [
    'unknown',
    'user',
    'migration',
    'save',
    'dump',
    'io-error',
    'watchdog',
    'from-snapshot',
    'shutting-down',
    'snapshot',
    'crashed',
    'starting-up',
    'post-copy',
    'post-copy-failed',
    'api-error',
  ],
  [domainState.shutdown]: ['unknown', 'user'],
  [domainState.shutoff]: [
    'unknown',
    'shutdown',
    'destroyed',
    'crashed',
    'migrated',
    'saved',
    'failed',
    'from-snapshot',
    'daemon',
  ],
  [domainState.crashed]: ['unknown', 'panicked'],
  [domainState.suspended]: ['unknown'],
};
