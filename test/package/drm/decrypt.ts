import { createDecipheriv } from 'node:crypto';
import type { Sample, SampleEntry } from './boxes.js';

const BLOCK = 16;

/** AES-CTR over the protected bytes of all subsamples as one stream (ISO/IEC 23001-7, 10.1). */
function counterMode(parts: readonly Buffer[], key: Buffer, iv: string): Buffer[] {
  const counter = Buffer.alloc(BLOCK);
  Buffer.from(iv, 'hex').copy(counter);
  const cipher = createDecipheriv('aes-128-ctr', key, counter);
  return parts.map((part) => cipher.update(part));
}

/** AES-CBC over whole blocks of each subsample, of which a pattern skips some; the IV begins anew each time (10.4). */
function patternMode(
  parts: readonly Buffer[],
  key: Buffer,
  iv: string,
  [crypt, skip]: [number, number],
): Buffer[] {
  return parts.map((part) => {
    const cipher = createDecipheriv('aes-128-cbc', key, Buffer.from(iv, 'hex')).setAutoPadding(false);
    const clear = Buffer.from(part);
    const blocks = Math.floor(part.length / BLOCK);
    for (let block = 0; block < blocks; block += 1) {
      if (crypt + skip > 0 && block % (crypt + skip) >= crypt) continue;
      cipher.update(part.subarray(block * BLOCK, (block + 1) * BLOCK)).copy(clear, block * BLOCK);
    }
    return clear;
  });
}

/** A sample as it was before it was encrypted. */
export function decryptSample(
  { data, iv, subsamples }: Sample,
  { scheme, crypt, skip, constantIv }: NonNullable<SampleEntry['protection']>,
  key: Buffer,
): Buffer {
  const layout = subsamples.length > 0 ? subsamples : [{ clear: 0, protected: data.length }];
  const clear: Buffer[] = [];
  const hidden: Buffer[] = [];
  let at = 0;
  for (const part of layout) {
    clear.push(data.subarray(at, (at += part.clear)));
    hidden.push(data.subarray(at, (at += part.protected)));
  }
  const open =
    scheme === 'cenc' ? counterMode(hidden, key, iv) : patternMode(hidden, key, constantIv, [crypt, skip]);
  return Buffer.concat(open.flatMap((part, index) => [clear[index]!, part]));
}
