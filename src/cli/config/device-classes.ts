import { z } from 'zod';
import { badUsage } from '../../errors.js';
import type { AudioFamily, NamedClass, TextForm } from '../../package/index.js';
import { DEVICE_CLASSES, DEVICE_NAMES, parseLevels } from '../../title/index.js';

const CODECS = ['h264', 'hevc', 'av1', 'vp9'] as const;
const AUDIO = ['aac', 'ac3', 'eac3', 'ac4', 'opus', 'flac'] as const satisfies readonly AudioFamily[];
const TEXT = ['webvtt', 'wvtt', 'stpp'] as const satisfies readonly TextForm[];
const DRM = ['widevine', 'playready', 'fairplay', 'clearkey'] as const;
const SCHEMES = ['cbcs', 'cenc'] as const;

/** Names a file, and a class of the configuration. */
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const isClassName = (name: string): boolean => NAME.test(name);

/** A class of devices: what it has not is that of `like`. */
export const deviceClassSchema = z.strictObject({
  name: z.string().regex(NAME),
  like: z.enum(DEVICE_NAMES).optional(),
  maxLevel: z.array(z.string().regex(/^(?:h264|hevc|av1|vp9)=[1-6](?:\.[0-2])?$/)).optional(),
  maxHeight: z.number().int().min(64).max(4320).optional(),
  maxBitrate: z.number().int().min(10_000).max(1_000_000_000).optional(),
  maxFrameRate: z.number().min(1).max(240).optional(),
  hdr: z.boolean().optional(),
  audio: z.array(z.enum(AUDIO)).min(1).optional(),
  maxChannels: z.number().int().min(1).max(64).optional(),
  text: z.array(z.enum(TEXT)).optional(),
  drm: z.array(z.enum(DRM)).optional(),
  schemes: z.array(z.enum(SCHEMES)).optional(),
});

export type DeviceClassEntry = z.input<typeof deviceClassSchema>;

const LISTS = new Set(['maxLevel', 'audio', 'text', 'drm', 'schemes']);

function readValue(name: string, text: string): unknown {
  if (LISTS.has(name)) return text === '' ? [] : text.split('+');
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `tv-hd:maxBitrate=8000000,audio=aac+eac3`; undefined for another form. */
export function readDeviceClass(text: string): DeviceClassEntry | undefined {
  const [, name, rest = ''] = /^([^:]+)(?::(.*))?$/.exec(text) ?? [];
  const words = rest === '' ? [] : rest.split(',');
  const pairs = words.map((word): [string, unknown] => {
    const [key = '', ...value] = word.split('=');
    return [key, readValue(key, value.join('='))];
  });
  const parsed = deviceClassSchema.safeParse({ name, ...Object.fromEntries(pairs) });
  return parsed.success ? parsed.data : undefined;
}

/** The class that an entry describes; `web` is what a class of its own name begins with unless it says another. */
function classOf(entry: string | DeviceClassEntry): NamedClass {
  const read = typeof entry === 'string' ? readDeviceClass(entry) : entry;
  if (!read) {
    throw badUsage(
      'CONFIG_INVALID',
      `devices.classes: ${JSON.stringify(entry)} is no class of devices`,
      'Write NAME:key=value,key=value, such as kiosk:like=web,maxHeight=720,audio=aac+opus (docs/delivery.md).',
    );
  }
  const { name, like, maxLevel, ...limits } = deviceClassSchema.parse(read);
  const own = DEVICE_NAMES.find((known) => known === name);
  const given = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
  return {
    ...DEVICE_CLASSES[like ?? own ?? 'web'],
    ...given,
    ...(maxLevel ? { maxLevel: parseLevels(maxLevel, CODECS) } : {}),
    name,
  };
}

/**
 * The classes of these names, in their order; all that there are unless given. Throws CONFIG_INVALID for a name that is no class,
 * and for a class that is described twice.
 */
export function deviceClasses(
  names: readonly string[] | undefined,
  entries: readonly (string | DeviceClassEntry)[],
): NamedClass[] {
  const described = entries.map(classOf);
  const known = new Map<string, NamedClass>(
    DEVICE_NAMES.map((name) => [name, { name, ...DEVICE_CLASSES[name] }]),
  );
  for (const [index, one] of described.entries()) {
    if (described.findIndex(({ name }) => name === one.name) < index) {
      throw badUsage(
        'CONFIG_INVALID',
        `devices.classes: ${one.name} is described twice`,
        'Leave one of them out.',
      );
    }
    known.set(one.name, one);
  }
  return (names ?? [...known.keys()]).map((name) => {
    const found = known.get(name);
    if (found) return found;
    throw badUsage(
      'CONFIG_INVALID',
      `devices.names: there is no class ${name}`,
      `There are ${[...known.keys()].join(', ')}; others are described in devices.classes (docs/delivery.md).`,
    );
  });
}
