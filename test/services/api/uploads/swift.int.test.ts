import { type TestApi, startApi } from '../support.js';
import { openUploads } from '../../../../src/services/api/index.js';
import type { ObjectStore } from '../../../../src/storage/index.js';
import { type TestS3 } from '../../../support/s3-server.js';
import { S3Stores } from '../../../support/s3-stores.js';
import { startSwift } from '../../../support/swift-server.js';
import { uploadContract } from './contract.js';

let api: TestApi;
let server: TestS3;
let stores: S3Stores;

async function keys(store: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list('uploads/')) found.push(key);
  return found;
}

// A server that has every call of multipart uploads, which s3rver has not.
uploadContract(
  'in S3',
  6 * 2 ** 20,
  async () => {
    server = await startSwift();
    stores = await S3Stores.open();
    const { store } = stores.make(server, { prefix: 'here' });
    const uploads = await openUploads(`s3://${server.bucket}/here`, store, { env: server.env });
    api = await startApi({ store, uploads });
    return {
      api,
      read: (id) => store.read(`uploads/${id}`),
      leftovers: async () => (await keys(store)).filter((key) => /\.(info|part)$/.test(key)),
      shared: { db: api.db, store, uploads },
    };
  },
  async () => {
    await api.close();
    await stores.cleanUp();
    await server.stop();
  },
);
