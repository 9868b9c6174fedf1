import { HullcastError, badUsage } from '../../errors.js';
import type { ContentKey, KeyUse, SecretKey, Signalling } from '../../keys/index.js';
import type { StageContext } from '../../pipeline/index.js';
import type { AudioRendition, Encryption, RenditionProtection, VideoInput } from '../types.js';
import { type KeyPeriod, keyPeriods } from '../rotation/plan.js';
import { checkCounters, constantIv, counterIv } from './iv.js';
import { audioLabel, videoLabel } from './labels.js';

/** What a rendition is encrypted with. */
export interface ProtectedRendition extends RenditionProtection {
  key: SecretKey;
}

/** The keys of a title in one key period, for as long as a stage runs. */
export interface Protection {
  /** As for a title of this one period: its keys alone, and the clear lead in the first alone. */
  encryption: Encryption;
  period: KeyPeriod;
  /** By id of the rendition. */
  renditions: Map<string, ProtectedRendition>;
  /** What the key service wants players to be told. */
  signalling: Signalling[];
}

interface Renditions {
  videos: readonly VideoInput[];
  audios: readonly AudioRendition[];
}

/** Throws DRM_KEY_SERVICE where encryption is wanted and nothing gives keys. */
export function noKeyService(): HullcastError {
  return badUsage(
    'DRM_KEY_SERVICE',
    'the title is to be encrypted, but no key service is set up',
    'Set one up (docs/keys.md), or leave out --drm.',
  );
}

interface Obtained {
  keys: Map<string, ContentKey>;
  signalling: Signalling[];
}

async function obtain(
  encryption: Encryption,
  context: StageContext,
  purpose: KeyUse['purpose'],
): Promise<Obtained> {
  const { scheme, contentId, systems, keyService } = encryption;
  if (!context.keys) throw noKeyService();
  if (context.keys.name !== keyService) {
    throw new HullcastError(
      'DRM_KEY_SERVICE_OTHER',
      `the title's keys are of "${keyService}", this process has "${context.keys.name}"`,
      { hint: 'Set up the same key service on every machine of the fleet (docs/keys.md).', transient: true },
    );
  }
  const set = await context.keys.obtain(
    { contentId, scheme, systems, keys: encryption.keys, use: { purpose, subject: contentId } },
    context.signal,
  );
  return { keys: new Map(set.keys.map((key) => [key.kid, key])), signalling: set.signalling };
}

/** IV of a rendition under its key, hex (docs/decisions/0019). */
function ivOf(
  { scheme, clearLeadSeconds, segmentSeconds }: Encryption,
  { startFrame }: KeyPeriod,
  { kid, iv }: ContentKey,
  { id, blob: { sha256 } }: VideoInput | AudioRendition,
): string {
  if (scheme === 'cenc') return counterIv({ kid, id, sha256, startFrame, clearLeadSeconds, segmentSeconds });
  return iv ? Buffer.from(iv).toString('hex') : constantIv(kid);
}

/** What of an encryption is of one of its key periods. */
function periodEncryption(encryption: Encryption, { index }: KeyPeriod): Encryption {
  const { periodStarts: _periodStarts, ...whole } = encryption;
  if (!encryption.periodStarts) return whole;
  return {
    ...whole,
    keys: encryption.keys.filter(({ period }) => period === index),
    clearLeadSeconds: index === 0 ? encryption.clearLeadSeconds : 0,
  };
}

function protectionIn(
  period: KeyPeriod,
  encryption: Encryption,
  { videos, audios }: Renditions,
  { keys, signalling }: Obtained,
): Protection {
  const protect = (label: string, rendition: VideoInput | AudioRendition): ProtectedRendition => {
    const wanted = encryption.keys.find((each) => each.label === label);
    const key = wanted && keys.get(wanted.kid);
    if (key?.label !== label || (key.iv !== undefined && key.iv.length !== 16)) {
      throw new HullcastError(
        'DRM_KEYS',
        `the key service "${encryption.keyService}" gave no usable ${label} key for rendition ${rendition.id}`,
        { hint: 'Ask who runs the key service: it must give every key that it is asked for.' },
      );
    }
    const { kid } = key;
    return {
      ...{ id: rendition.id, label: key.label, kid, iv: ivOf(encryption, period, key, rendition) },
      ...(wanted?.period === undefined ? {} : { period: wanted.period }),
      key: key.key,
    };
  };
  const renditions = [
    ...videos.map((video) => protect(videoLabel(video, encryption.preset), video)),
    ...audios.map((audio) => protect(audioLabel(encryption.preset), audio)),
  ];
  if (encryption.scheme === 'cenc') checkCounters(renditions);
  const kids = new Set(encryption.keys.map(({ kid }) => kid));
  return {
    ...{ encryption, period, renditions: new Map(renditions.map((each) => [each.id, each])) },
    signalling: signalling.filter(({ kid }) => kids.has(kid)),
  };
}

/**
 * Gets the keys of a title's renditions and says, of every key period, which encrypts which, with which IV. Throws
 * DRM_KEY_SERVICE, DRM_KEY_SERVICE_OTHER, DRM_KEYS, DRM_IV and what the key service throws.
 */
export async function obtainProtection(
  encryption: Encryption,
  renditions: Renditions,
  context: StageContext,
  purpose: KeyUse['purpose'],
): Promise<Protection[]> {
  const obtained = await obtain(encryption, context, purpose);
  const frames = renditions.videos[0]?.frames ?? 0;
  return keyPeriods(encryption.periodStarts ?? [0], frames).map((period) =>
    protectionIn(period, periodEncryption(encryption, period), renditions, obtained),
  );
}

/** Keys as hex, which must show nowhere. */
export function secretsOf({ renditions }: Protection): string[] {
  return [...new Set([...renditions.values()].map(({ key }) => key.reveal().toString('hex')))];
}
