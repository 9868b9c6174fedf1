import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Flags } from '../context.js';
import { type ConfigKey, configKey, fallbackText } from './keys.js';
import type { ConfigInput } from './schema.js';

/** Flags that stand for a key of the configuration. */
const FLAGS = [
  ['encode.codecs', '--codecs <list>'],
  ['encode.preset', '--preset <name>'],
  ['encode.hevcPreset', '--hevc-preset <name>'],
  ['encode.av1Preset', '--av1-preset <n>'],
  ['encode.vp9Preset', '--vp9-preset <n>'],
  ['encode.tune', '--tune <name>'],
  ['encode.segmentSeconds', '--segment-seconds <n>'],
  ['encode.maxHeight', '--max-height <pixels>'],
  ['encode.maxBitrate', '--max-bitrate <n>'],
  ['encode.maxLevel', '--max-level <list>'],
  ['encode.device', '--device <name>'],
  ['encode.resolutions', '--resolutions <list>'],
  ['encode.rungs', '--rungs <list>'],
  ['encode.targetVmaf', '--target-vmaf <n>'],
  ['encode.minVmaf', '--min-vmaf <n>'],
  ['encode.stepVmaf', '--step-vmaf <n>'],
  ['encode.stepRatio', '--step-ratio <n>'],
  ['encode.peakRatio', '--peak-ratio <n>'],
  ['encode.floorDrop', '--floor-drop <n>'],
  ['encode.strict', '--strict'],
  ['encode.speed', '--speed <name>'],
  ['encode.allocate', '--allocate <name>'],
  ['chunk.maxSeconds', '--chunk-max-seconds <n>'],
  ['score.subsample', '--score <frames>'],
  ['score.neg', '--neg'],
  ['audio.codecs', '--audio-codecs <list>'],
  ['audio.passthrough', '--audio-passthrough <name>'],
  ['audio.tracks', '--audio-track <track>'],
  ['audio.normaliseLufs', '--normalise-lufs <n>'],
  ['drm.systems', '--drm <list>'],
  ['drm.scheme', '--scheme <name>'],
  ['drm.keys', '--drm-keys <name>'],
  ['drm.clearLeadSeconds', '--clear-lead <seconds>'],
  ['drm.keyPeriodSeconds', '--key-period <seconds>'],
  ['drm.contentId', '--content-id <id>'],
  ['drm.widevineUrl', '--widevine-url <url>'],
  ['drm.playreadyUrl', '--playready-url <url>'],
  ['drm.fairplayUrl', '--fairplay-url <url>'],
  ['drm.clearkeyUrl', '--clearkey-url <url>'],
  ['text.files', '--text <file>'],
  ['text.embedded', '--embedded-text <which>'],
  ['text.captionLanguages', '--caption-languages <list>'],
  ['images.enabled', '--no-images'],
  ['images.thumbnails', '--thumbnails <seconds>'],
  ['images.posters', '--posters <n>'],
  ['devices.names', '--devices <list>'],
  ['devices.classes', '--device-class <class>'],
  ['markers.detect', '--detect-markers <which>'],
  ['markers.minConfidence', '--min-confidence <n>'],
  ['markers.list', '--marker <marker>'],
  ['markers.sidecar', '--markers <file>'],
  ['delivery.baseUrls', '--base-url <server>'],
  ['delivery.steeringUrl', '--steering-url <url>'],
  ['watermark.enabled', '--watermark'],
  ['watermark.sessionBits', '--watermark-bits <n>'],
  ['watermark.fromHeight', '--watermark-from <pixels>'],
  ['ingest.maxDurationSeconds', '--max-duration-seconds <n>'],
  ['ingest.maxPixels', '--max-pixels <n>'],
  ['ingest.maxStreams', '--max-streams <n>'],
  ['workers.concurrency', '--concurrency <n>'],
  ['workers.memory', '--memory <size>'],
  ['home', '--home <folder>'],
] as const;

/** Flags that are given once for each entry of a list: an entry may have commas. */
const REPEATED: ReadonlySet<string> = new Set([
  'text.files',
  'audio.tracks',
  'devices.classes',
  'markers.list',
  'delivery.baseUrls',
]);

/** A key that has a flag. */
export type FlagPath = (typeof FLAGS)[number][0];

const readScalar = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);

/** What a flag's text means for a key; a text that is no number stays text, for the schema to refuse. */
function readText(key: ConfigKey, text: string): unknown {
  const accepts = (value: unknown): boolean => key.schema.safeParse(value).success;
  const list = text.split(',');
  const value = [readScalar(text), list.map(readScalar), list, text].find(accepts);
  if (value === undefined) throw new InvalidArgumentError(`Allowed is ${key.allowed}.`);
  return value;
}

function flagOption(path: FlagPath, flags: string): Option {
  const key = configKey(path);
  // No default here: a flag that was not given must not hide what the configuration says.
  const fallback = fallbackText(key);
  const text = `${key.description}; ${key.allowed}${fallback === undefined ? '' : ` (default: ${fallback})`}`;
  if (flags.startsWith('--no-')) return new Option(flags, `no ${key.description}`);
  if (!flags.includes('<')) return new Option(flags, key.description);
  if (REPEATED.has(path)) {
    return new Option(flags, `${text}; once for each`).argParser((value: string, before: string[] = []) => {
      const list = [...before, value];
      if (!key.schema.safeParse(list).success) throw new InvalidArgumentError(`Allowed is ${key.allowed}.`);
      return list;
    });
  }
  return new Option(flags, text).argParser((value: string) => readText(key, value));
}

/** What can only be said of one title: no profile has it. */
const OF_ONE_TITLE: ReadonlySet<FlagPath> = new Set([
  ...(['text.files', 'drm.contentId', 'markers.list', 'markers.sidecar', 'delivery.baseUrls'] as const),
]);

/** Keys of which a configuration for many titles may speak. */
export const PROFILE_FLAGS = FLAGS.map(([path]) => path).filter((path) => !OF_ONE_TITLE.has(path));

/** Adds --config and a flag for each of these keys (all of them unless given), explained from the schema. */
export function addConfigOptions(command: Command, paths?: readonly FlagPath[]): Command {
  for (const [path, flags] of FLAGS) {
    if (paths === undefined || paths.includes(path)) command.addOption(flagOption(path, flags));
  }
  return command.option(
    '--config <file>',
    'configuration (default: hullcast.yaml in this folder, where there is one)',
  );
}

/** The given flags in the shape of the configuration. */
export function configFlags(flags: Flags): ConfigInput {
  const result: Record<string, unknown> = {};
  for (const [path, text] of FLAGS) {
    const option = new Option(text);
    const value = flags[option.attributeName()];
    // Of a flag that takes something away, `true` only means that it was not given.
    if (value === undefined || (option.negate && value === true)) continue;
    const [section = '', name] = path.split('.');
    if (name === undefined) result[section] = value;
    else result[section] = { ...(result[section] as object | undefined), [name]: value };
  }
  return result;
}
