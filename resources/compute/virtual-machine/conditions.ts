import { reason } from '../../../reconciler/json.ts';
import type { ConditionReport } from '../../../reconciler/kind.ts';
import { definitionChanges } from './diff.ts';
import { isOn } from './power.ts';
import type { Findings } from './report.ts';

type State = ConditionReport['status'];

/** Placed, Defined, Applied, Powered make up Ready; RestartRequired stands beside them with all its causes. Pure. */
export function conditionsOf(findings: Findings): ConditionReport[] {
  const { input } = findings;
  const [silent] = input.observed.silent;
  const placed = placedCondition(findings);
  if (silent) {
    const why = reason('PlaceSilent', { place: input.claims?.chosen.hostName ?? silent.place, code: silent.code });
    return [
      placed,
      ...['Defined', 'Applied', 'Powered'].map((type) => ({ type, status: 'Unknown' as const, reason: why })),
    ];
  }
  return [
    placed,
    definedCondition(findings),
    appliedCondition(findings),
    poweredCondition(findings),
    restartCondition(findings),
  ];
}

function placedCondition({ input }: Findings): ConditionReport {
  const host = input.claims?.chosen.hostName;
  return host === undefined ? is('Placed', 'False', 'Pending') : is('Placed', 'True', 'Placed', { host });
}

function definedCondition({ state, desired }: Findings): ConditionReport {
  if ('refused' in desired) return { type: 'Defined', status: 'False', reason: desired.refused };
  const machine = state?.machine;
  if (!machine) return is('Defined', 'False', 'Absent');
  if (machine.persistent === null) return is('Defined', 'False', 'Undefined');
  const changes = definitionChanges(desired.spec, machine.persistent).map(({ path }) => path.replace(/^machine\//, ''));
  return changes.length === 0
    ? is('Defined', 'True', 'Defined')
    : is('Defined', 'False', 'DefinitionDiffers', { fields: changes.join(', ') });
}

/** Everything wished is there and in effect: devices that are still awaited, room that is lacking, and restarts that are needed say no. */
function appliedCondition({ desired, guest, input }: Findings): ConditionReport {
  if ('refused' in desired) return { type: 'Applied', status: 'False', reason: desired.refused };
  const [withheld] = desired.withheld;
  if (withheld) return is('Applied', 'False', 'DiskWouldBeLost', { disk: withheld.name });
  const [awaited] = desired.pending;
  if (awaited) return { type: 'Applied', status: 'False', reason: awaited };
  const { spec } = desired;
  const wished = input.object.spec;
  if (wished.cpus !== undefined && spec.cpus < wished.cpus)
    return is('Applied', 'False', 'NoRoomToGrow', { wished: `${wished.cpus} CPUs`, has: spec.cpus });
  if (wished.memoryMiB !== undefined && spec.memoryMiB < wished.memoryMiB) {
    return is('Applied', 'False', 'NoRoomToGrow', { wished: `${wished.memoryMiB} MiB`, has: spec.memoryMiB });
  }
  if (guest.causes.length > 0) return is('Applied', 'False', 'RestartRequired', { causes: guest.causes.join(', ') });
  const differing = [...guest.following, ...guest.steps.map(({ why }) => why.params.about)];
  return differing.length > 0
    ? is('Applied', 'False', 'GuestDiffers', { about: differing.join(', ') })
    : is('Applied', 'True', 'Applied');
}

function poweredCondition({ state, power }: Findings): ConditionReport {
  const machine = state?.machine ?? null;
  const params = { power: machine?.power ?? 'absent', because: machine?.powerReason ?? '' };
  if (machine?.unresponsive) return is('Powered', 'Unknown', 'GuestUnresponsive');
  if (power.act === 'none' || power.act === 'acknowledge' || power.act === 'reboot' || power.act === 'reset') {
    return is(
      'Powered',
      machine ? 'True' : 'False',
      machine ? (isOn(machine) ? 'Running' : 'Off') : 'Absent',
      machine ? params : {},
    );
  }
  return { type: 'Powered', status: 'False', reason: power.why };
}

function restartCondition({ guest }: Findings): ConditionReport {
  const { causes } = guest;
  return causes.length > 0
    ? is('RestartRequired', 'True', 'RestartRequired', { causes: causes.join(', ') })
    : is('RestartRequired', 'False', 'NoRestartRequired');
}

function is(
  type: string,
  status: State,
  code: string,
  params: Record<string, string | number | boolean> = {},
): ConditionReport {
  return { type, status, reason: reason(code, params) };
}
