import { reason } from '../../../reconciler/json.ts';
import type { ActResult } from '../../../reconciler/kind.ts';
import { actResult } from '../../act-result.ts';
import { type Content, ContentError, type Ports } from '../../ports.ts';
import type { DiskFormat } from '../names.ts';
import { throughPool } from '../pool-reach.ts';

export interface Upload {
  poolUid: string;
  name: string;
  format: DiskFormat;
}

/**
 * Streams content into a pool, a piece at a time. What the content itself says on breaking off (a wrong checksum, a short file) counts
 * before what the hypervisor makes of a stream that ended.
 */
export async function uploadContent(
  ports: Ports,
  { poolUid, name, format }: Upload,
  { content, signal, verb }: { content: Content; signal: AbortSignal; verb: string },
): Promise<ActResult> {
  const watched = watch(content.stream);
  const request = { volume: { poolUid, name }, bytes: content.bytes, format, content: watched.stream };
  try {
    const result = await throughPool(ports, poolUid, (host) => host.volumes.upload(request, { signal }));
    return watched.failure() ? broken(verb, watched.failure()) : actResult(verb, result);
  } catch (error) {
    if (watched.failure() === null) throw error;
    return broken(verb, watched.failure());
  } finally {
    await watched.close();
  }
}

function broken(verb: string, error: unknown): ActResult {
  if (!(error instanceof ContentError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: reason('SourceUnavailable', { verb, message }), retry: 'backoff' };
  }
  return { ok: false, reason: error.reason, retry: error.reason.code === 'ContentCut' ? 'backoff' : 'never' };
}

/** Remembers why a stream broke off, and closes it if nobody read it to its end. */
function watch(source: AsyncIterable<Uint8Array>) {
  const pieces = source[Symbol.asyncIterator]();
  let failure: unknown = null;
  let ended = false;
  async function* stream() {
    try {
      for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) yield piece.value;
      ended = true;
    } catch (error) {
      failure = error;
      ended = true;
      throw error;
    }
  }
  return {
    stream: stream(),
    failure: () => failure,
    close: async () => {
      if (!ended) await pieces.return?.();
    },
  };
}
