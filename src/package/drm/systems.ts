import type { DrmSystem } from '../../keys/index.js';

/** DASH-IF's ClearKey, whose ContentProtection element says where the licences are. */
export const DASH_CLEARKEY_ID = 'e2719d58a985b3c9781ab030af78d30e';

/** Names in `--protection_systems` of Shaka Packager. */
export const PACKAGER_NAME: Readonly<Record<DrmSystem, string>> = {
  clearkey: 'CommonSystem',
  widevine: 'Widevine',
  playready: 'PlayReady',
  fairplay: 'FairPlay',
};
