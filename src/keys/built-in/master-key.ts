import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { badUsage } from '../../errors.js';
import { AES_KEY_BYTES, type Sealed, seal, unseal } from './gcm.js';

const FINGERPRINT_DIGITS = 12;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A key of 256 bits that wraps others. Whatever prints it shows its name only. */
export class MasterKey {
  /** Fingerprint: 12 hex digits of a SHA-256 over the key, by which records name it. */
  readonly id: string;
  readonly #bytes: Buffer;

  /** `name` is the operator's, and has no meaning. */
  constructor(
    readonly name: string,
    bytes: Uint8Array,
  ) {
    this.#bytes = Buffer.from(bytes);
    const digest = createHash('sha256').update('hullcast master key\n').update(this.#bytes).digest('hex');
    this.id = digest.slice(0, FINGERPRINT_DIGITS);
  }

  wrap(secret: Uint8Array, context: string): Sealed {
    return seal(this.#bytes, secret, context);
  }

  /** Undefined where it was not wrapped by this key for this context, or changed since. */
  unwrap(sealed: Sealed, context: string): Buffer | undefined {
    return unseal(this.#bytes, sealed, context);
  }

  toJSON(): object {
    return { id: this.id, name: this.name };
  }

  toString(): string {
    return `master key ${this.name}${this.name === this.id ? '' : ` (${this.id})`}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A new random master key as a line for a file, and what it is called: its fingerprint. */
export function newMasterLine(): { line: string; id: string } {
  const bytes = randomBytes(AES_KEY_BYTES);
  const { id } = new MasterKey('new', bytes);
  return { id, line: `${id}:${bytes.toString('base64')}` };
}

/**
 * The master keys in a text: a line `name:base64` for each, the current one first; empty lines and those that begin with
 * `#` are left out. `place` is where it is from. Throws KEY_MASTER_FILE, which tells the line but nothing that is in it.
 */
export function parseMasterKeys(text: string, place: string): MasterKey[] {
  const keys: MasterKey[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const key = parseLine(line);
    if (!key) throw badFile(`line ${i + 1} of ${place} is no master key`);
    const same = keys.find(({ id, name }) => id === key.id || name === key.name);
    if (same) throw badFile(`line ${i + 1} of ${place} has the name or the key of another line`);
    keys.push(key);
  }
  if (keys.length === 0) throw badFile(`${place} holds no master key`);
  return keys;
}

function parseLine(line: string): MasterKey | undefined {
  const [, name = '', base64 = ''] = /^([^:]*):([A-Za-z0-9+/]+=*)\s*$/.exec(line) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  const isWhole = bytes.length === AES_KEY_BYTES && bytes.toString('base64') === base64;
  return NAME.test(name) && isWhole ? new MasterKey(name, bytes) : undefined;
}

function badFile(why: string) {
  return badUsage(
    'KEY_MASTER_FILE',
    why,
    'A line is a name, a colon and 32 random bytes in base64; `hullcast keys new-master` adds one.',
  );
}
