import { createHash } from 'node:crypto';
import type { DrmSystem, ProtectionScheme } from '../keys/index.js';
import {
  type AudioRendition,
  type CutTitle,
  type Encryption,
  type KeyPreset,
  type VideoInput,
  checkClearLead,
  checkKeyPeriods,
  keyPeriodStarts,
  noKeyService,
  titleKeys,
} from '../package/index.js';

/** How a title is to be encrypted. */
export interface DrmOptions {
  /** Whose licences open it; at least one, each once. */
  systems: readonly DrmSystem[];
  scheme: ProtectionScheme;
  /** How many keys it has. */
  keys: KeyPreset;
  /** Seconds at the beginning that anybody can play. */
  clearLeadSeconds: number;
  /** Seconds after which the keys are replaced by others; never unless given. */
  keyPeriodSeconds?: number;
  /** The title's id at the key service; that of contentIdOf unless given. */
  contentId?: string;
  /** Where players get licences, for the manifests. */
  licenseUrls?: Partial<Record<DrmSystem, string>>;
}

/** What an encryption follows from besides its options. */
export interface EncryptionFacts {
  masterSha256: string;
  /** The title's id at who submitted it. */
  externalId?: string | undefined;
  /** Name of the key service; undefined where there is none. */
  keyService?: string | undefined;
}

/**
 * Id of a title at the key service, 32 hex digits: of its master and its external id. The same title packaged again, with
 * another ladder or other systems, gets the same keys; another master, or the same one as another title, gets others.
 */
export function contentIdOf({ masterSha256, externalId }: EncryptionFacts): string {
  const text = JSON.stringify(['hullcast content id', masterSha256, externalId ?? null]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Refuses what could only fail after everything has been encoded. Throws DRM_KEY_SERVICE. */
export function checkKeyService(drm: DrmOptions | undefined, { keyService }: EncryptionFacts): void {
  if (drm && keyService === undefined) throw noKeyService();
}

/**
 * Refuses what the length of a title makes impossible, before anything is encoded. Throws DRM_KEY_PERIODS.
 */
export function checkPeriodCount(
  drm: DrmOptions | undefined,
  picture: Pick<VideoInput, 'frames' | 'fps'>,
): void {
  if (drm?.keyPeriodSeconds !== undefined) checkKeyPeriods(picture, drm.keyPeriodSeconds);
}

/** Refuses a clear lead that would be all of the title, once its cuts are known. Throws DRM_CLEAR_LEAD. */
export function checkLead(drm: DrmOptions | undefined, title: CutTitle): void {
  if (!drm) return;
  const periodStarts =
    drm.keyPeriodSeconds === undefined ? undefined : keyPeriodStarts(title, drm.keyPeriodSeconds);
  checkClearLead(drm.clearLeadSeconds, { ...title, periodStarts });
}

/** First frames of the key periods; nothing where there is one: such a title is as one whose keys never change. */
function periodsOf(
  { keyPeriodSeconds }: DrmOptions,
  [first]: readonly VideoInput[],
): Pick<Encryption, 'periodStarts'> {
  if (keyPeriodSeconds === undefined || !first) return {};
  const periodStarts = keyPeriodStarts(first, keyPeriodSeconds);
  return periodStarts.length > 1 ? { periodStarts } : {};
}

interface Shipped {
  videos: readonly VideoInput[];
  audios: readonly AudioRendition[];
  /** Of the longest segments. */
  segmentSeconds: number;
}

/** Parameters of packaging and of verification that say how these renditions are encrypted; none where they are not. */
export function encryptionOf(
  drm: DrmOptions | undefined,
  facts: EncryptionFacts,
  { videos, audios, segmentSeconds }: Shipped,
): { encryption?: Encryption } {
  if (!drm) return {};
  if (facts.keyService === undefined) throw noKeyService();
  const { scheme, systems, keys: preset, clearLeadSeconds, licenseUrls } = drm;
  const contentId = drm.contentId ?? contentIdOf(facts);
  const periods = periodsOf(drm, videos);
  const count = periods.periodStarts?.length;
  const startsLater = scheme === 'cenc' && (clearLeadSeconds > 0 || count !== undefined);
  return {
    encryption: {
      ...{ scheme, contentId, keyService: facts.keyService, preset, clearLeadSeconds },
      keys: titleKeys({ videos, sound: audios.length > 0 }, preset, contentId, count),
      ...periods,
      systems: [...systems],
      ...(startsLater ? { segmentSeconds } : {}),
      ...(licenseUrls ? { licenseUrls } : {}),
    },
  };
}
