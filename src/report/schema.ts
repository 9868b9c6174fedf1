import { z } from 'zod';
import { HullcastError } from '../errors.js';
import type { Finding, MasterAudio, MasterText, MasterVideo, VideoRange } from '../ingest/index.js';
import type { Pooled, VmafModel } from '../vmaf/index.js';
import { deliverySchema } from './delivery-schema.js';
import { shippedAudioSchema } from './audio-schema.js';
import { protectionSchema } from './protection-schema.js';
import { colour, hdr } from './colour-schema.js';
import { imagesSchema } from './images-schema.js';
import { watermarkSchema } from './watermark-schema.js';

/** Raised when a reader of the former version could no longer read a report. */
export const REPORT_SCHEMA_VERSION = 1;

const count = (what: string) => z.int().nonnegative().describe(what);
const positive = (what: string) => z.int().positive().describe(what);
const seconds = (what: string) => z.number().nonnegative().describe(what);
const text = (what: string) => z.string().min(1).describe(what);
const digest = (what: string) =>
  z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe(what);
const fps = (what: string) =>
  z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/)
    .describe(what);
// A harmonic mean of perfect frames may exceed 100 by the last bit of a double.
const ROUNDING = 1e-6;
const score = (what: string) =>
  z
    .number()
    .min(-ROUNDING)
    .max(100 + ROUNDING)
    .describe(what);
const crf = z.number().describe("Quality parameter in the codec's own scale; lower is better.");

const pooledShape = {
  mean: score('Mean of the frame scores, VMAF 0..100.'),
  harmonicMean: score('Harmonic mean of (score + 1), minus 1, VMAF 0..100; weighs bad frames more.'),
  p5: score('5th percentile, VMAF 0..100: 95% of the frames are better.'),
  min: score('Worst frame, VMAF 0..100.'),
};

const pooled: z.ZodType<Pooled> = z.strictObject(pooledShape);

const VMAF_MODELS = [
  'vmaf_v0.6.1',
  'vmaf_v0.6.1neg',
  'vmaf_4k_v0.6.1',
  'vmaf_4k_v0.6.1neg',
] as const satisfies readonly VmafModel[];

const VIDEO_RANGES = ['SDR', 'PQ', 'HLG'] as const satisfies readonly VideoRange[];

const masterVideo: z.ZodType<MasterVideo> = z.strictObject({
  codec: text("ffmpeg's name of the codec."),
  profile: text('Profile of the codec.').exactOptional(),
  width: positive('Coded width, pixels.'),
  height: positive('Coded height, pixels.'),
  pixelFormat: text("ffmpeg's name of the pixel format."),
  bitDepth: positive('Bits per sample.'),
  sampleAspectRatio: text('Width to height of one pixel, e.g. `1:1`.'),
  rotation: z
    .union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])
    .describe('Degrees to turn the picture for display.'),
  fieldOrder: text("`progressive`, or the order of the fields in ffmpeg's words."),
  fps: text('Frames per second as a ratio.'),
  variableFrameRate: z.boolean().describe('True where frames do not all last the same.'),
  colour: colour.describe('Colour tags.'),
  hdr: hdr
    .describe('Static metadata of an HDR picture, where the master has it and it is sound.')
    .exactOptional(),
  bitrate: z.number().nonnegative().describe('Bit rate of the stream, bit/s.').exactOptional(),
});

const set = (what: string) => z.literal(true).describe(what).exactOptional();

const masterAudio: z.ZodType<Omit<MasterAudio, 'packets'>> = z.strictObject({
  track: count("Index among the file's audio streams."),
  codec: text("ffmpeg's name of the codec."),
  channels: positive('Number of channels.'),
  layout: z.string().describe('Channel layout, e.g. `5.1`.'),
  sampleRate: positive('Samples per second, Hz.'),
  language: text('Language tag; `und` where the master has none.'),
  title: z.string().describe('Title of the stream.').exactOptional(),
  default: z.boolean().describe('True where the master marks the stream as default.'),
  commentary: set('The master marks the stream as a commentary.'),
  visualImpaired: set('The master marks the stream as being for people who do not see well.'),
  hearingImpaired: set('The master marks the stream as being for people who do not hear well.'),
  durationSeconds: seconds('Duration, seconds.'),
  offsetSeconds: z
    .number()
    .describe('Start relative to the first video frame, seconds; negative where sound starts first.'),
});

const masterText: z.ZodType<Omit<MasterText, 'pictureStart'>> = z.strictObject({
  track: count("Index among the file's subtitle streams; of captions in the pictures, of the video stream."),
  codec: text("ffmpeg's name of the codec."),
  language: text('Language tag; `und` where the master has none.'),
  title: z.string().describe('Title of the stream.').exactOptional(),
  default: set('The master marks the stream as default.'),
  forced: set('The master marks the stream as forced.'),
  hearingImpaired: set('The master marks the stream as being for people who do not hear well.'),
  inPicture: set('Captions in the user data of the pictures.'),
});

const finding: z.ZodType<Finding> = z.strictObject({
  code: text('Stable code, lower-case words with hyphens.'),
  severity: z.enum(['info', 'warning', 'error']).describe('How much it matters.'),
  startFrame: count('First frame concerned.').exactOptional(),
  endFrame: count('Frame after the last one concerned.').exactOptional(),
  message: text('Plain words.'),
});

const shippedText = z.strictObject({
  id: text('Name of the track, unique in the title.'),
  language: text('BCP 47; `und` where it is not known.'),
  name: text('What viewers choose it by, unique in the title.'),
  kind: z.enum(['subtitles', 'captions']).describe('`captions` are for people who do not hear well (SDH).'),
  forced: z.boolean().describe('True where players show it whatever the viewer chose.'),
  default: z.boolean().describe('True where it is shown unless the viewer chooses otherwise.'),
  cues: positive('Number of cues.'),
});

const shot = z.strictObject({
  index: count('Number of the shot, from 0.'),
  startFrame: count('First frame of the shot.'),
  endFrame: positive('Frame after its last one.'),
  complexity: z
    .strictObject({
      spatial: z.number().nonnegative().describe('Mean standard deviation of luma, 0..127: how much detail.'),
      temporal: z
        .number()
        .nonnegative()
        .describe('Mean absolute luma difference of successive frames, 0..255: how much changes.'),
      palette: z
        .number()
        .min(0)
        .max(1)
        .describe(
          "Mean share of a frame's pixels in its four commonest luma levels: how much is of one colour.",
        )
        .exactOptional(),
      unchanged: z
        .number()
        .min(0)
        .max(1)
        .describe('Mean share of pixels as they were in the frame before.')
        .exactOptional(),
    })
    .describe('How hard the shot is to encode.'),
});

const probe = z.strictObject({
  shot: count('Shot that was encoded.'),
  codec: text('Codec of the encode.'),
  width: positive('Encoded width, pixels.'),
  height: positive('Encoded height, pixels.'),
  crf,
  bits: positive('Bits of all packets.'),
  vmaf: pooled.describe('Score over the frames of the shot, at the reference resolution.'),
  cpuSeconds: seconds('CPU time of the encode and of its scoring, seconds.'),
});

const chunk = z.strictObject({
  shot: count('Shot that the chunk holds.'),
  crf,
  tune: z
    .enum(['plain'])
    .describe(
      "Settings other than the preset's, chosen by the shot's complexity; absent where there are none.",
    )
    .exactOptional(),
  bits: positive('Bits of all packets.'),
  vmaf: pooled.describe('Score over the frames of the shot.'),
  artifact: text('Key of the encode in the artifact store.'),
});

const rendition = z.strictObject({
  id: text('Name of the rung, unique in the title.'),
  codec: text('Codec.'),
  width: positive('Encoded width, pixels.'),
  height: positive('Encoded height, pixels.'),
  videoRange: z
    .enum(VIDEO_RANGES)
    .describe('Dynamic range in the words of HLS; SDR where it is absent.')
    .exactOptional(),
  averageBitrate: z.number().positive().describe('Average bit rate of what ships, bit/s.'),
  peakBitrate: z.number().positive().describe('Bit rate of the largest segment, bit/s.'),
  bits: positive('Bits of all packets.'),
  frames: positive('Number of frames.'),
  sha256: digest('SHA-256 of the continuous rendition.'),
  keyId: text(
    'Id of the key that it is encrypted with, hex, of the first where keys change; absent where it is not.',
  ).exactOptional(),
  vmaf: z
    .strictObject({
      ...pooledShape,
      model: z.enum(VMAF_MODELS).describe('Model that scored.'),
      subsample: positive('Every n-th frame was scored.'),
      picture: z
        .enum(['master', 'tone-mapped'])
        .describe(
          'Reference: the picture of the master, or what tone mapping made of it; the former where absent.',
        )
        .exactOptional(),
      note: text('What the score does not say.').exactOptional(),
    })
    .describe('Score over all frames of the title, not a mean of means.'),
  chunks: z
    .array(chunk)
    .min(1)
    .describe('What the rendition was assembled from, in order: one for each shot.'),
  watermark: watermarkSchema(pooled)
    .describe('What marking cost; absent where the rendition is not marked.')
    .exactOptional(),
});

/** Schema of report.json; unknown fields are refused. docs/report.md is made from the descriptions. */
export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(REPORT_SCHEMA_VERSION).describe('Version of this format.'),
    title: z
      .strictObject({
        name: text('Name of the title.'),
        durationSeconds: z.number().positive().describe('Duration, seconds.'),
        frames: positive('Number of frames.'),
        fps: fps('Frames per second as a ratio, e.g. `24000/1001`.'),
        width: positive('Width of the reference picture, pixels.'),
        height: positive('Height of the reference picture, pixels.'),
      })
      .describe('The title as it was encoded.'),
    master: z
      .strictObject({
        sha256: digest('SHA-256 of the master file.'),
        container: text('Container format.'),
        video: masterVideo.describe('The video stream as the master has it.'),
        audio: z.array(masterAudio).describe('Audio streams.'),
        text: z.array(masterText).describe('Subtitle streams.'),
        findings: z.array(finding).describe('What a person should know about the master.'),
      })
      .describe('The master as it came in.'),
    audios: z
      .array(shippedAudioSchema)
      .describe('Audio renditions that ship; absent where there is no sound.')
      .exactOptional(),
    texts: z.array(shippedText).describe('Texts that ship; absent where there are none.').exactOptional(),
    shots: z.array(shot).min(1).describe('Shots in order; together they are all frames.'),
    probes: z.array(probe).describe('Every encode that the search made and scored.'),
    renditions: z.array(rendition).min(1).describe('The ladder as it ships.'),
    protection: protectionSchema
      .describe('How the title is encrypted; absent where it is not.')
      .exactOptional(),
    images: imagesSchema
      .describe('Images beside the ladder; absent where none were asked for.')
      .exactOptional(),
    delivery: deliverySchema
      .describe('Manifests for classes of devices, and markers; absent where there are none.')
      .exactOptional(),
    cost: z
      .strictObject({
        wallSeconds: seconds('Elapsed time, seconds.'),
        cpuSeconds: z.record(z.string(), z.number().nonnegative()).describe('CPU time by stage, seconds.'),
        encodes: count('Encodes that were run.'),
        cacheHits: count('Results that were there already and were not computed again.'),
      })
      .describe('What it took.'),
    tools: z
      .strictObject({
        ffmpeg: text('Version of ffmpeg.'),
        libvmaf: text('Version of libvmaf.'),
        packager: text('Version of Shaka Packager.'),
        node: text('Version of Node.js.'),
        hullcast: text('Version of hullcast.'),
      })
      .describe('Versions of the tools.'),
  })
  .meta({ title: 'hullcast report', description: 'What hullcast made of one master.' });

export type Report = z.infer<typeof reportSchema>;
export type ReportRendition = Report['renditions'][number];
export type ReportShot = Report['shots'][number];

/** Checks parsed JSON against the schema; throws REPORT_INVALID naming the first field that is wrong. */
export function parseReport(json: unknown): Report {
  const result = reportSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the report' : issue.path.join('.');
  throw new HullcastError('REPORT_INVALID', `not a valid report: ${where}: ${issue?.message ?? 'unknown'}`, {
    hint: 'docs/report.md describes the format; encode the title again to get a fresh report',
    cause: result.error,
  });
}
