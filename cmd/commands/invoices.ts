import { type Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { table } from '../output/table.ts';
import { openSession } from '../session.ts';

interface Money {
  amount: string;
  currency: string;
}

interface InvoiceRow {
  number: string;
  issuedAt: string;
  dueAt: string;
  total: Money;
  balance: Money;
  lines: { id: string; product: string; kind: string; from: string; to: string; quantity: string; amount: Money }[];
}

const LIST = `query ($account: String!, $first: Int) {
  invoices(account: $account, first: $first) { nodes {
    number issuedAt dueAt total { amount currency } balance { amount currency }
    lines { id product kind from to quantity amount { amount currency } }
  } }
}`;

interface Options {
  account: string;
  limit: string;
  lines?: boolean;
  output: 'table' | 'json';
}

export function addInvoices(program: Command, io: Io): void {
  program
    .command('invoices')
    .description("an account's invoices, newest first")
    .option('--account <name>', 'account that is meant', 'default')
    .option('-n, --limit <number>', 'at most so many', '20')
    .option('--lines', 'each line, with the name that `steward explain invoice/LINE` takes')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (options: Options, command: Command) => {
      const { client } = openSession(io, command);
      const variables = { account: options.account, first: Number(options.limit) };
      const { invoices } = await client.query<{ invoices: { nodes: InvoiceRow[] } }>(LIST, variables);
      io.out(options.output === 'json' ? `${JSON.stringify(invoices.nodes)}\n` : textOf(invoices.nodes, options));
    });
}

function textOf(invoices: readonly InvoiceRow[], { lines }: Pick<Options, 'lines'>): string {
  if (!lines) {
    const rows = invoices.map(({ number, issuedAt, dueAt, total, balance }) => [
      number,
      day(issuedAt),
      day(dueAt),
      moneyText(total),
      moneyText(balance),
    ]);
    return table(['NUMBER', 'ISSUED', 'DUE', 'TOTAL', 'OWED'], rows);
  }
  const rows = invoices.flatMap((invoice) =>
    invoice.lines.map(({ id, product, kind, from, to, quantity, amount }) => [
      id,
      product,
      kind,
      day(from),
      day(to),
      quantity,
      moneyText(amount),
    ]),
  );
  return table(['LINE', 'PRODUCT', 'KIND', 'FROM', 'TO', 'QUANTITY', 'AMOUNT'], rows);
}

const day = (instant: string): string => instant.slice(0, 10);
const moneyText = ({ amount, currency }: Money): string => `${amount} ${currency}`;
