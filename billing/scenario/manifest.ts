/** A manifest in its one form, whichever way it was written. */
export interface PlainManifest {
  kind: unknown;
  name: unknown;
  spec: unknown;
  /** Fields that stand beside a spec, where nobody can say which of them count. */
  stray: string[];
}

type Fields = Readonly<Record<string, unknown>>;

const HEAD = new Set(['apiVersion', 'kind', 'metadata', 'name', 'spec', 'status']);

/**
 * Three ways to write one: `{kind, metadata: {name}, spec}` as everywhere, `{kind, name, spec}` and `{kind, name, ...spec}` for those who
 * write by hand. Short forms of specs become the long ones.
 */
export function plainManifest(value: unknown): PlainManifest {
  const fields = asFields(value) ?? {};
  const beside = Object.keys(fields).filter((key) => !HEAD.has(key));
  const inline = Object.fromEntries(beside.map((key) => [key, fields[key]]));
  const spec = fields.spec ?? (beside.length > 0 ? inline : undefined);
  const name = fields.name ?? asFields(fields.metadata)?.name;
  return {
    kind: fields.kind,
    name,
    spec: longForm(fields.kind, name, spec),
    stray: fields.spec === undefined ? [] : beside,
  };
}

function longForm(kind: unknown, name: unknown, spec: unknown): unknown {
  const fields = asFields(spec ?? {});
  if (fields === undefined) return spec;
  switch (kind) {
    case 'RateCard':
      return rateCard(fields);
    case 'Bundle':
      return bundle(name, fields);
    default:
      return spec;
  }
}

/**
 * A rate card of prices alone is another revision of the card of that name: from the step's time on, where it says nothing else. `known`
 * has the revisions of each card so far.
 */
export function withRevisions(
  { kind, name, spec }: PlainManifest,
  { known, at, hoursPerMonth }: { known: Map<string, unknown[]>; at: unknown; hoursPerMonth: unknown },
): unknown {
  const fields = asFields(spec);
  if (kind !== 'RateCard' || !Array.isArray(fields?.revisions)) return spec;
  const { isWhole, ...rest } = fields;
  const before = isWhole === true ? [] : (known.get(String(name)) ?? []);
  const added = fields.revisions.map((revision) => {
    const own = asFields(revision);
    if (own === undefined) return revision;
    const from = before.length > 0 ? at : undefined;
    return { ...defined({ from, hoursPerMonth }), ...own };
  });
  const begins = new Set(added.map((revision) => asFields(revision)?.from));
  const revisions = [...before.filter((revision) => !begins.has(asFields(revision)?.from)), ...added];
  known.set(String(name), revisions);
  return { ...rest, revisions };
}

/** Prices without revisions are one revision; a list of prices is a map of them. */
function rateCard({ revisions, prices, from, effectiveFrom, to, hoursPerMonth, ...rest }: Fields): Fields {
  const own = { prices, from: from ?? effectiveFrom, to, hoursPerMonth };
  const listed = Array.isArray(revisions) ? revisions : revisions === undefined ? [own] : revisions;
  if (!Array.isArray(listed)) return { ...rest, revisions: listed };
  return {
    ...rest,
    isWhole: revisions !== undefined,
    revisions: listed.map((revision) => {
      const fields = asFields(revision);
      if (fields === undefined) return revision;
      const { effectiveFrom: begins, from: start = begins, prices: priced, ...others } = fields;
      return defined({ ...others, from: start, prices: pricesOf(priced) });
    }),
  };
}

function pricesOf(prices: unknown): unknown {
  if (!Array.isArray(prices)) return eachPrice(asFields(prices)) ?? prices;
  const entries = prices.flatMap((price): [string, unknown][] => {
    const { name, charge, product, ...model } = asFields(price) ?? {};
    return [[String(name ?? charge ?? product ?? ''), model]];
  });
  return eachPrice(Object.fromEntries(entries));
}

function eachPrice(prices: Fields | undefined): Fields | undefined {
  if (prices === undefined) return undefined;
  return Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, modelOf(price)]));
}

/** `type` says the same as `model`; a model of nothing but its price is that price. */
function modelOf(price: unknown): unknown {
  const fields = asFields(price);
  if (fields === undefined) return price;
  const { type, model = type, amount, ...rest } = fields;
  const unit = rest.unitPrice ?? rest.price ?? amount;
  if (model === undefined && unit !== undefined && rest.tiers === undefined && rest.size === undefined) return unit;
  const named = typeof model === 'string' ? model.toUpperCase() : model;
  if (named === 'STANDARD' && unit !== undefined) return { model: named, unitPrice: unit };
  const tiers = Array.isArray(rest.tiers) ? rest.tiers.map(tierOf) : rest.tiers;
  return defined({ ...rest, tiers, model: named });
}

function tierOf(tier: unknown): unknown {
  const fields = asFields(tier);
  if (fields === undefined) return tier;
  const { percent, price = percent, unitPrice = price, flatFee, flat = flatFee, ...rest } = fields;
  return defined({ ...rest, unitPrice, flat });
}

/** Without charges a bundle is a fee of its own name; a charge may be just its name. */
function bundle(name: unknown, { charges, ...rest }: Fields): Fields {
  if (charges === undefined) return { ...rest, charges: [{ name }] };
  if (!Array.isArray(charges)) return { ...rest, charges };
  return { ...rest, charges: charges.map(chargeOf) };
}

const LENGTHS: Readonly<Record<string, string>> = {
  DAILY: 'DAY',
  WEEKLY: 'WEEK',
  MONTHLY: 'MONTH',
  QUARTERLY: 'QUARTER',
  ANNUAL: 'YEAR',
  ANNUALLY: 'YEAR',
  YEARLY: 'YEAR',
};

function chargeOf(charge: unknown): unknown {
  if (typeof charge === 'string') return { name: charge };
  const fields = asFields(charge);
  if (fields === undefined) return charge;
  const { name = fields.product, every } = fields;
  const length = typeof every === 'string' ? every.toUpperCase() : undefined;
  return defined({ ...fields, name, every: length === undefined ? every : (LENGTHS[length] ?? length) });
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
