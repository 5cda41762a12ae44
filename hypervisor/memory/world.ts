import type { Capabilities } from '../port.ts';
import type { Clock } from './clock.ts';
import { type CallRecord, createFaults, type Faults } from './faults.ts';
import type { HostState, WorldState } from './state.ts';

export type Noun = 'machine' | 'network' | 'pool' | 'host';
export type HintListener = (host: string, hint: { noun: Noun; uid: string | null }) => void;

/** All in-memory hosts together, with what every call to them passes through. Outlives connections, installations and crashes. */
export interface World {
  readonly clock: Clock;
  state: WorldState;
  readonly faults: Faults;
  readonly settings: WorldSettings;
  /** Hosts that do not answer. */
  readonly unreachable: Set<string>;
  /** The latest calls, oldest first, at most `settings.keptCalls`. */
  readonly calls: CallRecord[];
  /** Told of every change of `state`, by whomever. */
  readonly onMutation: Set<() => void>;
  readonly onHint: Set<HintListener>;
}

export interface WorldSettings {
  /** Milliseconds that a call takes. */
  latencyMs(call: CallRecord): number;
  /** Deadline of calls that give none. */
  timeoutMs: number;
  /** How fast volumes are copied. Infinity: at once. */
  transferMiBPerSecond: number;
  /** How long a guest takes to follow its power button, unless its machine says otherwise. */
  shutdownMs: number;
  capabilities: Partial<Omit<Capabilities, 'adapter' | 'driver'>>;
  keptCalls: number;
}

export interface WorldOptions {
  clock: Clock;
  state?: WorldState;
  faults?: Faults;
  settings?: Partial<WorldSettings>;
}

export function createWorld(options: WorldOptions): World {
  return {
    clock: options.clock,
    state: options.state ?? { hosts: {} },
    faults: options.faults ?? createFaults(),
    settings: {
      latencyMs: () => 0,
      timeoutMs: 15_000,
      transferMiBPerSecond: Number.POSITIVE_INFINITY,
      shutdownMs: 1_000,
      capabilities: {},
      keptCalls: 10_000,
      ...options.settings,
    },
    unreachable: new Set(),
    calls: [],
    onMutation: new Set(),
    onHint: new Set(),
  };
}

/** Says that something changed at a host: savers hear of it at once, connections get a hint that may be lost. */
export function changed(world: World, host: HostState, hint: { noun: Noun; uid: string | null }): void {
  for (const listener of world.onMutation) listener();
  if (!world.faults.deliversHint({ host: host.name, ...hint })) return;
  for (const listener of [...world.onHint]) queueMicrotask(() => listener(host.name, hint));
}

export function logCall(world: World, call: CallRecord): void {
  world.calls.push(call);
  const surplus = world.calls.length - world.settings.keptCalls;
  if (surplus > world.settings.keptCalls / 4) world.calls.splice(0, surplus);
}
