import type { ProtectionScheme } from '../../keys/index.js';

/** A field's number and its wire type, as protocol buffers write them: in one byte, for small numbers. */
const KEY_IDS = (2 << 3) | 2;
const PROTECTION_SCHEME = (9 << 3) | 0;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/**
 * What Widevine has in its `pssh` box, WidevinePsshData: the key ids and the scheme as a four-character code. Each key id
 * once: the packager would name it once for every rendition.
 */
export function widevineData(kids: readonly string[], scheme: ProtectionScheme): Buffer {
  return Buffer.concat([
    ...kids.flatMap((kid) => [Buffer.from([KEY_IDS, kid.length / 2]), Buffer.from(kid, 'hex')]),
    Buffer.from([PROTECTION_SCHEME]),
    varint(Buffer.from(scheme, 'latin1').readUInt32BE()),
  ]);
}
