// Makes the bucket of HULLCAST_STORE where it is not there yet; waits while the server starts. For installations that
// bring their own S3 server. Everywhere else the bucket is made by whoever owns it, with the rights that it should have.
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';

const ATTEMPTS = 60;
const PAUSE_MS = 1000;

const store = process.env.HULLCAST_STORE ?? '';
const bucket = /^s3:\/\/([^/]+)/.exec(store)?.[1];
if (!bucket) throw new Error('HULLCAST_STORE is no s3://bucket/prefix');

const client = new S3Client({ region: process.env.AWS_REGION || 'us-east-1', forcePathStyle: true });

/** @returns {Promise<string>} what was found or done */
async function make() {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    return 'is there';
  } catch (error) {
    if (error.$metadata?.httpStatusCode !== 404) throw error;
  }
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return 'was made';
}

/** Refused for good: to ask again changes nothing. */
const refused = (error) => [400, 401, 403].includes(error.$metadata?.httpStatusCode);

for (let attempt = 1; ; attempt++) {
  try {
    console.log(`bucket ${bucket} ${await make()}`);
    break;
  } catch (error) {
    if (attempt === ATTEMPTS || refused(error)) throw error;
    console.log(`bucket ${bucket}: ${error.name}, again in ${PAUSE_MS} ms`);
    await delay(PAUSE_MS);
  }
}
