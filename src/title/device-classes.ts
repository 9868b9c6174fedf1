import type { DeviceClass } from '../package/index.js';
import { DEVICES, type DeviceName } from './devices.js';

/** Sounds that televisions, browsers and telephones play; Dolby's need a licence that not every device has. */
const SOUND = ['aac', 'ac3', 'eac3'] as const;
/** The forms of text that hullcast writes. */
const TEXT = ['webvtt', 'wvtt'] as const;
const SCHEMES = ['cbcs', 'cenc'] as const;

/**
 * What the weakest device of a class is sure to play, for its manifests: limits of pictures are those of `encode.device`
 * (devices.ts has their sources). HDR where most screens of the class show it. ClearKey is for browsers, which have it by the W3C's
 * recommendation; old devices decrypt `cenc` alone (docs/packaging.md).
 */
export const DEVICE_CLASSES: Readonly<Record<DeviceName, DeviceClass>> = {
  'tv-4k': {
    ...DEVICES['tv-4k'],
    ...{ maxFrameRate: 60, hdr: true, audio: [...SOUND, 'ac4'], maxChannels: 16, text: TEXT },
    ...{ drm: ['widevine', 'playready', 'fairplay'], schemes: SCHEMES },
  },
  'tv-hd': {
    ...DEVICES['tv-hd'],
    ...{ maxFrameRate: 60, hdr: false, audio: SOUND, maxChannels: 6, text: TEXT },
    ...{ drm: ['widevine', 'playready', 'fairplay'], schemes: SCHEMES },
  },
  web: {
    ...DEVICES.web,
    ...{ maxFrameRate: 60, hdr: false, audio: ['aac', 'opus'], maxChannels: 6, text: TEXT },
    ...{ drm: ['widevine', 'playready', 'fairplay', 'clearkey'], schemes: SCHEMES },
  },
  mobile: {
    ...DEVICES.mobile,
    ...{ maxFrameRate: 60, hdr: true, audio: ['aac', 'eac3'], maxChannels: 6, text: TEXT },
    ...{ drm: ['widevine', 'fairplay'], schemes: SCHEMES },
  },
  legacy: {
    ...DEVICES.legacy,
    ...{ maxFrameRate: 30, hdr: false, audio: ['aac'], maxChannels: 2, text: TEXT },
    ...{ drm: ['widevine', 'playready'], schemes: ['cenc'] },
  },
};
