/** libvirt's numbers for flags and states (its public headers), those that a caller of this client needs. Flags combine with `|`. */

/** What a device or tuning change touches. 0 means the domain as it is now. */
export const affect = { current: 0, live: 1, config: 2 } as const;

export const listDomains = {
  active: 1 << 0,
  inactive: 1 << 1,
  persistent: 1 << 2,
  transient: 1 << 3,
  running: 1 << 4,
  paused: 1 << 5,
  shutoff: 1 << 6,
} as const;

export const listNetworks = { inactive: 1 << 0, active: 1 << 1, persistent: 1 << 2, transient: 1 << 3 } as const;

export const listStoragePools = { inactive: 1 << 0, active: 1 << 1, persistent: 1 << 2, transient: 1 << 3 } as const;

export const domainFlags = {
  defineValidate: 1 << 0,
  startPaused: 1 << 0,
  startForceBoot: 1 << 3,
  startResetNvram: 1 << 5,
  destroyGraceful: 1 << 0,
  shutdownAcpi: 1 << 0,
  shutdownAgent: 1 << 1,
  undefineManagedSave: 1 << 0,
  undefineSnapshotsMetadata: 1 << 1,
  undefineNvram: 1 << 2,
  undefineKeepNvram: 1 << 3,
  undefineCheckpointsMetadata: 1 << 4,
  undefineTpm: 1 << 5,
  undefineKeepTpm: 1 << 6,
  xmlSecure: 1 << 0,
  xmlInactive: 1 << 1,
  xmlMigratable: 1 << 3,
  vcpuMaximum: 1 << 2,
  vcpuHotpluggable: 1 << 4,
  memoryMaximum: 1 << 2,
  deviceForce: 1 << 2,
  blockResizeBytes: 1 << 0,
  consoleForce: 1 << 0,
  consoleSafe: 1 << 1,
  jobStatsCompleted: 1 << 0,
  jobStatsKeepCompleted: 1 << 1,
} as const;

export const domainState = {
  none: 0,
  running: 1,
  blocked: 2,
  paused: 3,
  shutdown: 4,
  shutoff: 5,
  crashed: 6,
  suspended: 7,
} as const;

export const domainLifecycle = {
  defined: 0,
  undefined: 1,
  started: 2,
  suspended: 3,
  resumed: 4,
  stopped: 5,
  shutdown: 6,
  pmSuspended: 7,
  crashed: 8,
} as const;

/** Groups of connectGetAllDomainStats, and the flags that select domains for it. */
export const domainStats = {
  state: 1 << 0,
  cpuTotal: 1 << 1,
  balloon: 1 << 2,
  vcpu: 1 << 3,
  interface: 1 << 4,
  block: 1 << 5,
  noWait: 1 << 29,
} as const;

export const domainMemoryStat = {
  swapIn: 0,
  swapOut: 1,
  majorFault: 2,
  minorFault: 3,
  unused: 4,
  available: 5,
  actualBalloon: 6,
  rss: 7,
  usable: 8,
  lastUpdate: 9,
  diskCaches: 10,
} as const;

export const domainJobType = { none: 0, bounded: 1, unbounded: 2, completed: 3, failed: 4, cancelled: 5 } as const;

export const domainJobOperation = { backup: 9 } as const;
export const domainJobStatsFlags = { completed: 1 << 0 } as const;
export const domainBackupFlags = { reuseExternal: 1 << 0 } as const;

export const domainMetadataType = { description: 0, title: 1, element: 2 } as const;

export const migrateFlags = {
  live: 1 << 0,
  peerToPeer: 1 << 1,
  tunnelled: 1 << 2,
  persistDestination: 1 << 3,
  undefineSource: 1 << 4,
  paused: 1 << 5,
  nonSharedDisk: 1 << 6,
  nonSharedIncremental: 1 << 7,
  changeProtection: 1 << 8,
  unsafe: 1 << 9,
  offline: 1 << 10,
  compressed: 1 << 11,
  abortOnError: 1 << 12,
  autoConverge: 1 << 13,
  postcopy: 1 << 15,
  tls: 1 << 16,
  parallel: 1 << 17,
} as const;

export const networkFlags = { defineValidate: 1 << 0, xmlInactive: 1 << 0 } as const;
export const networkUpdateCommand = { modify: 1, delete: 2, addLast: 3, addFirst: 4 } as const;
export const networkUpdateSection = {
  bridge: 1,
  domain: 2,
  ip: 3,
  ipDhcpHost: 4,
  ipDhcpRange: 5,
  forward: 6,
  forwardInterface: 7,
  forwardPf: 8,
  portgroup: 9,
  dnsHost: 10,
  dnsTxt: 11,
  dnsSrv: 12,
} as const;
export const networkLifecycle = { defined: 0, undefined: 1, started: 2, stopped: 3 } as const;

export const storagePoolState = { inactive: 0, building: 1, running: 2, degraded: 3, inaccessible: 4 } as const;
export const storagePoolFlags = {
  defineValidate: 1 << 0,
  createWithBuild: 1 << 0,
  buildNoOverwrite: 1 << 2,
  buildOverwrite: 1 << 3,
  deleteZeroed: 1 << 0,
  xmlInactive: 1 << 0,
} as const;
export const storagePoolLifecycle = {
  defined: 0,
  undefined: 1,
  started: 2,
  stopped: 3,
  created: 4,
  deleted: 5,
} as const;

export const storageVolumeType = { file: 0, block: 1, directory: 2, network: 3 } as const;
export const storageVolumeFlags = {
  createPreallocateMetadata: 1 << 0,
  createReflink: 1 << 1,
  createValidate: 1 << 2,
  deleteZeroed: 1 << 0,
  deleteWithSnapshots: 1 << 1,
  resizeAllocate: 1 << 0,
  resizeDelta: 1 << 1,
  resizeShrink: 1 << 2,
  infoPhysical: 1 << 0,
  uploadSparse: 1 << 0,
  downloadSparse: 1 << 0,
} as const;
