import type { DrmSystem } from './types.js';

/** Ids of protection systems (dashif.org/identifiers/content_protection), lower-case hex without hyphens. */
export const SYSTEM_ID: Readonly<Record<DrmSystem, string>> = {
  clearkey: '1077efecc0b24d02ace33c1e52e2fb4b', // the W3C's common box, which names key ids and nothing else
  widevine: 'edef8ba979d64acea3c827dcd51d21ed',
  playready: '9a04f07998404286ab92e65be0885f95',
  fairplay: '94ce86fb07ff4f43adb893d2fa968ca2',
};

/** 32 hex digits as a UUID. */
export function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID, however it is written, as 32 lower-case hex digits. */
export function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}
