import { createHash } from 'node:crypto';
import { HullcastError } from '../../src/errors.js';
import {
  type ContentKey,
  type KeyRequest,
  type KeyService,
  SecretKey,
  type Signalling,
} from '../../src/keys/index.js';

export interface MemoryKeys extends KeyService {
  /** Every request so far. */
  requests: KeyRequest[];
  /** The key of a key id, hex. */
  keyOf(kid: string): string;
}

export interface MemoryKeysOptions {
  name?: string;
  /** What keys follow from; another seed gives other keys for the same key ids. */
  seed?: string;
  signalling?: (request: KeyRequest) => Signalling[];
  /** Constant IV of every key. */
  iv?: Uint8Array;
  /** Changes what is given. */
  answer?: (keys: ContentKey[]) => ContentKey[];
}

/** A key service for tests: keys follow from seed, content id and key id, so that asking again gives the same. */
export function memoryKeys(options: MemoryKeysOptions = {}): MemoryKeys {
  const {
    name = 'memory',
    seed = 'keys of the tests',
    signalling = () => [],
    answer = (keys) => keys,
  } = options;
  const bytesOf = (kid: string): Buffer =>
    createHash('sha256')
      .update(JSON.stringify([seed, kid]))
      .digest()
      .subarray(0, 16);
  const requests: KeyRequest[] = [];
  return {
    name,
    requests,
    keyOf: (kid) => bytesOf(kid).toString('hex'),
    obtain(request, signal) {
      requests.push(request);
      if (signal?.aborted) return Promise.reject(new HullcastError('CANCELLED', 'cancelled'));
      const keys = request.keys.map(({ kid, label }) => ({
        ...{ kid, label, key: new SecretKey(bytesOf(kid)) },
        ...(options.iv ? { iv: options.iv } : {}),
      }));
      return Promise.resolve({ keys: answer(keys), signalling: signalling(request) });
    },
  };
}
