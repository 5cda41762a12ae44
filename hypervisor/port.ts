/**
 * What Steward asks of a hypervisor host: split by noun, plain data in and out, expected failures as values. Every call has a deadline.
 * Everything is named by uid (the domain's, network's UUID; volumes by name within a pool). All acts are idempotent: done already = ok.
 */

export type PortErrorCode =
  | 'NotFound'
  | 'Exists'
  | 'NotOwned'
  | 'Unreachable'
  | 'Unresponsive'
  | 'Busy'
  | 'Unsupported'
  | 'Invalid'
  | 'NoSpace'
  | 'TimedOut'
  | 'Aborted'
  | 'Failed';

export interface PortError {
  code: PortErrorCode;
  /** For people; never holds secrets. */
  message: string;
}

export type Result<T> = { ok: true; value: T } | { ok: false; error: PortError };

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** One connected host. Get it from a HypervisorDirectory. */
export interface Hypervisor {
  readonly capabilities: Capabilities;
  readonly hosts: HostPort;
  readonly machines: MachinePort;
  readonly networks: NetworkPort;
  readonly pools: PoolPort;
  readonly volumes: VolumePort;
  /** Hints only: something changed about this uid (null: look at everything). Losing them costs latency. */
  onChange(listener: (hint: Hint) => void): () => void;
  close(): Promise<void>;
}

export type Hint = { noun: 'machine' | 'network' | 'pool' | 'host'; uid: string | null };

/** Connections by place (the Host's uid). One instance holds a host's connections; reconnects with back-off by itself. */
export interface HypervisorDirectory {
  /** Connects when needed. Unreachable hosts answer so at once after the first time-out until a reconnect succeeds. */
  at(place: string): Promise<Result<Hypervisor>>;
  /** Tries a URI without registering it (doctor, Host's first look). */
  probe(uri: string): Promise<Result<HostFacts>>;
  onChange(listener: (place: string, hint: Hint) => void): () => void;
  close(): Promise<void>;
}

/** What an adapter, or the driver behind it, can do. The contract suite prints what each lacks. */
export interface Capabilities {
  adapter: 'libvirt' | 'memory';
  /** libvirt's driver name: `QEMU`, `TEST`, …; `memory`. */
  driver: string;
  hotplugCpu: boolean;
  hotplugMemory: boolean;
  hotplugDisk: boolean;
  hotplugNic: boolean;
  resizeVolume: boolean;
  transferVolume: boolean;
  /** `volumes.snapshot` of what a running machine has. */
  snapshotRunning: boolean;
  console: boolean;
  events: boolean;
  liveMigration: boolean;
  stats: boolean;
  networkUpdate: boolean;
}

export interface HostFacts {
  /** What the machine calls itself, the same by whatever way it is reached; null where the driver does not tell. */
  uuid: string | null;
  hostname: string;
  hypervisor: string;
  hypervisorVersion: string;
  arch: string;
  cpuModel: string;
  cpus: number;
  memoryMiB: number;
  /** True if a KVM guest was really started; found out by trying, cached per host boot. */
  kvm: boolean;
  firmware: ('bios' | 'uefi')[];
  machineTypes: string[];
}

export interface HostPort {
  facts(options?: CallOptions): Promise<Result<HostFacts>>;
  stats(options?: CallOptions): Promise<Result<{ cpuPercent: number | null; memoryFreeMiB: number | null }>>;
}

/** A machine as wished: all a domain needs. Built to XML by the adapter. */
export interface MachineSpec {
  uid: string;
  incarnation: number;
  /** Shown as the domain's title: `project/name`. */
  title: string;
  installationId: string;
  cpus: number;
  /** Upper bound for hot-plug; ≥ cpus. */
  maxCpus: number;
  memoryMiB: number;
  maxMemoryMiB: number;
  /** Relative weight, and a hard cap in milli-CPUs (null: none). */
  cpuShares: number;
  cpuLimitMilli: number | null;
  /** `auto`: KVM where it works, else TCG. */
  accelerator: 'auto' | 'kvm' | 'tcg';
  machineType: string | null;
  cpuModel: string | null;
  firmware: 'bios' | 'uefi';
  secureBoot: boolean;
  bootOrder: readonly ('disk' | 'cdrom' | 'network')[];
  disks: readonly DiskSpec[];
  nics: readonly NicSpec[];
  /** Serial output is also logged to a file on the host where the driver can. */
  serialLog: boolean;
  vnc: boolean;
  /** Start it with the host. Steward's loops do that, so normally false. */
  autostart: boolean;
}

export interface DiskSpec {
  /** Stable name within the machine; becomes the alias and the serial. */
  name: string;
  /** `disk`: virtio or as bus says; `cdrom`: read-only SATA. */
  device: 'disk' | 'cdrom';
  bus: 'virtio' | 'scsi' | 'sata';
  /** Null: an empty CD-ROM drive. */
  source: VolumeAddress | null;
  format: 'qcow2' | 'raw';
  readOnly: boolean;
  /** 1 = first. Null: not bootable. */
  bootIndex: number | null;
  iops: number | null;
  cache: 'none' | 'writeback' | 'writethrough' | null;
}

export interface NicSpec {
  name: string;
  mac: string;
  /** Uid of the network at the same host. */
  networkUid: string;
  model: 'virtio' | 'e1000';
  bootIndex: number | null;
  /** Average rate, Mbit/s; null: not limited. */
  rateMbps: number | null;
}

/** A volume within a pool, by the pool's uid and the volume's name (`<uid>.qcow2`). */
export interface VolumeAddress {
  poolUid: string;
  name: string;
}

export type PowerState = 'running' | 'paused' | 'stopping' | 'off' | 'crashed' | 'unknown';

/** A machine as seen: read with calls that do not enter the guest's monitor. */
export interface MachineSight {
  uid: string;
  /** False: not made by this installation (or by nobody we know). */
  owned: boolean;
  incarnation: number;
  installationId: string | null;
  title: string;
  power: PowerState;
  /** Why it is in that power state, e.g. `shutdown` (from inside or ACPI), `destroyed`, `crashed`, `failed`, `migrated`. */
  powerReason: string;
  /** libvirt's domain id while active. */
  runId: string | null;
  /** A call into its monitor has not been answered: it gets no other. */
  unresponsive: boolean;
  /** Definition that the next start uses. */
  persistent: MachineSpec | null;
  /** What is running now, if active. */
  live: MachineSpec | null;
  /** Accelerator in use. */
  accelerator: 'kvm' | 'tcg' | null;
  /** Actual VNC address (`127.0.0.1:5901`), serial log path or pty if any. */
  vnc: string | null;
  serialLog: string | null;
  /** Ports of networks that its running NICs were plugged into, by MAC. A NIC whose network does not list its port hangs in the air. */
  ports: Readonly<Record<string, string>>;
}

export interface MachineStats {
  cpuTimeNs: bigint;
  memoryUsedMiB: number | null;
  diskReadBytes: bigint;
  diskWriteBytes: bigint;
  netRxBytes: bigint;
  netTxBytes: bigint;
}

/**
 * What moved through the devices of a running machine. Counters only ever grow within an epoch; another epoch of the same device begins at
 * zero. They are 64 bits wide. An adapter may give the same epoch to a counter that began anew: then it shows less than before.
 */
export interface MachineCounters {
  uid: string;
  nics: readonly NicCounters[];
  /** Null: nobody could ask its monitor. */
  disks: readonly DiskCounters[] | null;
}

export interface NicCounters {
  /** The NIC's own name, as in NicSpec. */
  name: string;
  networkUid: string;
  epoch: string;
  /** As the guest sees it. */
  receivedBytes: bigint;
  sentBytes: bigint;
}

export interface DiskCounters {
  /** As in DiskSpec. */
  name: string;
  epoch: string;
  readRequests: bigint;
  readBytes: bigint;
  writeRequests: bigint;
  writtenBytes: bigint;
}

export interface MachinePort {
  /**
   * All machines of the host whose uid is asked for (all when undefined), from an inventory that starts after the call. Batched by the adapter: concurrent calls
   * share one listing. Foreign domains are included with owned=false.
   */
  sight(uids?: readonly string[], options?: CallOptions): Promise<Result<MachineSight[]>>;
  /** Defines or redefines (persistent). Unknown elements of an adopted domain are preserved. */
  define(spec: MachineSpec, options?: CallOptions): Promise<Result<void>>;
  /** Writes our ownership into a foreign domain, keeping its definition. */
  adopt(
    request: { foreignUid: string; uid: string; title: string; installationId: string },
    options?: CallOptions,
  ): Promise<Result<void>>;
  start(uid: string, options?: CallOptions): Promise<Result<void>>;
  /** ACPI power button. Asynchronous: observe to see it stop. */
  shutdown(uid: string, options?: CallOptions): Promise<Result<void>>;
  /** Power off now. May take 15 s. */
  destroy(uid: string, options?: CallOptions): Promise<Result<void>>;
  reboot(uid: string, options?: CallOptions): Promise<Result<void>>;
  reset(uid: string, options?: CallOptions): Promise<Result<void>>;
  suspend(uid: string, options?: CallOptions): Promise<Result<void>>;
  resume(uid: string, options?: CallOptions): Promise<Result<void>>;
  /** Removes the definition, with NVRAM; ok when there is none. Refused (NotOwned) for a foreign domain. Never removes volumes. */
  undefine(uid: string, options?: CallOptions): Promise<Result<void>>;
  setCpus(request: { uid: string; cpus: number }, options?: CallOptions): Promise<Result<void>>;
  setMemory(request: { uid: string; memoryMiB: number }, options?: CallOptions): Promise<Result<void>>;
  attachDisk(request: { uid: string; disk: DiskSpec }, options?: CallOptions): Promise<Result<void>>;
  detachDisk(request: { uid: string; name: string }, options?: CallOptions): Promise<Result<void>>;
  /** Grows a disk that a running guest has open: the volume, and what the guest sees of it. Never shrinks. */
  resizeDisk(
    request: { uid: string; volume: VolumeAddress; bytes: number },
    options?: CallOptions,
  ): Promise<Result<void>>;
  /** A NIC that is there already is plugged into its network again, if a restart of that network has lost it. */
  attachNic(request: { uid: string; nic: NicSpec }, options?: CallOptions): Promise<Result<void>>;
  detachNic(request: { uid: string; mac: string }, options?: CallOptions): Promise<Result<void>>;
  stats(uid: string, options?: CallOptions): Promise<Result<MachineStats>>;
  /**
   * Counters of all running machines of this installation, in bulk. Those of NICs are read without entering a guest's monitor; those of disks
   * one guest at a time and within the deadline: a guest that does not answer has none, and costs its neighbours nothing.
   */
  counters(options?: CallOptions): Promise<Result<MachineCounters[]>>;
  /** A two-way serial console. The reader ends when the guest stops. */
  openConsole(uid: string, options?: CallOptions): Promise<Result<Console>>;
}

export interface Console {
  output: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface NetworkSpec {
  uid: string;
  installationId: string;
  /** At most 15 characters, reserved. */
  bridge: string;
  /** DNS domain of the network, e.g. `web.internal`. */
  domain: string;
  forward: 'nat' | 'none';
  cidr: string;
  gateway: string;
  /** Null: no DHCP. First and last address of the dynamic range. */
  dhcp: { first: string; last: string } | null;
  dns: boolean;
  mtu: number | null;
}

/** A fixed lease with its DNS name. */
export interface AddressReservation {
  mac: string;
  ip: string;
  hostname: string;
}

export interface NetworkSight {
  uid: string;
  owned: boolean;
  installationId: string | null;
  name: string;
  active: boolean;
  spec: NetworkSpec | null;
  reservations: AddressReservation[];
  /** Ports that NICs are plugged into now, where the driver tells; one that was stopped and started has lost those it had. */
  ports: readonly string[] | null;
}

export interface NetworkPort {
  sight(uids?: readonly string[], options?: CallOptions): Promise<Result<NetworkSight[]>>;
  /** Defines (keeping the reservations that are there) and starts. */
  ensure(spec: NetworkSpec, options?: CallOptions): Promise<Result<void>>;
  stop(uid: string, options?: CallOptions): Promise<Result<void>>;
  /** Stops and undefines; ok when there is none; NotOwned for a foreign one. */
  remove(uid: string, options?: CallOptions): Promise<Result<void>>;
  /** Live and persistent. Replaces an entry of the same MAC. */
  reserve(request: { uid: string; reservation: AddressReservation }, options?: CallOptions): Promise<Result<void>>;
  release(request: { uid: string; mac: string }, options?: CallOptions): Promise<Result<void>>;
  leases(uid: string, options?: CallOptions): Promise<Result<{ mac: string; ip: string; hostname: string | null }[]>>;
  /** CIDRs routed on the host itself other than by networks of ours. Empty and `known: false` where it cannot be known. */
  hostRoutes(options?: CallOptions): Promise<Result<{ known: boolean; cidrs: string[] }>>;
}

export interface PoolSpec {
  uid: string;
  /** libvirt's pool types; `dir` is what the control plane offers now. */
  type: 'dir' | 'netfs' | 'logical' | 'iscsi' | 'rbd';
  path: string;
}

export interface PoolSight {
  uid: string;
  owned: boolean;
  name: string;
  active: boolean;
  path: string;
  capacityMiB: number;
  availableMiB: number;
}

export interface PoolPort {
  sight(uids?: readonly string[], options?: CallOptions): Promise<Result<PoolSight[]>>;
  ensure(spec: PoolSpec, options?: CallOptions): Promise<Result<void>>;
  /** Stops and undefines; never deletes what is in it. */
  remove(uid: string, options?: CallOptions): Promise<Result<void>>;
}

export interface VolumeSight {
  name: string;
  capacityBytes: number;
  allocatedBytes: number;
  format: 'qcow2' | 'raw';
  /** A domain of this host that has it as a disk source. */
  attachedTo: { machineUid: string; diskName: string; running: boolean } | null;
}

export interface NewVolume {
  volume: VolumeAddress;
  bytes: number;
  format: 'qcow2' | 'raw';
}

export interface VolumePort {
  /** Named volumes of a pool, from a listing that starts after the call; asked for as `<name>.part`, unfinished ones. Unknown pool ⇒ NotFound. */
  sight(request: { poolUid: string; names?: readonly string[] }, options?: CallOptions): Promise<Result<VolumeSight[]>>;
  create(request: NewVolume, options?: CallOptions): Promise<Result<void>>;
  /** A full copy of another volume of the same pool (then grown to `bytes`). Visible under its name only when complete. */
  clone(
    request: Omit<NewVolume, 'volume'> & { from: VolumeAddress; fromFormat: 'qcow2' | 'raw'; to: VolumeAddress },
    options?: CallOptions,
  ): Promise<Result<void>>;
  /**
   * A full copy, as qcow2 in the same pool, of what a volume held at one instant during the call. What a running machine has is copied
   * by that machine's hypervisor (Unsupported where it cannot); else the file is, and Busy if it was written to meanwhile: nothing torn stays.
   */
  snapshot(request: { from: VolumeAddress; to: VolumeAddress }, options?: CallOptions): Promise<Result<void>>;
  grow(request: { volume: VolumeAddress; bytes: number }, options?: CallOptions): Promise<Result<void>>;
  /** Streams content into a new volume; it carries its final name only once complete (a part is named `.part`). */
  upload(
    request: NewVolume & { content: AsyncIterable<Uint8Array>; onProgress?(bytes: number): void },
    options?: CallOptions,
  ): Promise<Result<void>>;
  download(
    request: { volume: VolumeAddress; onProgress?(bytes: number): void },
    options?: CallOptions,
  ): Promise<Result<AsyncIterable<Uint8Array>>>;
  /** Ok when there is none. Busy while a running machine uses it. An unfinished part goes with it. */
  remove(volume: VolumeAddress, options?: CallOptions): Promise<Result<void>>;
}
