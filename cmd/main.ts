import { CommanderError } from 'commander';
import { CliError, EXIT, type ExitCode } from './exit-codes.ts';
import { type Io, processIo } from './io.ts';
import { type AddCommand, createProgram } from './program.ts';

/** The `steward` command's one way in and out: arguments in, an exit code out. */
const io = processIo();
process.stdout.on('error', ignoreClosedPipe);
process.stderr.on('error', ignoreClosedTerminal);
process.exitCode = await run(io, process.argv.slice(2));

async function run(at: Io, args: string[]): Promise<number> {
  try {
    const addServe = await serveCommand(args);
    await createProgram(at, addServe).parseAsync(args, { from: 'user' });
    // A command for which a signal is the usual end has said how it ended.
    return Number(process.exitCode ?? (at.signal.aborted ? EXIT.interrupted : EXIT.ok));
  } catch (error) {
    return failed(at, error);
  }
}

/** The server's code is only read when it is asked for: every other command starts without it. */
async function serveCommand(args: readonly string[]): Promise<AddCommand> {
  if (args.includes('serve')) return (await import('./commands/serve.ts')).addServe;
  return (program) => void program.command('serve').description('run the control plane: loops, API, explorer, sources');
}

function failed(at: Io, error: unknown): ExitCode {
  // Commander has printed its own words already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (at.signal.aborted) return EXIT.interrupted;
  if (error instanceof CliError) {
    at.err(`${at.errPaint.bad('error:')} ${error.message}\n`);
    return error.exitCode;
  }
  const detail = error instanceof Error ? (at.env.STEWARD_DEBUG ? error.stack : error.message) : String(error);
  at.err(`${at.errPaint.bad('error:')} ${detail}\nThis is a defect of steward; STEWARD_DEBUG=1 shows where.\n`);
  return EXIT.error;
}

/** `steward get vm | head` closes the pipe early; that is no failure. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  ignoreClosedTerminal(error);
}

/** A signal has told of it, and what is under way ends in order. */
function ignoreClosedTerminal(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EIO') throw error;
}
