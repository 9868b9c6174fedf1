import type { StoreObserver } from '../../storage/index.js';
import { type Instruments, geometric } from './instruments.js';

/** Seconds, from a file on the same disk to a film over a slow line. */
const SECONDS_BUCKETS = geometric(0.001, 4, 10);

/** Counts what goes to and from the object store. */
export function storeMetrics(make: Instruments): StoreObserver {
  const bytes = make.counter(
    'hullcast_store_bytes_total',
    'Bytes that went into the object store (in), or came out of it (out).',
    ['direction'],
  );
  const operations = make.counter(
    'hullcast_store_operations_total',
    'Operations on the object store, by whether they succeeded.',
    ['operation', 'outcome'],
  );
  const seconds = make.histogram(
    'hullcast_store_operation_seconds',
    'Wall time of operations on the object store that succeeded.',
    SECONDS_BUCKETS,
    ['operation'],
  );
  for (const direction of ['in', 'out']) bytes.inc({ direction }, 0);
  return (event) => {
    const { operation, outcome } = event;
    operations.inc({ operation, outcome });
    if (outcome === 'ok') seconds.observe({ operation }, event.seconds);
    bytes.inc({ direction: 'in' }, event.bytesIn);
    bytes.inc({ direction: 'out' }, event.bytesOut);
  };
}
