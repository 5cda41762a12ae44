import { jsonEqual } from './equal.ts';
import type { JsonObject } from './json.ts';
import type { BaseStatus } from './object.ts';
import { type Run, seen } from './run.ts';
import type { JournalLevel } from './store.ts';

/** Levels that changed since the journal's last row; a removed object's levels end at zero. Unknown levels write nothing. */
export function journalLevels<Ports>(
  run: Run<Ports>,
  { status, remove }: { status: BaseStatus & JsonObject; remove: boolean },
): JournalLevel[] {
  const last = run.loaded.levels;
  if (remove) {
    return Object.values(last)
      .filter((level) => level.level !== 0)
      .map((level) => ({ ...level, level: 0 }));
  }
  if (run.kind.observe && run.observed === null) return [];
  const object = { ...run.object, status };
  const observed = seen(run);
  const runId = observed.sightings.find((sighting) => sighting.owned)?.runId ?? null;
  return (run.kind.meters ?? []).flatMap((meter) => {
    const level = meter.level({ object, observed });
    if (level === null) return [];
    const next = { meter: meter.meter, level, attributes: meter.attributes?.({ object }) ?? {}, runId };
    const previous = last[meter.meter];
    if (previous === undefined && level === 0) return [];
    return previous && jsonEqual(previous, next) ? [] : [next];
  });
}
