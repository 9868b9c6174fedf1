import { inspect } from 'node:util';
import { HullcastError } from '../errors.js';

const KEY_BYTES = 16;
const HIDDEN = '[secret]';

/** An AES-128 key that JSON, logs and error messages show as `[secret]`. */
export class SecretKey {
  readonly #bytes: Buffer;

  /** Throws KEY_SIZE. */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES)
      throw new HullcastError('KEY_SIZE', `a content key has ${KEY_BYTES} bytes, not ${bytes.length}`);
    this.#bytes = Buffer.from(bytes);
  }

  /** For the one who encrypts or answers a licence, and nobody else. */
  reveal(): Buffer {
    return Buffer.from(this.#bytes);
  }

  toJSON(): string {
    return HIDDEN;
  }

  toString(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
