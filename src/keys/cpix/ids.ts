import type { DrmSystem } from '../types.js';

/** Ids of protection systems, of the registry at dashif.org/identifiers/content_protection; `clearkey` as the common one. */
export const SYSTEM_IDS: Readonly<Record<DrmSystem, string>> = {
  widevine: 'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
  playready: '9a04f079-9840-4286-ab92-e65be0885f95',
  fairplay: '94ce86fb-07ff-4f43-adb8-93d2fa968ca2',
  clearkey: '1077efec-c0b2-4d02-ace3-3c1e52e2fb4b',
};

/** 32 hex digits as a UUID. */
export function uuidOf(kid: string): string {
  return kid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A UUID, however it is written, as 32 lower-case hex digits. */
export function hexOf(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}
