import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openUploads } from '../../../../src/services/api/index.js';
import { type TestApi, startApi } from '../support.js';
import { uploadContract } from './contract.js';

let api: TestApi;

uploadContract(
  'on the disk',
  100_000,
  async () => {
    api = await startApi();
    const { db, store } = api;
    return {
      api,
      read: (id) => store.read(`uploads/${id}`),
      leftovers: () => readdir(join(store.root, '.uploads')),
      shared: { db, store, uploads: await openUploads(undefined, store) },
    };
  },
  () => api.close(),
);
