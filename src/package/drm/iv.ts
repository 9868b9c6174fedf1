import { createHash } from 'node:crypto';
import { HullcastError } from '../../errors.js';
import type { ProtectionScheme } from '../../keys/index.js';

/** Bytes of an initialisation vector: half a counter block, which the packager counts up by one a sample; or constant. */
const BYTES: Readonly<Record<ProtectionScheme, number>> = { cenc: 8, cbcs: 16 };

function derive(parts: readonly string[], scheme: ProtectionScheme): string {
  const text = JSON.stringify(['hullcast iv', scheme, ...parts]);
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * BYTES[scheme]);
}

/**
 * The IV of a rendition in a key period, hex: from its key, its id, the digest of its bytes and the period's first frame, so
 * that equal input gives equal packages, and two renditions with one key, one rendition encoded anew, or a title whose periods
 * are cut elsewhere, never share the key stream of a counter mode.
 */
export function renditionIv(
  scheme: ProtectionScheme,
  kid: string,
  id: string,
  sha256: string,
  startFrame = 0,
): string {
  return derive([kid, id, sha256, ...(startFrame > 0 ? [String(startFrame)] : [])], scheme);
}

/**
 * The constant IV of everything that a key encrypts, hex: for FairPlay, whose licences carry key and IV together, so that a
 * key has one. Anybody who knows the key id can derive it, a licence server too (docs/packaging.md).
 */
export function keyIv(kid: string): string {
  return derive([kid], 'cbcs');
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
