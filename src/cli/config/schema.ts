import { z } from 'zod';
import { type Codec, profileOf } from '../../encode/index.js';
import { DEFAULT_LIMITS } from '../../ingest/index.js';
import type { DrmSystem } from '../../keys/index.js';
import { DEVICE_NAMES } from '../../title/index.js';
import type { Subsample } from '../../vmaf/index.js';
import { delivery, devices, markers } from './delivery-sections.js';
import { audioSchema } from './audio-schema.js';
import { isCaptionLanguage, textFileSchema } from './text-files.js';
import { workers } from './workers-section.js';

/** Codecs that a ladder can be made of. */
export const CODECS = ['h264', 'hevc', 'av1', 'vp9'] as const satisfies readonly Codec[];

/** Presets of x264 and x265, the fastest first. */
export const PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
  'placebo',
] as const;

const vmaf = (): z.ZodNumber => z.number().min(0).max(100);
const count = (most: number): z.ZodNumber => z.number().int().min(1).max(most);

const encode = z.strictObject({
  codecs: z
    .array(z.enum(CODECS))
    .min(1)
    .refine((codecs) => new Set(codecs).size === codecs.length, 'each codec once')
    .meta({ allowed: `a list without repeats, each one of ${CODECS.join(', ')}` })
    .default(['h264'])
    .describe('codecs; each gets a hull and a ladder of its own'),
  preset: z.enum(PRESETS).default('medium').describe('preset of x264, for probes and deliverables alike'),
  hevcPreset: z.enum(PRESETS).optional().describe('preset of x265; as `preset` unless given'),
  av1Preset: z
    .number()
    .int()
    .min(0)
    .max(13)
    .default(Number(profileOf('av1').defaultPreset))
    .describe('preset of SVT-AV1: 0 is the slowest, 13 the fastest'),
  vp9Preset: z
    .number()
    .int()
    .min(0)
    .max(5)
    .default(Number(profileOf('vp9').defaultPreset))
    .describe('speed of libvpx (cpu-used): 0 is the slowest, 5 the fastest'),
  segmentSeconds: z.number().min(2).max(6).default(4).describe('longest segment, seconds'),
  maxHeight: z
    .number()
    .int()
    .min(64)
    .max(4320)
    .optional()
    .describe(
      "largest height of a rung, pixels (of the shorter side in portrait); the master's unless given",
    ),
  maxBitrate: z
    .number()
    .int()
    .min(10_000)
    .max(1_000_000_000)
    .optional()
    .describe('highest average bit rate of a rung, bit/s; no limit unless given'),
  maxLevel: z
    .array(z.string().min(1))
    .min(1)
    .max(4)
    .meta({ allowed: 'a list, each a codec and a level such as h264=4.1' })
    .optional()
    .describe('highest level of a codec; a resolution that needs a higher one is left out'),
  device: z
    .enum(DEVICE_NAMES)
    .optional()
    .describe(
      'the weakest device that should play every rung: sets maxHeight, maxBitrate and maxLevel where they are not given',
    ),
  resolutions: z
    .array(z.number().int().min(64).max(4320))
    .min(1)
    .max(20)
    .meta({ allowed: 'a list of heights, each a whole number from 64 to 4320' })
    .optional()
    .describe('only these heights, pixels (of the shorter side); larger ones than the master are left out'),
  rungs: z
    .array(z.string().min(1))
    .min(1)
    .max(50)
    .meta({ allowed: 'a list, each such as 1080p@vmaf=95, 720p@2500k or @vmaf=60' })
    .optional()
    .describe('exactly these rungs, by VMAF or highest average bit rate; placed by the content unless given'),
  targetVmaf: vmaf().default(95).describe('VMAF of the highest rung: above it more bits no longer show'),
  minVmaf: vmaf().default(40).describe('no rung below this VMAF'),
  stepVmaf: z.number().min(0.5).max(50).default(6).describe('least VMAF from rung to rung'),
  stepRatio: z.number().min(1.05).max(10).default(1.5).describe('least ratio of bit rates from rung to rung'),
  peakRatio: z
    .number()
    .min(1.1)
    .max(10)
    .default(2)
    .describe("most that a segment's bit rate may be, as a multiple of its rendition's average"),
  floorDrop: vmaf()
    .default(15)
    .describe(
      "quality floor of a chunk: the VMAF it may lie below its rung's mean before it is encoded again",
    ),
  strict: z.boolean().default(false).describe('end with exit code 4 where a chunk still misses its floor'),
  tune: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe(
      "settings by a shot's measured complexity: x264 without psychovisual optimisation for plain ones",
    ),
  speed: z
    .enum(['draft', 'default', 'thorough', 'exhaustive'])
    .default('default')
    .describe(
      'how far the search goes: draft trusts its first model (two thirds of the encodes of default), default corrects ' +
        'it once, thorough twice and more closely (1.3 times the encodes), exhaustive measures the whole grid (7 times)',
    ),
  allocate: z
    .enum(['shot', 'title'])
    .default('shot')
    .describe(
      'what the shots of a rung have in common: shot gives each its own crf, all at one slope; title gives all one crf',
    ),
});

const chunk = z.strictObject({
  maxSeconds: z
    .number()
    .min(2)
    .max(60)
    .default(12)
    .describe('longest chunk, seconds; longer shots are divided'),
});

const score = z.strictObject({
  subsample: z
    .union([z.literal('auto'), z.literal('every'), count(99).refine((factor) => factor % 2 === 1)])
    .meta({ allowed: 'auto, every, or an odd whole number from 1 to 99' })
    .default('auto')
    .describe(
      'which frames are scored: every one, or every n-th (even numbers would bias the score); auto is every fifth, and more of what has less than 600 frames',
    ),
  neg: z.boolean().default(false).describe("use VMAF's model without enhancement gain"),
});

/** DRM systems that a title can be encrypted for. */
export const DRM_SYSTEMS = [
  'widevine',
  'playready',
  'fairplay',
  'clearkey',
] as const satisfies readonly DrmSystem[];

const licenseUrl = (system: string): z.ZodOptional<z.ZodString> =>
  z
    .string()
    // No user or password: manifests are public.
    .regex(/^https?:\/\/[^\s@"<>]+$/)
    .max(2000)
    .meta({ allowed: 'an http or https URL without user and password' })
    .optional()
    .describe(`where players get licences of ${system}; named in manifests where given`);

const drm = z.strictObject({
  systems: z
    .array(z.enum(DRM_SYSTEMS))
    .min(1)
    .refine((systems) => new Set(systems).size === systems.length, 'each system once')
    .meta({ allowed: `a list without repeats, each one of ${DRM_SYSTEMS.join(', ')}` })
    .optional()
    .describe('DRM systems whose licences open the title; not encrypted unless given'),
  scheme: z
    .enum(['cbcs', 'cenc'])
    .default('cbcs')
    .describe(
      'how the title is encrypted: cbcs for all players of today, cenc for old ones but no Apple device',
    ),
  keys: z
    .enum(['tiers', 'single'])
    .default('tiers')
    .describe('tiers: keys of their own for SD, HD, UHD and sound; single: one key for all'),
  clearLeadSeconds: z
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('seconds at the beginning that are not encrypted, rounded up to segments'),
  keyPeriodSeconds: z
    .number()
    .min(10)
    .max(86_400)
    .optional()
    .describe(
      'seconds after which other keys take over, rounded up to segments; the keys never change unless given',
    ),
  contentId: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .meta({ allowed: '1 to 64 printable ASCII characters without spaces' })
    .optional()
    .describe("the title's id at the key service; made of the master's digest unless given"),
  widevineUrl: licenseUrl('Widevine'),
  playreadyUrl: licenseUrl('PlayReady'),
  fairplayUrl: licenseUrl('FairPlay'),
  clearkeyUrl: licenseUrl('ClearKey'),
});

const text = z.strictObject({
  files: z
    .array(z.union([z.string().min(1), textFileSchema]))
    .max(200)
    .meta({
      allowed: 'a list, each such as fr.srt:lang=fr or a mapping of file, lang, name, sdh, forced and so on',
    })
    .optional()
    .describe(
      'text files that come with the master: SubRip, WebVTT, TTML (IMSC text), SCC; see docs/text.md',
    ),
  embedded: z
    .enum(['all', 'none'])
    .default('all')
    .describe('text streams of the master, and captions in its pictures'),
  captionLanguages: z
    .array(z.string().refine(isCaptionLanguage))
    .min(1)
    .max(4)
    .meta({ allowed: 'a list, each a channel and a language such as cc1=en' })
    .optional()
    .describe('languages of CEA-608 captions, which say none themselves'),
});

const images = z.strictObject({
  enabled: z.boolean().default(true).describe('thumbnails, posters and a preview beside the manifests'),
  thumbnails: z
    .union([z.literal('off'), z.number().min(1).max(600)])
    .meta({ allowed: 'off, or a number from 1 to 600' })
    .default(5)
    .describe('seconds from one thumbnail to the next'),
  posters: z.number().int().min(1).max(20).default(5).describe('most candidates for a poster'),
});

const watermark = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('mark the title: two variants of every segment, by which the session of a copy is found'),
  sessionBits: z
    .union([z.literal(16), z.literal(24), z.literal(32)])
    .meta({ allowed: '16, 24 or 32' })
    .default(32)
    .describe('bits of a session id; a session is found by about twice as many segments'),
  fromHeight: z
    .number()
    .int()
    .min(0)
    .max(4320)
    .default(0)
    .describe(
      'least height of the rungs that are marked, pixels (of the shorter side); others are the same for all',
    ),
});

const ingest = z.strictObject({
  maxDurationSeconds: z
    .number()
    .min(1)
    .max(1e6)
    .default(DEFAULT_LIMITS.maxDurationSeconds)
    .describe('longest master that is accepted, seconds'),
  maxPixels: count(1e9)
    .default(DEFAULT_LIMITS.maxPixels)
    .describe('largest picture that is accepted, width × height'),
  maxStreams: count(10_000)
    .default(DEFAULT_LIMITS.maxStreams)
    .describe('most streams that a master may have'),
});

/** hullcast.yaml: every key, its type, range and default. Unknown keys are refused. */
export const CONFIG = z.strictObject({
  encode: encode.prefault({}),
  chunk: chunk.prefault({}),
  score: score.prefault({}),
  audio: audioSchema.prefault({}),
  drm: drm.prefault({}),
  text: text.prefault({}),
  images: images.prefault({}),
  devices: devices.prefault({}),
  markers: markers.prefault({}),
  delivery: delivery.prefault({}),
  watermark: watermark.prefault({}),
  ingest: ingest.prefault({}),
  workers: workers.prefault({}),
  home: z
    .string()
    .min(1)
    .default('.hullcast')
    .describe(
      'folder of all state; HULLCAST_HOME comes before what is written here, and the flag before both',
    ),
});

/** What may be written in hullcast.yaml: every key may be left out. */
export type ConfigInput = z.input<typeof CONFIG>;

/** A configuration with all defaults filled in. */
export type Config = z.output<typeof CONFIG>;

/** Every how manieth frame is scored. */
export function subsampleOf({ subsample }: Config['score']): Subsample {
  return subsample === 'every' ? 1 : subsample;
}
