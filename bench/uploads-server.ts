import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pino from 'pino';
import { openDatabase } from '../src/db/index.js';
import { type Director, createApi, openUploads } from '../src/services/api/index.js';
import { makeToken } from '../src/services/tokens/index.js';
import { FileStore } from '../src/storage/index.js';

// The API in a process of its own, for the benchmark of uploads, on the folder that its argument names and the database of
// HULLCAST_DB: it prints its address and a token as JSON, and ends when its standard input does.

const folder = process.argv[2]!;
const log = pino({ level: 'warn' }, pino.destination(2));
const db = await openDatabase(process.env['HULLCAST_DB'], {
  home: folder,
  log,
  signal: new AbortController().signal,
});
const store = new FileStore(join(folder, 'store'));
const scratch = join(folder, 'scratch');
await mkdir(scratch, { recursive: true });
const { id, secret, digest } = makeToken();
await db.tokens.create({ id, name: 'bench', scopes: ['submit'], digest });

const idle: Director = {
  submit: () => Promise.resolve(),
  cancel: () => Promise.resolve(),
  progress: () => undefined,
  watch: () => () => undefined,
  workers: () => [],
  queues: () => Promise.resolve([]),
  failures: () => [],
};
const api = await createApi({
  ...{ db, store, scratch, log, version: '0', director: idle, profiles: { default: {} }, masterBuckets: [] },
  uploads: await openUploads(undefined, store),
  masters: { headObject: () => Promise.reject(new Error('there is no S3 here')) },
  removeFiles: () => Promise.resolve(),
});
await api.listen({ host: '127.0.0.1', port: 0 });
const { port } = api.server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, secret })}\n`);

process.stdin.resume();
process.stdin.once('end', () => {
  void (async () => {
    await api.close();
    await db.close();
  })();
});
