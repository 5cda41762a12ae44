import type { SpecIssue } from '../../../reconciler/kind.ts';
import type { BundleSpec } from './kind.ts';

type Charge = BundleSpec['charges'][number];

const ONLY = {
  timing: 'RECURRING',
  splitBy: 'USAGE',
  prorateTiers: 'USAGE',
  of: 'COMMITMENT',
  bound: 'COMMITMENT',
} as const;

/** What the charges must be beside each other. */
export function checkCharges({ charges }: Pick<BundleSpec, 'charges'>): SpecIssue[] {
  return charges.flatMap((charge, index) => [
    ...misplaced(charge, index),
    ...(charges.findIndex(({ name }) => name === charge.name) < index
      ? [
          {
            path: `/charges/${index}/name`,
            message: `is "${charge.name}" a second time: give each charge a name of its own.`,
          },
        ]
      : []),
    ...unknownOf(charge, { charges, index }),
  ]);
}

function misplaced(charge: Charge, index: number): SpecIssue[] {
  return (Object.keys(ONLY) as (keyof typeof ONLY)[])
    .filter((field) => charge[field] !== undefined && charge.type !== ONLY[field])
    .map((field) => ({
      path: `/charges/${index}/${field}`,
      message: `means nothing for a charge of type ${charge.type}: leave it out, or make it ${ONLY[field]}.`,
    }));
}

function unknownOf({ of }: Charge, { charges, index }: { charges: readonly Charge[]; index: number }): SpecIssue[] {
  return (of ?? []).flatMap((name, at) =>
    charges.some((each) => each.name === name)
      ? []
      : [
          {
            path: `/charges/${index}/of/${at}`,
            message: `is "${name}", which is no charge of this bundle: name one of ${charges.map((each) => each.name).join(', ')}.`,
          },
        ],
  );
}
