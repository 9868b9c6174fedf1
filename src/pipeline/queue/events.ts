import { setTimeout as sleep } from 'node:timers/promises';
import { type BackendFactory, QueueEvents, type QueueEventsOptions } from 'bullmq';

/** Events that a queue keeps, about: BullMQ's default. */
const MAX_EVENTS = 10_000;
const RETRY_MS = 1000;

/**
 * Listens from a known event on. BullMQ by itself asks again and again for what is new, until the first event came, and
 * misses what comes between two questions; so the place where to begin is an event of its own, `listening`.
 */
export class PlacedQueueEvents extends QueueEvents {
  private readonly placed: Promise<void>;

  constructor(name: string, options: QueueEventsOptions, factory: BackendFactory) {
    super(name, { ...options, autorun: false }, factory as never); // whatever the data store
    this.placed = this.place();
    this.placed.then(() => this.run()).catch((error: Error) => this.failed(error));
  }

  /** From then on nothing is missed, but what a queue lost with its data. */
  override async waitUntilReady(): Promise<void> {
    await super.waitUntilReady();
    await this.placed;
  }

  private async place(): Promise<void> {
    while (!this.closing) {
      try {
        const id = await this.backend.publishEvent({ event: 'listening' }, MAX_EVENTS);
        Object.assign(this.opts, { lastEventId: id });
        return;
      } catch (error) {
        this.failed(error as Error);
        await sleep(RETRY_MS);
      }
    }
  }

  private failed(error: Error): void {
    if (!this.closing) this.emit('error', error);
  }
}
