import { openBackend } from './backends.js';

// A process that takes a job and holds it until it is killed.
const [kind, place, name] = process.argv.slice(2) as [string, string, string];
const backend = openBackend(kind, place);
await backend.start();
const queue = backend.queue<object>(name);
await queue.add('held', { from: 'the killed process' }, { jobId: 'held' });
await queue.add('waits', {}, { jobId: 'waits' });
const hold = async (job: { id?: string | undefined }): Promise<void> => {
  console.log(`active ${job.id}`);
  await new Promise(() => undefined);
};
backend.worker(name, hold, { lockDuration: 1000, stalledInterval: 300 });
