import type { Instant } from '../../../billing/calendar/interval.ts';
import { dayOf, formatLocal, startOfDay } from '../../../billing/calendar/zone.ts';
import { type Revision, type RevisionFault, revisionFaults } from '../../../billing/price/rate-card.ts';
import { readRevisions } from '../../../billing/wish/catalog.ts';
import { type Fault, Reader } from '../../../billing/wish/reader.ts';
import type { SpecIssue } from '../../../reconciler/kind.ts';
import { ANY_ACCOUNT, wishIssues } from '../check-wish.ts';
import type { RateCardSpec } from './kind.ts';
import { MODEL_FIELDS } from './price.ts';

/** Without a zone of its own a revision begins first in the east, and today ends last in the west. */
const EARLIEST_ZONE = 'Pacific/Kiritimati';
const LATEST_ZONE = 'Etc/GMT+12';

interface CheckInput {
  spec: RateCardSpec;
  old: RateCardSpec | null;
  now: Instant;
}

/** Everything that may be wrong with prices by themselves, and with following the prices that there were. */
export function checkRateCard({ spec, old, now }: CheckInput): SpecIssue[] {
  const own = [...wishIssues(spec, (reader) => readRevisions('card', reader, ANY_ACCOUNT)), ...strayFields(spec)];
  if (own.length > 0) return own;
  return [...overlaps(spec), ...(old === null ? [] : [...touched({ spec, old, now }), ...tooLate({ spec, old, now })])];
}

/** What has begun anywhere stays as it was billed. */
function touched({ spec, old, now }: CheckInput & { old: RateCardSpec }): SpecIssue[] {
  const zone = spec.zone ?? EARLIEST_ZONE;
  const faults = revisionFaults(revisionsOf(old, zone), revisionsOf(spec, zone), now);
  return faults.filter(({ code }) => code !== 'RevisionOverlap').map((fault) => issueOf(fault, spec));
}

function issueOf({ code, revision }: RevisionFault, { revisions }: RateCardSpec): SpecIssue {
  const from = fromOf(revision);
  if (code === 'RevisionRemoved')
    return {
      path: '/revisions',
      message: `lacks the revision from ${from}, which is in force: put it back as it was. Prices end when the next revision begins.`,
    };
  const index = revisions.findIndex((each) => (each.from ?? 'always') === from);
  return {
    path: `/revisions/${index}`,
    message: `changes prices in force from ${from}: put it back as it was, and add a revision that begins today or later.`,
  };
}

/** Prices are planned ahead, or begin with today; what is over was billed without them. */
function tooLate({ spec, old, now }: CheckInput & { old: RateCardSpec }): SpecIssue[] {
  const zone = spec.zone ?? LATEST_ZONE;
  const known = new Set(revisionsOf(old, zone).map(({ id }) => id));
  const today = startOfDay(dayOf(now, zone), zone);
  return revisionsOf(spec, zone).flatMap(({ id, from }, index) =>
    known.has(id) || from >= today
      ? []
      : [
          {
            path: `/revisions/${index}/from`,
            message: `is ${fromOf(id)}, which is over: begin at ${formatLocal(today, zone)} or later.`,
          },
        ],
  );
}

function overlaps(spec: RateCardSpec): SpecIssue[] {
  const revisions = revisionsOf(spec, spec.zone ?? ANY_ACCOUNT.zone);
  return revisions.flatMap(({ from, id }, index) =>
    revisions.findIndex((each) => each.from === from) < index
      ? [
          {
            path: `/revisions/${index}/from`,
            message: `begins with ${fromOf(id)} as another one does: give each its own.`,
          },
        ]
      : [],
  );
}

/** A field of another model would be passed over in silence. */
function strayFields({ revisions }: RateCardSpec): SpecIssue[] {
  return revisions.flatMap(({ prices }, index) =>
    Object.entries(prices).flatMap(([name, price]) => {
      if (typeof price === 'string') return [];
      const allowed = MODEL_FIELDS[price.model];
      return Object.keys(price)
        .filter((field) => field !== 'model' && !allowed.includes(field))
        .map((field) => ({
          path: `/revisions/${index}/prices/${name.replaceAll('~', '~0').replaceAll('/', '~1')}/${field}`,
          message: `means nothing for ${price.model}, which has ${allowed.join(', ')}: leave it out.`,
        }));
    }),
  );
}

function revisionsOf(spec: RateCardSpec, zone: string): Revision[] {
  const faults: Fault[] = [];
  return readRevisions('card', new Reader(spec, 'spec', faults), { ...ANY_ACCOUNT, zone });
}

function fromOf(id: string): string {
  return id.slice(id.indexOf('@') + 1);
}
