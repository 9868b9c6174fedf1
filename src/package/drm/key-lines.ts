import type { DrmSystem, ProtectionScheme } from '../../keys/index.js';
import { hexadecimal, quoted } from '../packager/attributes.js';
import { parsePssh } from './pssh.js';
import { hlsMethod } from './hls-method.js';

/** KEYFORMAT of every system. ClearKey has no registered one: hls.js knows it by the name of its key system. */
export const KEYFORMAT: Readonly<Record<DrmSystem, string>> = {
  widevine: 'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
  playready: 'com.microsoft.playready',
  fairplay: 'com.apple.streamingkeydelivery',
  clearkey: 'org.w3.clearkey',
};

export interface LineFacts {
  scheme: ProtectionScheme;
  kid: string;
  /** Constant IV, hex; undefined for a scheme with IVs in the samples. */
  iv: string | undefined;
  pssh: Buffer | undefined;
  /** No key format of Widevine's is in the playlist otherwise. */
  alone: boolean;
}

type Tag = 'EXT-X-KEY' | 'EXT-X-SESSION-KEY';

function line(
  tag: Tag,
  { scheme }: LineFacts,
  uri: string,
  format: string,
  more: readonly string[] = [],
): string {
  const attributes = [
    `METHOD=${hlsMethod(scheme)}`,
    `URI=${quoted(uri)}`,
    ...more,
    `KEYFORMAT=${quoted(format)}`,
    'KEYFORMATVERSIONS="1"',
  ];
  return `#${tag}:${attributes.join(',')}`;
}

function dataUri(bytes: Uint8Array, type = 'text/plain'): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

/**
 * Lines that tell an HLS player of a system and a key. A session key names neither IV nor key id: one is for all renditions
 * that its URI opens, and Shaka Player would ask for every key of a title before it plays any of its renditions.
 *
 * ClearKey's URI is the key id and not the key, under a key format in which nobody takes it for one, as players do with
 * `identity`. Shaka Player does not know that format; where there is no Widevine, it finds the same common box under
 * Widevine's, to be mapped to ClearKey by its configuration (docs/packaging.md).
 */
export function keyLines(tag: Tag, system: DrmSystem, facts: LineFacts): string[] {
  const { kid, iv, pssh = Buffer.alloc(0), alone } = facts;
  const session = tag === 'EXT-X-SESSION-KEY';
  const named = session
    ? []
    : [`KEYID=${hexadecimal(kid)}`, ...(iv === undefined ? [] : [`IV=${hexadecimal(iv)}`])];
  switch (system) {
    case 'widevine':
      return [line(tag, facts, dataUri(pssh), KEYFORMAT.widevine, named)];
    case 'playready': {
      const object = parsePssh(pssh)?.data ?? Buffer.alloc(0);
      return [line(tag, facts, dataUri(object, 'text/plain;charset=UTF-16'), KEYFORMAT.playready)];
    }
    case 'fairplay':
      // Apple's rules: no IV, which the licence brings along.
      return [line(tag, facts, `skd://${kid}`, KEYFORMAT.fairplay)];
    case 'clearkey':
      return [
        line(tag, facts, dataUri(Buffer.from(kid, 'hex')), KEYFORMAT.clearkey, named),
        ...(alone ? [line(tag, facts, dataUri(pssh), KEYFORMAT.widevine, named)] : []),
      ];
  }
}
