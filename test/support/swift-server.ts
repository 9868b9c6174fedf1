import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import type { TestS3 } from './s3-server.js';

/** Debian's own Python, which has the package python3-swift. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = new URL('swift-server.py', import.meta.url).pathname;
/** Of the server's only user. */
const CREDENTIALS = { accessKeyId: 'test:tester', secretAccessKey: 'testing' };
const REGION = 'us-east-1';

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
    const client = new S3Client({ endpoint, region: REGION, forcePathStyle: true, credentials: CREDENTIALS });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    const { accessKeyId, secretAccessKey } = CREDENTIALS;
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
    const env = { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: REGION, ...keys };
    return { endpoint, bucket, env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
