import { join } from 'node:path';
import { embeddedQueue, localBus } from '../../../src/pipeline/index.js';
import { homes, silent } from '../../pipeline/support.js';
import { fleetContract } from './fleet.contract.js';

fleetContract('embedded', async () => {
  const fixtures = await homes();
  const backend = embeddedQueue(join(await fixtures.make(), 'queue'), silent);
  await backend.start();
  const bus = localBus(silent);
  return {
    backend,
    bus: () => ({ ...bus, close: () => Promise.resolve() }),
    async stop() {
      await backend.stop();
      await fixtures.cleanUp();
    },
  };
});
