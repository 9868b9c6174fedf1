import { HullcastError, badUsage } from '../../errors.js';
import { toNumber } from '../../media/index.js';
import type { DrmSystem, ProtectionScheme } from '../../keys/index.js';
import type { Encryption, PackageParams, VideoInput } from '../types.js';

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

/** How a title is cut, as far as a clear lead goes. */
export interface CutTitle extends Pick<VideoInput, 'segmentStarts' | 'frames' | 'fps'> {
  /** Of the longest segments. */
  segmentSeconds: number;
  /** Whether there is sound. */
  sound: boolean;
  /** First frames of the key periods, where there are several. */
  periodStarts?: readonly number[] | undefined;
}

/** Seconds at which the last segments of pictures and of sound begin, of the first key period. */
function lastStarts({ segmentStarts, fps, sound: hasSound, segmentSeconds, ...title }: CutTitle): number[] {
  const frames = title.periodStarts?.[1] ?? title.frames;
  const picture = (segmentStarts.findLast((start) => start < frames) ?? 0) / toNumber(fps);
  const seconds = frames / toNumber(fps);
  // A last segment of less than an audio frame may not come to be.
  const sound = (Math.ceil((seconds - 0.05) / segmentSeconds) - 1) * segmentSeconds;
  return hasSound ? [picture, Math.max(0, sound)] : [picture];
}

/** Throws DRM_CLEAR_LEAD where a lead leaves nothing of a title, or of its sound, that would be encrypted. */
export function checkClearLead(lead: number, title: CutTitle): void {
  if (lead <= Math.min(...lastStarts(title))) return;
  throw badUsage(
    'DRM_CLEAR_LEAD',
    `with a clear lead of ${lead} s nothing of the title, or of its first key period, would be encrypted, or no sound`,
    'Make --clear-lead shorter than the title, or its first key period, without its last segment.',
  );
}

/** Throws PACKAGE_INPUT where key periods do not begin with segments, or keys are missing or of no period. */
function checkPeriods({ videos }: PackageParams, { periodStarts, keys }: Encryption): void {
  if (!periodStarts) return;
  const { segmentStarts = [] } = videos[0] ?? {};
  const ascending = periodStarts.every((start, index) => start > (periodStarts[index - 1] ?? -1));
  const cut = periodStarts.every((start) => segmentStarts.includes(start));
  const periods = new Set(keys.map(({ period }) => period));
  const known = periodStarts.every((_, index) => periods.has(index)) && periods.size === periodStarts.length;
  if (periodStarts[0] === 0 && ascending && cut && known) return;
  throw new HullcastError(
    'PACKAGE_INPUT',
    `key periods cannot begin with frames ${periodStarts.join(', ')}`,
    {
      hint: 'Each begins where a segment does, the first with the title, and has keys of its own.',
    },
  );
}

/** Refuses what cannot be meant. Throws DRM_CONFLICT, DRM_CLEAR_LEAD and PACKAGE_INPUT. */
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
  checkPeriods(params, encryption);
  const { videos, audios, segmentSeconds } = params;
  const { clearLeadSeconds, periodStarts } = encryption;
  const [first] = videos;
  if (first)
    checkClearLead(clearLeadSeconds, { ...first, segmentSeconds, sound: audios.length > 0, periodStarts });
}
