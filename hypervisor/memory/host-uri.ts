import type { Result } from '../port.ts';
import type { HostState } from './state.ts';

const MIB_PER_GIB = 1_024;

/** `memory://host-1?cpus=16&memoryGiB=64&storageGiB=500` → an empty host. Errors name the parameter, its value and the remedy. */
export function hostFromUri(uri: string): Result<HostState> {
  const url = URL.canParse(uri) ? new URL(uri) : null;
  if (url?.protocol !== 'memory:' || !/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(url.host)) {
    return invalid(`"${uri}" is no address of an in-memory host; write memory://name?cpus=16&memoryGiB=64.`);
  }
  const problems: string[] = [];
  const read = (name: string, fallback: number) => {
    const text = url.searchParams.get(name) ?? String(fallback);
    if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text);
    problems.push(`${name}="${text}" in "${uri}" must be a whole number from 1 to 999999.`);
    return fallback;
  };
  const known = ['cpus', 'memoryGiB', 'storageGiB', 'kvm'];
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) problems.push(`"${name}" in "${uri}" is not known; use ${known.join(', ')}.`);
  }
  const kvm = url.searchParams.get('kvm') ?? 'true';
  if (!['true', 'false'].includes(kvm)) problems.push(`kvm="${kvm}" in "${uri}" must be true or false.`);
  const host = emptyHost({
    name: url.host,
    cpus: read('cpus', 16),
    memoryMiB: read('memoryGiB', 64) * MIB_PER_GIB,
    storageMiB: read('storageGiB', 1_000) * MIB_PER_GIB,
    kvm: kvm === 'true',
  });
  return problems.length > 0 ? invalid(problems.join(' ')) : { ok: true, value: host };
}

function emptyHost(size: Pick<HostState, 'name' | 'cpus' | 'memoryMiB' | 'storageMiB' | 'kvm'>): HostState {
  return { ...size, routes: [], nextRunId: 1, machines: {}, networks: {}, pools: {}, folders: {} };
}

function invalid(message: string): Result<never> {
  return { ok: false, error: { code: 'Invalid', message } };
}
