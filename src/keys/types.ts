import type { SecretKey } from './secret-key.js';

/** Protection schemes of ISO/IEC 23001-7: AES-128-CBC with a pattern (1:9 for video) and constant IVs; AES-128-CTR. */
export type ProtectionScheme = 'cbcs' | 'cenc';

/** Whose licences open a title; `clearkey` is the W3C's, signalled as the common system. */
export type DrmSystem = 'widevine' | 'playready' | 'fairplay' | 'clearkey';

/**
 * What a key opens: video up to 1024×576 = 589,824 pixels, up to 1920×1080 = 2,073,600, and above; sound; or all of a
 * title with one key.
 */
export type KeyLabel = 'SD' | 'HD' | 'UHD' | 'AUDIO' | 'ALL';

export interface WantedKey {
  /** 32 lower-case hex digits, see keyIdOf. */
  kid: string;
  label: KeyLabel;
  /** Number of the key period, from 0, where keys are replaced in the course of a title. */
  period?: number;
}

export interface KeyRequest {
  /** The title that the keys are of, as key services know it; the same keys come for the same id. */
  contentId: string;
  scheme: ProtectionScheme;
  systems: readonly DrmSystem[];
  /** At least one. Of a period one a label; ALL stands alone. */
  keys: readonly WantedKey[];
  /** Who uses them for what, for the audit trail. */
  use: KeyUse;
}

export interface KeyUse {
  /** `package` makes the keys that are not there yet; the others want those that a title was made with. */
  purpose: 'package' | 'verify' | 'license';
  /** E.g. a title's id, or a session's; no secret. */
  subject: string;
}

export interface ContentKey extends WantedKey {
  key: SecretKey;
  /** The constant IV (16 bytes, no secret) that the provider wants for it; the packager chooses unless given. */
  iv?: Uint8Array;
}

/** What a provider wants players to be told of one system and key; what it leaves out, the packager makes. */
export interface Signalling {
  system: DrmSystem;
  kid: string;
  /** A whole `pssh` box. */
  pssh?: Uint8Array;
  /** XML that goes into the DASH ContentProtection element, beside or instead of its pssh. Well-formed on its own. */
  dash?: string;
  /** Lines (EXT-X-KEY, EXT-X-SESSION-KEY) for media playlists and for the master playlist; every one begins with `#`. */
  hlsMedia?: string;
  hlsMaster?: string;
}

export interface KeySet {
  /** In the order asked for. */
  keys: ContentKey[];
  signalling: Signalling[];
}

/** The seam: where content keys come from. */
export interface KeyService {
  /** As errors and reports name it, e.g. `built in`, `cpix https://host`. */
  readonly name: string;
  /**
   * The keys; asking again gives the same. Throws KEY_REQUEST, KEY_MISSING, KEY_SERVICE_DOWN (transient),
   * KEY_SERVICE_REFUSED, KEY_SERVICE_ANSWER, KEY_TAMPERED and what the store throws. A job that ends with a transient
   * one may be done again.
   */
  obtain(request: KeyRequest, signal?: AbortSignal): Promise<KeySet>;
}
