/** What a script can tell from the exit code of `steward`; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  /** Anything that has no code of its own: the server does not answer, a step failed. */
  error: 1,
  /** `plan --exit-code`, `diff --exit-code`: there is something to do. */
  differences: 2,
  notFound: 4,
  /** Another source owns a field, the object is protected or changed meanwhile. */
  conflict: 5,
  /** No token, a wrong one, or no permission. */
  denied: 6,
  usage: 64,
  /** A manifest is wrong. Nothing was changed. */
  validation: 65,
  timeout: 124,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An expected failure of a command: its message goes to stderr as it is, its code to the shell. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Work that answers whether there is something to do. With `--exit-code` the code tells just that, or that it is not known: nothing 0,
 * something 2, any error 1.
 */
export async function tellDifferences(
  { exitCode }: { exitCode?: boolean },
  work: () => Promise<boolean>,
): Promise<void> {
  if (!exitCode) return void (await work());
  try {
    if (await work()) process.exitCode = EXIT.differences;
  } catch (error) {
    throw error instanceof CliError ? new CliError(error.message) : error;
  }
}
