import { type QueueBackend, embeddedQueue, redisQueue } from '../../src/pipeline/index.js';
import { silent } from './support.js';

/** Queue backends by kind, for the contract suite and for the processes it starts. `place` names the data. */
const BACKENDS: Record<string, (place: string) => QueueBackend> = {
  embedded: (place) => embeddedQueue(place, silent),
  redis: (url) => redisQueue(url, silent),
};

export function openBackend(kind: string, place: string): QueueBackend {
  const open = BACKENDS[kind];
  if (!open) throw new RangeError(`no such queue backend: ${kind}`);
  return open(place);
}
