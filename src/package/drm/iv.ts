import { createHash } from 'node:crypto';
import { HullcastError } from '../../errors.js';

/** So many bytes, hex, that follow from the parts. */
function derive(bytes: number, ...parts: readonly string[]): string {
  const text = JSON.stringify(['hullcast iv', ...parts]);
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * bytes);
}

/** What a rendition's counter begins with. */
export interface CounterStart {
  kid: string;
  /** Of the rendition, and of its bytes. */
  id: string;
  sha256: string;
  /** Of the key period. */
  startFrame: number;
  /** Seconds at its beginning that are not encrypted. */
  clearLeadSeconds: number;
  /** Of the title's encryption. */
  segmentSeconds?: number | undefined;
}

/**
 * The IV that a rendition begins to count from in a key period with `cenc`, half a counter block in hex. Equal input gives equal
 * packages; two renditions with one key, one rendition encoded anew, and a title whose periods are cut elsewhere or whose
 * clear lead has another length or ends with another segment, never share the key stream: the first encrypted sample is
 * another one.
 */
export function counterIv({
  kid,
  id,
  sha256,
  startFrame,
  clearLeadSeconds,
  segmentSeconds,
}: CounterStart): string {
  const start = [startFrame, clearLeadSeconds, ...(segmentSeconds === undefined ? [] : [segmentSeconds])];
  return derive(8, 'cenc', kid, id, sha256, ...start.map(String));
}

/**
 * The constant IV of everything that a key encrypts with `cbcs`, hex: FairPlay's licences carry key and IV together, so a
 * key has one; and both variants of a watermark share their initialisation segment, which has it. Anybody who knows the
 * key id can derive it, a licence server too (docs/packaging.md).
 */
export function constantIv(kid: string): string {
  return derive(16, 'cbcs', kid);
}

/** More samples than any rendition has: so far apart must the first IVs of counter modes be. */
const SAMPLES = 1n << 32n;
const IVS = 1n << 64n;

/** Throws DRM_IV where two renditions of a key would share a part of its key stream, which chance does once in 2^31. */
export function checkCounters(renditions: readonly { id: string; kid: string; iv: string }[]): void {
  for (const [index, a] of renditions.entries()) {
    const near = renditions.slice(index + 1).find((b) => {
      const ahead = (BigInt(`0x${b.iv}`) - BigInt(`0x${a.iv}`) + IVS) % IVS;
      return a.kid === b.kid && (ahead < SAMPLES || IVS - ahead < SAMPLES);
    });
    if (near) {
      throw new HullcastError('DRM_IV', `renditions ${a.id} and ${near.id} would share a key stream`, {
        hint: 'Give one of the two another id, or another key: --drm-keys tiers.',
      });
    }
  }
}
