import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

const BLOCK = 2 ** 20;
/** Any bytes that do not repeat within a block. */
const noise = Buffer.alloc(BLOCK);
for (let i = 0, state = 0x9e3779b9; i < BLOCK; i += 4) {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
  noise.writeInt32LE(state | 0, i);
}

/** Bytes of a master that is not kept anywhere: from `start` to the end of its block, or to `end`. */
function generated(start: number, end: number): Buffer {
  const index = Math.floor(start / BLOCK);
  const block = Buffer.from(noise);
  block.writeBigUInt64LE(BigInt(index), 0);
  return block.subarray(start - index * BLOCK, Math.min(BLOCK, end - index * BLOCK));
}

/** SHA-256 of the whole generated master. */
export function generatedDigest(bytes: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += BLOCK) hash.update(generated(at, bytes));
  return hash.digest('hex');
}

export interface UploadTarget {
  url: string;
  secret: string;
}

function open({ url, secret }: UploadTarget, method: string, path: string, headers: object): ClientRequest {
  return request(url + path, {
    ...{ method, agent: false },
    headers: { authorization: `Bearer ${secret}`, 'tus-resumable': '1.0.0', ...headers },
  });
}

async function answer(sent: ClientRequest): Promise<Record<string, string | string[] | undefined>> {
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if ((response.statusCode ?? 500) >= 300) throw new Error(`the server answered ${response.statusCode}`);
  return response.headers;
}

/** Sends bytes from `offset` on; cuts the connection at `cutAt`, or waits for the answer at the end. */
async function send(
  target: UploadTarget,
  path: string,
  [offset, cutAt, bytes]: readonly [number, number, number],
): Promise<void> {
  const sent = open(target, 'PATCH', path, {
    'content-type': 'application/offset+octet-stream',
    'content-length': String(bytes - offset),
    'upload-offset': String(offset),
  });
  const ended = cutAt < bytes ? new Promise((resolve) => sent.once('close', resolve)) : answered(sent);
  if (cutAt < bytes) sent.on('error', () => undefined); // it ends with one
  for (let at = offset; at < cutAt;) {
    const block = generated(at, cutAt);
    at += block.length;
    if (!sent.write(block)) await once(sent, 'drain');
  }
  if (cutAt < bytes) sent.destroy();
  else sent.end();
  await ended;
}

async function answered(sent: ClientRequest): Promise<void> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  if (response.statusCode !== 204) throw new Error(`the server answered ${response.statusCode}`);
}

/** Uploads a generated master whose connection is cut `cuts` times; gives the upload's id and where it was resumed. */
export async function uploadWithCuts(
  target: UploadTarget,
  bytes: number,
  cuts: number,
): Promise<{ id: string; resumedAt: number[] }> {
  const made = await answer(open(target, 'POST', '/v1/uploads', { 'upload-length': String(bytes) }));
  const path = String(made['location']);
  const resumedAt: number[] = [];
  for (let cut = 1; ; cut++) {
    const headers = cut === 1 ? { 'upload-offset': '0' } : await answer(open(target, 'HEAD', path, {}));
    const offset = Number(headers['upload-offset']);
    if (cut > 1) resumedAt.push(offset);
    // Not at the same place in every block.
    const cutAt = cut > cuts ? bytes : Math.floor((bytes * cut) / (cuts + 1)) + 4321 * cut;
    await send(target, path, [offset, cutAt, bytes]);
    if (cut > cuts) return { id: path.split('/').at(-1)!, resumedAt };
  }
}
