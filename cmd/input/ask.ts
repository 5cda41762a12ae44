import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** Answers of a person: typed at a terminal, secrets unseen, or one a line on stdin. */
export interface Answers {
  ask(question: string, options?: { secret?: boolean }): Promise<string>;
}

export async function openAnswers(io: Io): Promise<Answers> {
  if (process.stdin.isTTY === true)
    return { ask: (question, options) => askTerminal(io, question, options?.secret ?? false) };
  const lines = (await io.readAll()).split('\n');
  return {
    ask: async (question) => {
      const line = lines.shift();
      if (line === undefined || line === '')
        throw new CliError(`"${question}" has no answer on stdin: one a line is needed.`, EXIT.usage);
      return line.replace(/\r$/, '');
    },
  };
}

async function askTerminal(io: Io, question: string, secret: boolean): Promise<string> {
  io.err(`${question}: `);
  // What is typed goes to nobody's screen.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true });
  try {
    return await lines.question('', { signal: io.signal });
  } finally {
    lines.close();
    if (secret) io.err('\n');
  }
}
