import type { MoneyCommand } from '../payment/command.ts';
import type { ManifestContext } from './catalog.ts';
import type { Reader } from './reader.ts';

export interface AdjustmentWish {
  command: Extract<MoneyCommand, { type: 'credit' | 'adjust' | 'writeOff' | 'void' }>;
  reason: string;
}

/** Which fields belong to which type, beside its reason. */
const NEEDS = {
  CREDIT: ['amount'],
  LINE: ['line', 'amount'],
  WRITE_OFF: ['invoice'],
  VOID: ['invoice'],
} as const;

/** A correction as a command on the books. */
export function readAdjustment(spec: Reader, { currency }: Pick<ManifestContext, 'currency'>): AdjustmentWish {
  const from = spec.fields('type', 'invoice', 'line', 'amount', 'reason');
  const type = from.type.choice(['CREDIT', 'LINE', 'WRITE_OFF', 'VOID']);
  const needed: readonly string[] = NEEDS[type];
  for (const name of ['invoice', 'line', 'amount'] as const)
    if (from[name].isPresent !== needed.includes(name))
      from[name].fault(needed.includes(name) ? `${type} needs it` : `${type} has none`, undefined);
  const amount = from.amount.isPresent ? from.amount.money(currency) : 0n;
  if (from.amount.isPresent && amount <= 0n) from.amount.fault('write an amount above 0', undefined);
  const invoice = from.invoice.text('');
  const commands: Record<typeof type, AdjustmentWish['command']> = {
    CREDIT: { type: 'credit', amount },
    LINE: { type: 'adjust', line: from.line.text(''), amount },
    WRITE_OFF: { type: 'writeOff', invoice },
    VOID: { type: 'void', invoice },
  };
  return { command: commands[type], reason: from.reason.text() };
}
