/** Names of the drives that a machine has beside its disks: its ISO, and the seed that its guest reads. */
export const CDROM = 'cdrom';
export const SEED = 'seed';
