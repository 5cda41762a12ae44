import type { Hypervisor, Result, VolumeAddress } from '../../../hypervisor/port.ts';
import { reason } from '../../../reconciler/json.ts';
import type { Act, ActCall, ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import type { Content, ContentSource, Ports } from '../../ports.ts';
import type { DiskFormat } from '../names.ts';
import { throughPool } from '../pool-reach.ts';
import { runningUser } from '../volume-user.ts';
import { type Upload, uploadContent } from './upload.ts';

interface Args extends Upload {
  url?: string;
  file?: string;
  checksum: string | null;
  seenBytes: number | null;
  from: string;
  fromFormat: DiskFormat;
  fromPoolUid: string;
  bytes: number;
}

/** Longest that moving an image may take. The lease is renewed meanwhile, and losing it stops the transfer. */
const TRANSFER_MS = 6 * 3_600_000;

export const imageCopyActs: Readonly<Record<string, Act<Ports>>> = {
  fetch: { deadlineMs: TRANSFER_MS, endsWhenDeleted: true, run: fetchContent },
  clone: { deadlineMs: TRANSFER_MS, run: cloneVolume },
  transfer: { deadlineMs: TRANSFER_MS, endsWhenDeleted: true, run: transferCopy },
  remove: { deadlineMs: 60_000, run: removeCopy },
};

async function fetchContent({ ports, signal, args: json }: ActCall<Ports>): Promise<ActResult> {
  const args = json as unknown as Args;
  const { seenBytes } = args;
  const content = await ports.content.open(sourceOf(args), { signal, ...(seenBytes === null ? {} : { seenBytes }) });
  if (!content.ok) {
    const final = content.error.code === 'Invalid' || content.error.code === 'Unsupported';
    const params = { verb: 'fetch', message: content.error.message };
    if (final) return { ok: false, reason: reason('SourceRefused', params), retry: 'never' };
    return { ok: false, reason: reason('SourceUnavailable', params), retry: 'backoff' };
  }
  return uploadContent(ports, args, { content: content.value, signal, verb: 'fetch' });
}

function sourceOf({ url, file, checksum }: Args): ContentSource {
  return url === undefined ? { file: file ?? '', checksum } : { url, checksum };
}

/** A running machine changes its disk while it is copied, so a template is only made of a volume at rest. */
async function cloneVolume({ ports, signal, args: json }: ActCall<Ports>): Promise<ActResult> {
  const { poolUid, name, format, bytes, from, fromFormat } = json as unknown as Args;
  const user = await runningUser(ports, { poolUid, name: from }, signal);
  if (!user.ok) return actResult('clone', user);
  if (user.value) {
    return { ok: false, reason: reason('SourceRuns', { machineUid: user.value.machineUid }), retry: 'wait' };
  }
  const request = { from: { poolUid, name: from }, fromFormat, to: { poolUid, name }, bytes, format };
  const cloned = await throughPool(ports, poolUid, (host) =>
    host.volumes.clone(request, { signal, timeoutMs: TRANSFER_MS }),
  );
  return actResult('clone', cloned);
}

async function transferCopy({ ports, signal, args: json }: ActCall<Ports>): Promise<ActResult> {
  const args = json as unknown as Args;
  const volume = { poolUid: args.fromPoolUid, name: args.name };
  const opened = await throughPool(ports, args.fromPoolUid, (host) => openCopy(host, volume, signal));
  if (!opened.ok) return actResult('transfer', opened);
  return uploadContent(ports, args, { content: opened.value, signal, verb: 'transfer' });
}

/** Nobody tells how long a file is that grows as it is written, so it is read once to count, and once more to send. */
async function openCopy(host: Hypervisor, volume: VolumeAddress, signal: AbortSignal): Promise<Result<Content>> {
  const options = { signal, timeoutMs: TRANSFER_MS };
  const counted = await host.volumes.download({ volume }, options);
  if (!counted.ok) return counted;
  let bytes = 0;
  try {
    for await (const piece of counted.value) bytes += piece.byteLength;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { code: 'Failed', message } };
  }
  const stream = await host.volumes.download({ volume }, options);
  return stream.ok ? { ok: true, value: { bytes, stream: stream.value } } : stream;
}

async function removeCopy({ ports, signal, args }: ActCall<Ports>): Promise<ActResult> {
  const { poolUid, name } = args as unknown as Args;
  return actResult(
    'remove',
    await throughPool(ports, poolUid, (host) => host.volumes.remove({ poolUid, name }, { signal })),
  );
}
