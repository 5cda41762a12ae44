import type { PortError, PortErrorCode, Result } from '../port.ts';

export const DONE: Result<void> = { ok: true, value: undefined };

export function success<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function failure(code: PortErrorCode, message: string): { ok: false; error: PortError } {
  return { ok: false, error: { code, message } };
}
