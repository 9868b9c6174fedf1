import type { DrmSystem } from '../../keys/index.js';

/** System ids (dashif.org/identifiers/content_protection), lower-case hex without hyphens. */
export const SYSTEM_ID: Readonly<Record<DrmSystem, string>> = {
  clearkey: '1077efecc0b24d02ace33c1e52e2fb4b', // the W3C's common box, which names key ids and nothing else
  widevine: 'edef8ba979d64acea3c827dcd51d21ed',
  playready: '9a04f07998404286ab92e65be0885f95',
  fairplay: '94ce86fb07ff4f43adb893d2fa968ca2',
};

/** DASH-IF's ClearKey, whose ContentProtection element says where the licences are. */
export const DASH_CLEARKEY_ID = 'e2719d58a985b3c9781ab030af78d30e';

/** Names in `--protection_systems` of Shaka Packager. */
export const PACKAGER_NAME: Readonly<Record<DrmSystem, string>> = {
  clearkey: 'CommonSystem',
  widevine: 'Widevine',
  playready: 'PlayReady',
  fairplay: 'FairPlay',
};

/** 32 hex digits as a UUID. */
export function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
