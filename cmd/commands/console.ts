import type { Command } from 'commander';
import { WebSocket } from 'ws';
import type { ObjectKey } from '../../reconciler/object.ts';
import { REGISTRY } from '../../resources/registry.ts';
import { getObjects } from '../client/lists.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { parseNames } from '../input/names.ts';
import type { Io } from '../io.ts';
import { openSession } from '../session.ts';

const OPEN = `mutation ($object: ObjectKeyInput!, $type: ConsoleType, $key: String) {
  openConsole(object: $object, type: $type, idempotencyKey: $key) { path expiresAt }
}`;

/** Ctrl-], as telnet and virsh have it. */
const ESCAPE = 0x1d;
/** A WebSocket's usual end: the machine's own. */
const ENDED = 1000;
const UNKNOWN_END = 'the connection to the server was lost.';

export function addConsole(program: Command, io: Io): void {
  program
    .command('console')
    .description('the serial console of a machine; Ctrl-] leaves it')
    .argument('<machine>', 'vm/web, or web')
    .option('--vnc', 'print the one-time address of its screen instead, for a VNC viewer over WebSocket')
    .action(async (word: string, options: { vnc?: boolean }, command: Command) => {
      const session = openSession(io, command);
      const words = word.includes('/') ? [word] : ['vm', word];
      const [object] = parseNames(REGISTRY, words, session.project).keys as [ObjectKey];
      await getObjects(session.client, [object]);
      const type = options.vnc ? 'vnc' : 'serial';
      const { openConsole } = await session.client.mutate<{ openConsole: { path: string; expiresAt: string } }>(OPEN, {
        object,
        type,
      });
      const url = session.client.endpoint.url.replace(/^http/, 'ws') + openConsole.path;
      if (options.vnc) return io.out(`${url}\n`);
      await attach(io, url);
    });
}

/** Joins the terminal and the WebSocket until one of them ends. */
function attach(io: Io, url: string): Promise<void> {
  const socket = new WebSocket(url, ['binary'], { handshakeTimeout: 10_000 });
  const { stdin, stdout } = process;
  return new Promise((resolve, reject) => {
    let isLeft = false;
    const leave = () => {
      isLeft = true;
      socket.close();
    };
    const onInput = (chunk: Buffer) => {
      const at = chunk.indexOf(ESCAPE);
      const typed = at < 0 ? chunk : chunk.subarray(0, at);
      if (typed.length > 0) socket.send(typed);
      if (at >= 0) leave();
    };
    const end = (error?: Error) => {
      stdin.off('data', onInput);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      if (error) reject(error);
      else resolve();
    };
    socket.on('open', () => {
      if (stdin.isTTY) stdin.setRawMode(true);
      if (io.isTerminal) io.err('Connected. Ctrl-] leaves.\r\n');
      stdin.on('data', onInput);
      stdin.once('end', leave);
      stdin.resume();
    });
    socket.on('message', (data) => void stdout.write(data as Buffer));
    socket.on('close', (code, reason) => {
      if (isLeft) return end();
      if (code !== ENDED) return end(new CliError(`The console has ended: ${String(reason) || UNKNOWN_END}`));
      io.err(`\r\nThe console has ended: ${String(reason)}\r\n`);
      end();
    });
    socket.on('error', (error) => end(new CliError(`The console cannot be opened: ${error.message}`, EXIT.error)));
    io.signal.addEventListener('abort', leave, { once: true });
  });
}
