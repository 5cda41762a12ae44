import type { CallOptions, PortError, PortErrorCode, Result } from '../port.ts';
import type { errorCode } from './wire/error-codes.ts';
import {
  CallTimeout,
  ConnectionLost,
  InvalidUri,
  LibvirtError,
  ProtocolError,
  QueueFull,
  StreamAborted,
  Unreachable,
  XdrError,
} from './wire/errors.ts';
import { XmlSyntaxError } from './xml/read.ts';
import { UnwritableText } from './xml/write.ts';

/** An expected failure on its way to the boundary, where `attempt` makes a value of it. */
export class PortFailure extends Error {
  override readonly name = 'PortFailure';
  readonly code: PortErrorCode;

  constructor(code: PortErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Runs one port call: failures of libvirt, the wire and the XML become values, an abort is answered at once, bugs are thrown. */
export async function attempt<T>(options: CallOptions | undefined, run: () => Promise<T>): Promise<Result<T>> {
  const signal = options?.signal;
  try {
    if (signal?.aborted) throw new PortFailure('Aborted', 'The call was given up before it began.');
    const running = run();
    return { ok: true, value: await (signal ? untilAborted(running, signal) : running) };
  } catch (error) {
    const failure = portErrorOf(error);
    if (failure === null) throw error;
    return { ok: false, error: failure };
  }
}

/** As `attempt`, for a read: where no answer comes there is no outcome to wonder about, the host is silent. */
export async function attemptRead<T>(options: CallOptions | undefined, run: () => Promise<T>): Promise<Result<T>> {
  const result = await attempt(options, run);
  if (result.ok || result.error.code !== 'TimedOut') return result;
  return { ok: false, error: { code: 'Unreachable', message: result.error.message } };
}

/** What an error of the layers below means to the port, or null for a bug. */
export function portErrorOf(error: unknown): PortError | null {
  if (error instanceof PortFailure) return { code: error.code, message: error.message };
  if (error instanceof LibvirtError) return { code: codeOf(error), message: error.message };
  if (error instanceof CallTimeout) return { code: error.sent ? 'TimedOut' : 'Busy', message: error.message };
  if (error instanceof ConnectionLost) return { code: error.sent ? 'TimedOut' : 'Unreachable', message: error.message };
  if (error instanceof Unreachable) return { code: 'Unreachable', message: error.message };
  if (error instanceof QueueFull) return { code: 'Busy', message: error.message };
  if (error instanceof StreamAborted) return { code: 'Failed', message: error.message };
  if (error instanceof ProtocolError || error instanceof XmlSyntaxError) {
    return { code: 'Failed', message: `libvirt's answer cannot be read: ${error.message}` };
  }
  if (error instanceof XdrError || error instanceof UnwritableText || error instanceof InvalidUri) {
    return { code: 'Invalid', message: error.message };
  }
  return null;
}

type CodeName = keyof typeof errorCode;

/** True for libvirt's own refusal with one of these codes. */
export function isRefusal(error: unknown, ...codes: readonly CodeName[]): error is LibvirtError {
  return error instanceof LibvirtError && (codes as readonly string[]).includes(error.codeName);
}

/** `fallback` where libvirt refuses with one of `codes`. */
export async function unlessRefused<T, F>(
  running: Promise<T>,
  codes: readonly CodeName[],
  fallback: F | ((error: LibvirtError) => F | Promise<F>),
): Promise<T | F> {
  try {
    return await running;
  } catch (error) {
    if (!isRefusal(error, ...codes)) throw error;
    return typeof fallback === 'function'
      ? await (fallback as (error: LibvirtError) => F | Promise<F>)(error)
      : fallback;
  }
}

const meanings: Partial<Record<CodeName, PortErrorCode>> = {
  NO_DOMAIN: 'NotFound',
  NO_NETWORK: 'NotFound',
  NO_STORAGE_POOL: 'NotFound',
  NO_STORAGE_VOL: 'NotFound',
  DEVICE_MISSING: 'NotFound',
  DOM_EXIST: 'Exists',
  NETWORK_EXIST: 'Exists',
  STORAGE_VOL_EXIST: 'Exists',
  STORAGE_POOL_BUILT: 'Exists',
  NO_SUPPORT: 'Unsupported',
  CONFIG_UNSUPPORTED: 'Unsupported',
  OPERATION_UNSUPPORTED: 'Unsupported',
  ARGUMENT_UNSUPPORTED: 'Unsupported',
  CPU_INCOMPATIBLE: 'Unsupported',
  XML_ERROR: 'Invalid',
  XML_DETAIL: 'Invalid',
  XML_INVALID_SCHEMA: 'Invalid',
  INVALID_ARG: 'Invalid',
  INVALID_MAC: 'Invalid',
  OPERATION_INVALID: 'Invalid',
  OVERFLOW: 'Invalid',
  OPERATION_TIMEOUT: 'Unresponsive',
  AGENT_UNRESPONSIVE: 'Unresponsive',
  RESOURCE_BUSY: 'Busy',
  OPERATION_ABORTED: 'Aborted',
};

/** A file that is being copied, or filled, or open in a guest: libvirt and QEMU have no code of their own for it. */
const busyWords = /still (in use|being allocated)|already in active block job|Failed to get .*lock/;

/** The operating system's words for it, which libvirt and QEMU pass on. */
export function tellsNoSpace(message: string): boolean {
  return /no space left on device/i.test(message);
}

function codeOf(error: LibvirtError): PortErrorCode {
  if (tellsNoSpace(error.message)) return 'NoSpace';
  if (busyWords.test(error.message)) return 'Busy';
  if (/already exists|already in use/i.test(error.message)) return 'Exists';
  return meanings[error.codeName as CodeName] ?? 'Failed';
}

/** The work goes on: what was sent to libvirt cannot be called back. Only its caller is let go. */
export async function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  running.catch(() => undefined);
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new PortFailure('Aborted', 'The call was given up; it may still take effect.'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
