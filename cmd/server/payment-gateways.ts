import { readFile, stat } from 'node:fs/promises';
import type { PaymentGateway } from '../../billing/payment/gateway.ts';
import { createAuthorizeNetGateway } from '../../integrations/payment/authorize-net/gateway.ts';
import { createBank } from '../../integrations/payment/sandbox/bank.ts';
import { createSandboxGateway, directLine } from '../../integrations/payment/sandbox/gateway.ts';
import { httpLine } from '../../integrations/payment/sandbox/http-line.ts';
import { createStripeGateway } from '../../integrations/payment/stripe/gateway.ts';
import type { Settings } from '../config/settings.ts';
import { CliError } from '../exit-codes.ts';
import { sandboxSecret } from './sandbox-secret.ts';

/** A gateway may take its time, but no call outlives this. */
const DEADLINE_MS = 30_000;

/** The gateways that the settings name, by name. Their keys are read from files that only the server may read, and go nowhere else. */
export async function openGateways(
  { payments }: Pick<Settings, 'payments'>,
  dataDir: string,
): Promise<Map<string, PaymentGateway>> {
  const { sandbox, stripe, authorizeNet } = payments;
  const gateways: PaymentGateway[] = [];
  if (sandbox !== 'off') gateways.push(await openSandbox(sandbox, dataDir));
  if (stripe.secretKeyFile !== '')
    gateways.push(
      createStripeGateway({
        url: stripe.url,
        secretKey: await secretIn('payments.stripe.secretKeyFile', stripe.secretKeyFile),
        webhookSecret: await secretIn('payments.stripe.webhookSecretFile', stripe.webhookSecretFile),
        deadlineMs: DEADLINE_MS,
      }),
    );
  if (authorizeNet.loginId !== '')
    gateways.push(
      createAuthorizeNetGateway({
        url: authorizeNet.url,
        formUrl: authorizeNet.formUrl,
        loginId: authorizeNet.loginId,
        transactionKey: await secretIn('payments.authorizeNet.transactionKeyFile', authorizeNet.transactionKeyFile),
        signatureKey: await secretIn('payments.authorizeNet.signatureKeyFile', authorizeNet.signatureKeyFile),
        deadlineMs: DEADLINE_MS,
      }),
    );
  return new Map(gateways.map((gateway) => [gateway.name, gateway]));
}

/** In this process it forgets with it; another process remembers. */
async function openSandbox(where: string, dataDir: string): Promise<PaymentGateway> {
  const webhookSecret = await sandboxSecret(dataDir);
  const isHere = where === 'memory';
  const line = isHere ? directLine(createBank()) : httpLine({ url: where, deadlineMs: DEADLINE_MS });
  const formUrl = isHere ? 'http://127.0.0.1/form' : new URL('/form', where).href;
  return createSandboxGateway(line, { webhookSecret, deadlineMs: DEADLINE_MS, formUrl });
}

async function secretIn(setting: string, path: string): Promise<string> {
  if (path === '')
    throw new CliError(`${setting}: is empty; name the file that holds it, which only the server may read.`);
  const found = await stat(path).catch(() => null);
  if (found === null) throw new CliError(`${setting}: there is no file ${path}.`);
  if ((found.mode & 0o077) !== 0)
    throw new CliError(
      `${setting}: ${path} can be read by others (mode ${(found.mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
    );
  const secret = (await readFile(path, 'utf8')).trim();
  if (secret === '') throw new CliError(`${setting}: the file ${path} is empty.`);
  return secret;
}
