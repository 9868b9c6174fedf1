import type { QueueEventsListener } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Bus, type BusMessage, Listeners } from './bus.js';
import type { QueueClasses } from './queue/backend.js';

const BUS = 'bus';
/** Messages on their way at a time: while the queue's server is away, what comes on top is dropped. */
const MAX_PENDING = 1000;

const eventSchema = z.object({ json: z.string() });

interface BusListener extends QueueEventsListener {
  message: (event: unknown, id: string) => void;
}

/** The bus of a queue that many processes use: an event stream of its own under the name `bus`. */
export function queueBus(backend: QueueClasses, log: Logger): Bus {
  const listeners = new Listeners(log);
  const events = backend.events(BUS);
  const publisher = backend.publisher(BUS);
  let pending = 0;
  events.on<BusListener>('message', (event: unknown) => {
    const message = parse(event);
    if (message) listeners.tell(message);
    else log.warn('a message on the bus is of another version of hullcast: it is passed over');
  });
  return {
    publish(message) {
      if (pending >= MAX_PENDING) return;
      pending += 1;
      publisher
        .publishEvent({ eventName: 'message', json: JSON.stringify(message) })
        .catch((error: unknown) => log.warn({ error: String(error) }, 'a message for the bus was lost'))
        .finally(() => (pending -= 1));
    },
    subscribe: (listener) => listeners.add(listener),
    async close() {
      await events.close();
      await publisher.close();
    },
  };
}

function parse(event: unknown): BusMessage | undefined {
  const text = eventSchema.safeParse(event).data?.json;
  try {
    // Written by this program's own publish(); another version's are told apart by their type.
    const message = JSON.parse(text ?? '') as BusMessage;
    return ['job', 'step', 'cancel', 'worker', 'failure'].includes(message.type) ? message : undefined;
  } catch {
    return undefined;
  }
}
