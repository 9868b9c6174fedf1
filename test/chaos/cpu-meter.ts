import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseProcStat } from '../../src/media/usage.js';

const POLL_MS = 40;

/**
 * CPU of all that a process ever started, from the kernel's own books: it knows what children a process has buried have
 * used, and those that outlive it are watched until they end. Asks the program nothing.
 */
export class CpuMeter {
  private buried = 0;
  private readonly orphans = new Map<number, number>();
  private readonly watches = new Set<Promise<void>>();

  /** CPU of the children that a process has waited for so far, seconds. */
  static ofChildren(pid: number): number {
    return parseProcStat(stat(pid) ?? '').children;
  }

  /** Kills a process at a moment at which it can neither bury nor start a child. `startup` is not counted. */
  async kill(pid: number, startup: number): Promise<void> {
    process.kill(pid, 'SIGSTOP');
    while (!/^[TtZX]$/.test(stateOf(stat(pid)))) await delay(1);
    this.buried += CpuMeter.ofChildren(pid) - startup;
    for (const child of childrenOf(pid)) this.watch(child);
    process.kill(pid, 'SIGKILL');
  }

  /** Seconds in all, once the last orphan has ended. */
  async total(): Promise<number> {
    await Promise.all(this.watches);
    return [...this.orphans.values()].reduce((sum, seconds) => sum + seconds, this.buried);
  }

  private watch(pid: number): void {
    const born = bornAt(stat(pid));
    const id = this.orphans.size;
    this.orphans.set(id, 0);
    const watch = async (): Promise<void> => {
      for (;;) {
        const text = stat(pid);
        if (text === undefined || bornAt(text) !== born) return;
        const { own, children } = parseProcStat(text);
        this.orphans.set(id, own + children);
        if (/^[ZX]$/.test(stateOf(text))) return;
        await delay(POLL_MS);
      }
    };
    this.watches.add(watch());
  }
}

/** Ids of a process's children. */
export function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => fields(stat(pid))[1] === String(parent));
}

function stat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // it has ended
  }
}

/** What follows the command, which may hold spaces: state, parent, … */
function fields(text = ''): string[] {
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const stateOf = (text?: string): string => (text === undefined ? 'X' : (fields(text)[0] ?? 'X'));
const bornAt = (text?: string): string | undefined => fields(text)[19];
