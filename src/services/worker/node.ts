import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Bus, WorkerHost } from '../../pipeline/index.js';

const HEARTBEAT_MS = 5000;

/**
 * Ties a host of stages to the cluster: tells the bus what happens to its jobs and how the process is, and stops the jobs
 * of titles that somebody cancels.
 */
export class WorkerNode {
  readonly id = randomUUID();
  private readonly timer: NodeJS.Timeout;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly host: WorkerHost,
    private readonly bus: Bus,
    private readonly version: string,
  ) {
    this.unsubscribe = bus.subscribe((message) => {
      if (message.type === 'cancel') host.cancel(message.title);
    });
    this.timer = setInterval(() => this.tell(), HEARTBEAT_MS).unref();
    this.tell();
  }

  /** Takes no more jobs; those that are not finished within `graceMs` go back to their queues. */
  async drain(graceMs: number): Promise<void> {
    const drained = this.host.drain(graceMs);
    this.tell();
    await drained;
    clearInterval(this.timer);
    this.unsubscribe();
  }

  private tell(): void {
    const process = { id: this.id, host: hostname(), pid: globalThis.process.pid, version: this.version };
    this.bus.publish({ type: 'worker', worker: { ...process, ...this.host.state() } });
  }
}
