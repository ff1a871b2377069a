import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time of a process so far, user and system, all threads, in nanoseconds. From the scheduler's account of each
 * thread, because `/proc/<pid>/stat` counts in ticks of 10 ms. A thread that has ended is not in it: ask for
 * differences over a stretch in which none ends. Of a start, `bench/processes/cpu-clock.ts` tells all.
 * Source: https://docs.kernel.org/scheduler/sched-stats.html (`/proc/<pid>/schedstat`)
 */
export function cpuTimeNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [onCpuNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ');
    return sum + Number(onCpuNs);
  }, 0);
}

/** The memory of a process that is in RAM now, in bytes. Source: proc_pid_status(5), `VmRSS`. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no VmRSS: it has ended`);
  return Number(kibibytes) * 1024;
}
