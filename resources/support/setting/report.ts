import { iso } from '../../../reconciler/clock.ts';
import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport, Report } from '../../../reconciler/kind.ts';
import { CATALOGUE, isSettingKey } from './catalogue.ts';
import type { SettingStatus } from './kind.ts';
import type { SettingInput } from './plan.ts';

/** Pure: what is in force of it, and for whom it waits. */
export function reportSetting({ object, observed }: Pick<SettingInput, 'object' | 'observed'>): Report<SettingStatus> {
  const state = observed.sightings[0]?.state;
  if (state === undefined) return { status: {}, conditions: [foreseen(object.spec.key)] };
  const { inForce, awaiting } = state;
  const status: Partial<SettingStatus> =
    inForce === null
      ? {}
      : {
          value: inForce.value as NonNullable<SettingStatus['value']>,
          since: iso(inForce.since),
          by: inForce.by.join(', '),
          ...(inForce.approvedBy === null ? {} : { approvedBy: inForce.approvedBy }),
        };
  if (awaiting === null) {
    const since = inForce === null ? '' : iso(inForce.since);
    return { status, conditions: [said('True', reason('SettingInForce', { since }))] };
  }
  const until = inForce === null ? 'the default holds' : `${JSON.stringify(inForce.value)} holds`;
  const why = reason('AwaitsApproval', { by: awaiting.by.join(', '), name: object.metadata.name, until });
  return { status, conditions: [said('False', why)] };
}

/** In a forecast nothing is written, so that there are no facts to look at. */
function foreseen(key: string): ConditionReport {
  const waits = isSettingKey(key) && CATALOGUE[key].requiresApproval;
  return waits ? said('False', reason('NeedsApproval')) : said('True', reason('CountsAtOnce'));
}

function said(status: ConditionReport['status'], why: ConditionReport['reason']): ConditionReport {
  return { type: 'InForce', status, reason: why };
}
