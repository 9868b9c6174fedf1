// Makes the secrets of compose.yaml, each at random, in deploy/compose/secrets. Changes nothing that is there already.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? join(import.meta.dirname, 'secrets');
if (existsSync(folder)) {
  console.error(`${folder} is there already: nothing was made. Remove it to make new secrets.`);
  process.exit(1);
}

/** Letters and digits only: the same in a URL, in a configuration and in JSON. */
const secret = () => randomBytes(24).toString('hex');
const [redis, postgres, s3Key, s3Secret, webhook, grafana] = Array.from({ length: 6 }, secret);
const lines = (variables) =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const worker = {
  HULLCAST_QUEUE: `redis://:${redis}@redis:6379`,
  AWS_ACCESS_KEY_ID: s3Key,
  AWS_SECRET_ACCESS_KEY: s3Secret,
};
const identity = {
  name: 'hullcast',
  credentials: [{ accessKey: s3Key, secretKey: s3Secret }],
  actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'],
};
const files = {
  'worker.env': lines(worker),
  'control.env': lines({
    ...worker,
    HULLCAST_DB: `postgres://hullcast:${postgres}@postgres:5432/hullcast`,
    HULLCAST_WEBHOOK_SECRET: webhook,
  }),
  'redis-auth.conf': `requirepass ${redis}\n`,
  'postgres-password': postgres,
  's3.json': `${JSON.stringify({ identities: [identity] }, undefined, 2)}\n`,
  'grafana-password': grafana,
};

// Compose shows these files to containers as they are, whose users are not this one: they have to be readable for all,
// and the folder, through which nobody else gets, is what protects them.
mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const [name, text] of Object.entries(files))
  writeFileSync(join(folder, name), text, { mode: 0o644, flag: 'wx' });
console.log(`secrets are in ${folder}: ${Object.keys(files).join(', ')}`);
