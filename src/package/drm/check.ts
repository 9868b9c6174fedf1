import { badUsage } from '../../errors.js';
import { toNumber } from '../../media/index.js';
import type { DrmSystem, ProtectionScheme } from '../../keys/index.js';
import type { PackageParams } from '../types.js';

/** What of an encryption can be judged before there is a title. */
export interface WantedProtection {
  scheme: ProtectionScheme;
  systems: readonly DrmSystem[];
  licenseUrls?: Partial<Record<DrmSystem, string>>;
}

/** Why no player could play what is wanted, or what would be without effect; undefined where nothing is wrong. */
export function protectionConflict({
  scheme,
  systems,
  licenseUrls = {},
}: WantedProtection): string | undefined {
  if (systems.length === 0) return 'encryption without a system whose licences open it';
  if (new Set(systems).size !== systems.length) return `a system twice: ${systems.join(', ')}`;
  if (scheme === 'cenc' && systems.includes('fairplay')) {
    return 'fairplay with the scheme cenc, which no Apple device plays';
  }
  const unused = (Object.keys(licenseUrls) as DrmSystem[]).find((system) => !systems.includes(system));
  return unused && `a licence URL for ${unused}, which is none of the systems`;
}

/** Seconds at which the last segments of pictures and of sound begin. */
function lastStarts({ videos, audios, segmentSeconds }: PackageParams): number[] {
  const [first] = videos;
  if (!first) return [];
  const { segmentStarts, frames, fps } = first;
  const picture = (segmentStarts.at(-1) ?? 0) / toNumber(fps);
  const seconds = frames / toNumber(fps);
  // A last segment of less than an audio frame may not come to be.
  const sound = (Math.ceil((seconds - 0.05) / segmentSeconds) - 1) * segmentSeconds;
  return audios.length > 0 ? [picture, Math.max(0, sound)] : [picture];
}

/** Refuses what cannot be meant. Throws DRM_CONFLICT and DRM_CLEAR_LEAD. */
export function checkEncryption(params: PackageParams): void {
  const { encryption } = params;
  if (!encryption) return;
  const conflict = protectionConflict(encryption);
  if (conflict !== undefined) {
    throw badUsage(
      'DRM_CONFLICT',
      `this cannot be packaged: ${conflict}`,
      'Change --drm, --scheme or the URLs.',
    );
  }
  const lead = encryption.clearLeadSeconds;
  if (lead > Math.min(...lastStarts(params))) {
    throw badUsage(
      'DRM_CLEAR_LEAD',
      `with a clear lead of ${lead} s nothing of the title would be encrypted, or no sound`,
      'Make --clear-lead shorter than the title without its last segment.',
    );
  }
}
