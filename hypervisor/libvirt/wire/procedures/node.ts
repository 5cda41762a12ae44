import { array, fixedArray, int, mapped, string, struct, uint, uint64 } from '../xdr.ts';
import { nothing, remote } from './define.ts';

/** C's `char model[32]`: each character is a whole word on the wire, the text ends at the first NUL. */
const cpuModel = mapped(
  fixedArray(int, 32),
  (text: string) => Array.from({ length: 32 }, (_, index) => text.charCodeAt(index) || 0),
  (characters) => {
    const end = characters.indexOf(0);
    return String.fromCharCode(...(end < 0 ? characters : characters.slice(0, end)));
  },
);

const stats = array(struct({ field: string(), value: uint64 }), 16);

/** The machine under the hypervisor. */
export const nodeProcedures = {
  /** Memory in KiB. */
  nodeGetInfo: remote('nodeGetInfo', 6, {
    args: nothing,
    result: struct({
      model: cpuModel,
      memoryKiB: uint64,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    }),
  }),
  /** Free memory in bytes. */
  nodeGetFreeMemory: remote('nodeGetFreeMemory', 102, { args: nothing, result: struct({ freeBytes: uint64 }) }),
  /**
   * Ask with `paramCount: 0` first: `count` in the answer is what to ask for next. `cpu` -1 means all together; values are
   * nanoseconds since boot (`kernel`, `user`, `idle`, `iowait`).
   */
  nodeGetCpuStats: remote('nodeGetCpuStats', 227, {
    args: struct({ cpu: int, paramCount: int, flags: uint }),
    result: struct({ stats, count: int }),
  }),
  /** Asked twice like nodeGetCpuStats. `cell` -1 means all; values in KiB (`total`, `free`, `buffers`, `cached`). */
  nodeGetMemoryStats: remote('nodeGetMemoryStats', 228, {
    args: struct({ paramCount: int, cell: int, flags: uint }),
    result: struct({ stats, count: int }),
  }),
} as const;
