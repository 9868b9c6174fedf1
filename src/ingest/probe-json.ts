import { z } from 'zod';
import { HullcastError } from '../errors.js';

/** ffprobe prints many numbers as strings, and "N/A" or nothing where it does not know. */
const numeric = z
  .union([z.number(), z.string()])
  .optional()
  .transform((value) => {
    const parsed = typeof value === 'string' && value.trim() === '' ? NaN : Number(value);
    return Number.isFinite(parsed) ? parsed : undefined;
  });

const text = z.string().optional();
const dimension = z.number().int().nonnegative().optional();

/** Of all kinds of side data those fields that are used; luminances and chromaticities are ratios, e.g. `34000/50000`. */
const sideData = z.object({
  ...{ side_data_type: text, displaymatrix: text },
  ...{ red_x: text, red_y: text, green_x: text, green_y: text, blue_x: text, blue_y: text },
  ...{ white_point_x: text, white_point_y: text, min_luminance: text, max_luminance: text },
  ...{ max_content: dimension, max_average: dimension },
  ...{ dv_profile: dimension, dv_bl_signal_compatibility_id: dimension },
});

const colourTags = {
  pix_fmt: text,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
};

const stream = z.object({
  ...colourTags,
  index: z.number().int().nonnegative(),
  codec_type: text,
  codec_name: text,
  profile: z.union([z.string(), z.number()]).optional(),
  width: dimension,
  height: dimension,
  sample_aspect_ratio: text,
  field_order: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  time_base: text,
  start_pts: numeric,
  start_time: numeric,
  duration: numeric,
  bit_rate: numeric,
  nb_frames: numeric,
  has_b_frames: numeric,
  bits_per_raw_sample: numeric,
  sample_rate: numeric,
  channels: dimension,
  channel_layout: text,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(sideData).default([]),
});

const format = z.object({
  nb_streams: z.number().int().nonnegative(),
  start_time: numeric,
  duration: numeric,
});

const frame = z.object({
  ...colourTags,
  interlaced_frame: z.number().optional(),
  top_field_first: z.number().optional(),
  side_data_list: z.array(sideData).default([]),
});

const streamsOutput = z.object({ streams: z.array(stream).default([]), format });
const framesOutput = z.object({ frames: z.array(frame).default([]) });

/** Side data of a stream or a frame. */
export type SideData = z.output<typeof sideData>;
/** One stream as ffprobe describes it; fields that it leaves out or calls N/A are undefined. */
export type ProbedStream = z.output<typeof stream>;
/** What the decoder says of one frame. */
export type ProbedFrame = z.output<typeof frame>;
export type ProbedFile = z.output<typeof streamsOutput>;

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue ? `${issue.path.join('.')}: ${issue.message}` : 'unknown';
  throw new HullcastError('PROBE_OUTPUT', `ffprobe's answer has another form than expected (${where})`, {
    hint: 'Check with `hullcast doctor` that a supported ffprobe is used.',
    cause: result.error,
  });
}

/** Validates the output of `-show_streams -show_format`. Throws PROBE_OUTPUT. */
export function parseStreams(json: unknown): ProbedFile {
  return parse(streamsOutput, json);
}

/** Validates the output of `-show_frames`. Throws PROBE_OUTPUT. */
export function parseFrames(json: unknown): ProbedFrame[] {
  return parse(framesOutput, json).frames;
}
