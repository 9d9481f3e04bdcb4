import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { spawnSync } from 'node:child_process';

/** The core the server under test has to itself, and the one the load comes from. */
export const serverCore = 0;
export const loadCore = 1;

const clockTicksPerSecond = 100;

/**
 * CPU seconds a process has used in user and kernel mode, all its threads together, with a grain of 10 ms.
 * Source: proc(5), `/proc/<pid>/stat`, fields 14 and 15. Throws where there is no /proc.
 */
export function cpuSeconds(pid: number): number {
  return secondsIn(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** The same for each of its threads by their names, those of one name together. Source: `/proc/<pid>/task/<tid>/stat`. */
export function threadSeconds(pid: number): Readonly<Record<string, number>> {
  const seconds: Record<string, number> = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    seconds[name] = (seconds[name] ?? 0) + secondsIn(stat);
  }
  return seconds;
}

function secondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

/** Resident memory of a process in bytes. Source: proc(5), `/proc/<pid>/status`, VmRSS. */
export function residentBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1] ?? 0) * 1024;
}

/** Seconds both cores have been busy for anybody, hypervisor steal included; the difference of two readings counts. */
export function busySeconds(): number {
  let ticks = 0;
  for (const line of readFileSync('/proc/stat', 'latin1').split('\n')) {
    const core = /^cpu(\d+) (.*)$/.exec(line);
    if (core === null || (Number(core[1]) !== serverCore && Number(core[1]) !== loadCore)) continue;
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (core[2] ?? '')
      .split(' ')
      .map(Number);
    ticks += user + nice + system + irq + softirq + steal;
  }
  return ticks / clockTicksPerSecond;
}

let pinning: boolean | undefined;

/** True when children can be pinned: Linux `taskset` is there and the machine has two cores. */
export function canPin(): boolean {
  pinning ??= availableParallelism() >= 2 && spawnSync('taskset', ['-V']).status === 0;
  return pinning;
}
