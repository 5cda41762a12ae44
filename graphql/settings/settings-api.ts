import type { Json } from '../../reconciler/json.ts';

/** What was decided while the cloud runs, as the API shows it. Instants are epoch ms. */
export interface SettingsApi {
  /** All properties with what is in force of them at a place. `at`: null for now. */
  all(
    where: { channel: string | null; accountType: string | null },
    at: number | null,
  ): Promise<ConfigurationProperty[]>;
  /** What was wished and agreed to, newest first. */
  history(key: string): Promise<ConfigurationChange[]>;
  jobs(): JobState[];
}

export interface ConfigurationProperty {
  key: string;
  group: string;
  description: string;
  unit: string;
  fallback: Json;
  scopes: readonly string[];
  requiresApproval: boolean;
  /** When it can no longer be changed; null: always can. */
  frozen: string | null;
  value: Json;
  origin: 'default' | 'file' | 'setting';
  /** Where it comes from, in words: `default`, `the server's file (signIn.sessionHours)`, `Setting/shifts, everywhere`. */
  because: string;
  by: string | null;
  approvedBy: string | null;
  since: number | null;
  reason: string | null;
  awaiting: AwaitingValue | null;
}

export interface AwaitingValue {
  setting: string;
  value: Json;
  generation: number;
  by: string;
  at: number;
}

export interface ConfigurationChange {
  at: number;
  setting: string;
  /** `everywhere`, `in the channel direct`. */
  place: string;
  op: 'set' | 'approved' | 'removed';
  value: Json;
  generation: number;
  actor: string;
  onBehalfOf: string | null;
  reason: string | null;
}

export interface JobState {
  job: string;
  description: string;
  paused: boolean;
  /** Property that pauses it, who set that, since when (ISO instant) and why. */
  key: string | null;
  by: string | null;
  since: string | null;
  reason: string | null;
}
