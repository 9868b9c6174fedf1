import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** What one child process used. */
export interface Usage {
  /** User plus system CPU, seconds. */
  cpuSeconds: number;
  /** Peak resident memory, bytes; 0 where it could not be read. */
  peakBytes: number;
}

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on (the kernel's USER_HZ). */
const TICKS_PER_SECOND = 100;

/**
 * Reads `bench: utime=4.110s stime=0.140s rtime=4.2s` and `bench: maxrss=12345KiB`, which ffmpeg prints at its end
 * when given -benchmark. Undefined for any other line.
 */
export function parseBenchLine(line: string): Partial<Usage> | undefined {
  const cpu = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(line);
  if (cpu) return { cpuSeconds: Number(cpu[1]) + Number(cpu[2]) };
  const rss = /bench: maxrss=(\d+)(?:Ki|k)B/.exec(line);
  return rss ? { peakBytes: Number(rss[1]) * 1024 } : undefined;
}

/** CPU seconds from the text of /proc/<pid>/stat: of the process itself, and of its finished children. */
export function parseProcStat(text: string): { own: number; children: number } {
  // The second field is the command in parentheses and may hold spaces: count from the last parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = (index: number): number => Number(fields[index] ?? 0) / TICKS_PER_SECOND;
  return { own: ticks(11) + ticks(12), children: ticks(13) + ticks(14) };
}

/** Usage so far of a running process, from /proc; undefined where it has ended or there is no /proc. */
export async function readUsage(pid: number): Promise<Usage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    const peak = /VmHWM:\s+(\d+) kB/.exec(status);
    return { cpuSeconds: parseProcStat(stat).own, peakBytes: peak ? Number(peak[1]) * 1024 : 0 };
  } catch {
    return undefined; // the process ended between two polls: what was read before stands
  }
}

/** CPU seconds of a process that ends just now, in whole ticks; 0 where it is gone or there is no /proc. */
export function readLastCpu(pid: number): number {
  try {
    // Not later: it may be reaped as soon as the event loop goes on.
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).own;
  } catch {
    return 0;
  }
}
