import { settleDue } from '../billing/loop/account-loop.ts';
import { auditBooks } from '../billing/loop/audit.ts';
import { LINES, type World } from './billing-world.ts';
import { type Figure, timed } from './figures.ts';

const ACCOUNTS = Number(process.env.BENCH_ACCOUNTS ?? 10_000);
/** As the server claims them. */
const BATCH = { limit: 50, leaseMs: 60_000 };
const MONTH_MS = 32 * 86_400_000;

/** A month ends for everybody: issue, number, ledger and outbox, one commit an account; then everybody once more, for nothing. */
export async function closing(world: World): Promise<Figure[]> {
  const names = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}`);
  // Accounts of other benches came due too; they are not part of it.
  await world.pool.query("update books_accounts set due_at = 9e15 where account not like 'account-%'");
  await world.store.wake(names);
  await everybodyDue(world);
  await world.pool.query('vacuum analyze');
  await world.advance(MONTH_MS);
  const close = await timed(() => everybodyDue(world));
  const idle = await timed(() => everybodyDue(world));
  await world.store.wake(names);
  const again = await timed(() => everybodyDue(world));
  if (close.value !== ACCOUNTS || idle.value !== 0 || again.value !== ACCOUNTS)
    throw new Error(`Settled ${close.value}, then ${idle.value}, and woken ${again.value}.`);
  const { rows } = await world.pool.query(
    "select count(*)::int as invoices, count(distinct (year, n))::int as numbers from invoices where account like 'account-%'",
  );
  const all = await auditBooks(world.ports, world.reader);
  // Accounts of other benches are not settled.
  const findings = all.filter(({ account }) => account === null || account.startsWith('account-'));
  const [counted] = rows;
  if (counted.invoices !== 2 * ACCOUNTS || counted.numbers !== counted.invoices || findings.length > 0)
    throw new Error(`The close is wrong: ${JSON.stringify({ counted, findings: findings.slice(0, 5) })}`);
  const note = `${ACCOUNTS} accounts × ${LINES} lines, claimed ${BATCH.limit} at a time; audits silent`;
  return [
    {
      name: 'close of a period',
      value: (ACCOUNTS * 1000) / close.ms,
      unit: 'invoices/s',
      must: 150,
      atLeast: true,
      note,
    },
    { name: 'close ÷ a second run over what is due', value: close.ms / idle.ms, unit: '×', must: 10, atLeast: true },
    { name: 'everybody looked at again all the same, accounts', value: (ACCOUNTS * 1000) / again.ms, unit: '/s' },
    { name: 'close ÷ that', value: close.ms / again.ms, unit: '×' },
  ];
}

/** The loop as the server runs it, until nothing is due any more. */
async function everybodyDue({ ports }: World): Promise<number> {
  const fail = (account: string, error: unknown) => {
    throw new Error(`${account} could not be settled`, { cause: error });
  };
  let settled = 0;
  for (let more = await settleDue(ports, BATCH, fail); more > 0; more = await settleDue(ports, BATCH, fail))
    settled += more;
  return settled;
}
