import type { AddressReservation, MachineSpec, NetworkSpec } from '../port.ts';

/** The whole world as plain JSON: what is saved, loaded, and compared by tests. */
export interface WorldState {
  hosts: Record<string, HostState>;
}

export interface HostState {
  name: string;
  /** What the machine calls itself. Absent: it does not tell. */
  uuid?: string;
  cpus: number;
  memoryMiB: number;
  /** Size of every storage folder. */
  storageMiB: number;
  kvm: boolean;
  /** CIDRs routed on the host itself. */
  routes: string[];
  nextRunId: number;
  /** By the domain's own id. */
  machines: Record<string, MachineState>;
  networks: Record<string, NetworkState>;
  pools: Record<string, PoolState>;
  /** Path → name → volume. They outlive the pool that shows them. */
  folders: Record<string, Record<string, VolumeState>>;
}

export interface MachineState {
  id: string;
  /** Null: foreign, made by nobody we know. */
  owner: { uid: string; installationId: string; incarnation: number; title: string } | null;
  /** This and `live` are replaced as a whole and never changed in place: those who look get them as they are. */
  persistent: MachineSpec | null;
  /** Non-null while active. */
  live: MachineSpec | null;
  power: 'running' | 'paused' | 'off' | 'crashed';
  powerReason: string;
  runId: number | null;
  startedAt: number | null;
  /** Epoch ms at which the guest has followed the power button. */
  shutdownAt: number | null;
  /** MACs of live NICs that lost their network when it was stopped. */
  unplugged: string[];
  /** Epoch ms at which devices were plugged in while it ran: NICs by MAC, disks by name. Absent: none was. */
  pluggedAt?: Record<string, number>;
  /** What was moved beside what every guest moves by the mere going by of time: by `moveTraffic`, for tests. By MAC, or disk name. */
  moved?: Record<string, Moved>;
  guest: {
    shutdownMs: number;
    ignoresPowerButton: boolean;
    /** Its monitor does not answer. */
    hung: boolean;
  };
  /** A monitor call was not answered. */
  unresponsive: boolean;
}

/** Bytes and requests, of a NIC in (`received`) and out (`sent`), of a disk read and written. */
export interface Moved {
  in: number;
  out: number;
}

export interface NetworkState {
  uid: string;
  /** Null: foreign. */
  installationId: string | null;
  name: string;
  active: boolean;
  spec: NetworkSpec | null;
  reservations: AddressReservation[];
}

export interface PoolState {
  uid: string;
  owned: boolean;
  name: string;
  path: string;
}

export interface VolumeState {
  name: string;
  capacityBytes: number;
  format: 'qcow2' | 'raw';
  /** Null: never written. */
  content: VolumeContent | null;
}

export interface VolumeContent {
  bytes: number;
  sha256: string;
  /** Kept up to 1 MiB only. */
  base64: string | null;
}
