import { startRedis } from '../../../fixtures/redis-server.js';
import { queueBus, redisQueue } from '../../../src/pipeline/index.js';
import { silent } from '../../pipeline/support.js';
import { fleetContract } from './fleet.contract.js';

fleetContract('Redis', async () => {
  const server = await startRedis();
  const backend = redisQueue(server.url, silent);
  await backend.start();
  return {
    backend,
    bus: () => queueBus(backend, silent),
    async stop() {
      await backend.stop();
      await server.stop();
    },
  };
});
