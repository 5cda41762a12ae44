/**
 * What observing found, and what it could not find out. *Gone* means: every bound place answered after the claim and none holds it.
 * A place that did not answer is `silent`; silence is never absence.
 */
export interface Observation<State = unknown> {
  sightings: Sighting<State>[];
  /** Places that did not answer, with the reason code (`Unreachable`, `Unresponsive`). */
  silent: SilentPlace[];
  /** Epoch ms: no answer in here is older than this. */
  asOf: number;
}

export interface Sighting<State = unknown> {
  place: string;
  /** Changes whenever the thing was restarted or recreated (libvirt's domain id); lets metering bridge a gap. */
  runId?: string;
  /** False: there is something under that name that this installation did not make. */
  owned: boolean;
  state: State;
}

export interface SilentPlace {
  place: string;
  code: 'Unreachable' | 'Unresponsive';
  /** What the adapter said, for people. */
  message?: string;
}

export function nothingSeen<State>(asOf: number): Observation<State> {
  return { sightings: [], silent: [], asOf };
}

/** True only if every one of `places` answered and none of them holds the thing. */
export function isGone(observation: Observation, places: readonly string[]): boolean {
  const unanswered = new Set(observation.silent.map((s) => s.place));
  return observation.sightings.length === 0 && !places.some((place) => unanswered.has(place));
}
