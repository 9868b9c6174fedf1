import { openDatabase } from '../../src/db/index.js';
import { startPostgres } from '../support/postgres-server.js';
import { databaseContract } from './contract.js';
import { clockContract } from './contract/clock.js';
import { interleavedContract } from './contract/interleaved.js';
import { never, silent } from './support.js';

databaseContract(
  'PostgreSQL',
  async () => {
    // Defaults of a server that is not set up as one expects: the program's sessions must not depend on them.
    const server = await startPostgres({ settings: ['DateStyle=SQL, DMY', 'TimeZone=Asia/Kathmandu'] });
    const options = { home: '/nowhere', log: silent, signal: never };
    // Both at once: the schema is made by one of them.
    const open = () => openDatabase(server.url, options);
    const [db, peer] = await Promise.all([open(), open()]);
    return {
      ...{ db, peer, url: server.url },
      query: (statement) => server.query(statement),
      async close() {
        await Promise.all([db.close(), peer.close()]);
        await server.stop();
      },
    };
  },
  [clockContract, interleavedContract],
);
