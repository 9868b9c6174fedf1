import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { openS3 } from '../../src/storage/s3/index.js';
import type { TestS3 } from './s3-server.js';

/** Debian's own Python, which has the package python3-swift. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = new URL('swift-server.py', import.meta.url).pathname;
/** Of the server's only user. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test:tester', AWS_SECRET_ACCESS_KEY: 'testing' };

/** Starts OpenStack Swift with its S3 API, in a process of its own, on a free port of the loopback. */
export async function startSwift(bucket = 'hullcast'): Promise<TestS3> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-swift-'));
  const server = execa(PYTHON, [SCRIPT, folder], { stdin: 'pipe', reject: false });
  const stop = async (): Promise<void> => {
    server.stdin.end();
    await server;
    await rm(folder, { recursive: true });
  };
  try {
    const port = await Promise.race([
      new Promise<string>((done) => createInterface(server.stdout).once('line', done)),
      server.then(({ stderr }): never => {
        throw new Error(`Swift did not start (apt-get install python3-swift): ${stderr}`);
      }),
    ]);
    const endpoint = `http://127.0.0.1:${port}`;
    const env = { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1', ...CREDENTIALS };
    const { client } = openS3({ env });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    return { endpoint, bucket, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
