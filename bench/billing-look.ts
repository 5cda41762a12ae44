import { settleAccount } from '../billing/loop/account-loop.ts';
import type { World } from './billing-world.ts';
import { type Figure, median, timed } from './figures.ts';

const METERS = 5_000;
const LOOKS = 9;
const DAY = 86_400_000;

/** An account that runs much is woken for something small: its journal is read once a day, and not for each wake. */
export async function looking({ pool, store, ports }: World): Promise<Figure[]> {
  const account = 'metered-look';
  const now = await store.now();
  await pool.query(
    `insert into journal (at, uid, kind, project, name, account, meter, seq, level, attributes, run_id, place)
    select $2::bigint, 'look-' || n, 'VirtualMachine', 'shop', 'vm-' || n, $1, 'vm.running', 1, 1, '{}', null, 'look-host'
    from generate_series(1, $3::int) n`,
    [account, now - 3 * DAY, METERS],
  );
  await pool.query('insert into coverage (place, from_at, to_at) values ($1, $2, $3)', [
    'look-host',
    now - 3 * DAY,
    now,
  ]);
  await pool.query('analyze journal');
  const settle = async () => {
    await store.wake([account]);
    const result = await settleAccount(ports, account);
    if (result.outcome !== 'settled') throw new Error(`${account} is ${result.outcome}`);
  };
  const first = await timed(settle);
  const looks: number[] = [];
  for (let look = 0; look < LOOKS; look += 1) looks.push((await timed(settle)).ms);
  const { rows } = await pool.query(
    'select count(distinct resource)::int as count from usage_windows where account = $1',
    [account],
  );
  if (rows[0].count !== METERS) throw new Error(`${rows[0].count} meters were written down.`);
  const note = `${METERS} meters that stand`;
  return [
    { name: 'first look of a day at an account', value: first.ms, unit: 'ms', note },
    { name: 'each further look at it, with nothing due', value: median(looks), unit: 'ms', note },
    { name: 'first look ÷ further ones', value: first.ms / median(looks), unit: '×' },
  ];
}
