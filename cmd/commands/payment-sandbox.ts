import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Io } from '../io.ts';

interface Options {
  port: number;
  webhook?: string;
  dataDir: string;
}

/** A gateway for demonstrations, which outlives the servers that it pretends to charge for. */
export function addPaymentSandbox(program: Command, io: Io): void {
  program
    .command('payment-sandbox')
    .description(
      'run a payment gateway that moves no money, for trying out: scripted outcomes, a card form, signed webhooks',
    )
    .option('--port <number>', 'port on this machine', portOf, 8480)
    .option('--webhook <url>', 'where events are told: http://127.0.0.1:8470/webhooks/payments/sandbox')
    .option('--data-dir <folder>', "the server's data folder, where the webhook's secret is", '.steward')
    .action(async ({ port, webhook, dataDir }: Options) => {
      const [{ startSandboxServer }, { sandboxSecret }] = await Promise.all([
        import('../../integrations/payment/sandbox/http-server.ts'),
        import('../server/sandbox-secret.ts'),
      ]);
      const secret = await sandboxSecret(resolve(io.cwd, dataDir));
      const told = webhook === undefined ? null : { url: webhook, secret };
      const sandbox = await startSandboxServer({ host: '127.0.0.1', port, webhook: told });
      io.out(`The sandbox gateway is at ${sandbox.url}. Start the server with --payments-sandbox ${sandbox.url}\n`);
      await new Promise<void>((stopped) => {
        if (io.signal.aborted) stopped();
        io.signal.addEventListener('abort', () => stopped(), { once: true });
      });
      await sandbox.close();
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('Write a port, 0 to 65535.');
  return port;
}
