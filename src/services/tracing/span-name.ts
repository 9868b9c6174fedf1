/**
 * A span's name from BullMQ's: that of a job's run is its stage, that of an addition `add <queue>`. BullMQ puts the job's
 * name behind the queue's, which would make a name of its own for each title.
 */
export function spanName(name: string): string {
  const [operation = '', ...rest] = name.split(' ');
  const queue = rest.join(' ').split('.', 1)[0] ?? '';
  if (operation === 'process' && queue) return queue;
  if (operation === 'add' || operation === 'addBulk') return `add ${queue}`.trim();
  return name;
}
