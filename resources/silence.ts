import type { PortError } from '../hypervisor/port.ts';
import type { SilentPlace } from '../reconciler/observation.ts';

const SLOW: ReadonlySet<PortError['code']> = new Set(['Unresponsive', 'TimedOut']);

/** A place that answered with an error has said nothing about what is there. */
export function silentPlace(place: string, { code, message }: PortError): SilentPlace {
  return { place, code: SLOW.has(code) ? 'Unresponsive' : 'Unreachable', message };
}
