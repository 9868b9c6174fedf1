import { colourArgs, planar420 } from './colour.js';
import type { CodecProfile } from './profile.js';

/**
 * VP9 by libvpx, profile 0 (8 bits) and 2 (10 bits), at constant quality: `-b:v 0` leaves the quantiser to `crf` alone.
 * libvpx takes no bit rate limit in that mode; the level in the sample entry is the lowest for size and frame rate, from
 * ffmpeg's muxer. The second pass knows where the alternate reference frames pay: the first alone needs some 20% more
 * bits for the same VMAF. Hidden frames travel in the packet of the next shown one, so that packets are frames. Equal
 * bounds put key frames on the planned frames alone. There are no parameter sets; where chroma
 * lies only the sample entry says, and chunks say it alike whatever their masters did.
 */
export const vp9: CodecProfile = {
  codec: 'vp9',
  encoder: 'libvpx-vp9',
  crf: { min: 10, max: 63, step: 1 },
  presets: ['0', '1', '2', '3', '4', '5'],
  defaultPreset: '2',
  passes: 2,
  pixelFormat: planar420,
  encodeArgs({ preset, crf, gopFrames, colour }) {
    return [
      ...['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', preset, '-crf', String(crf), '-b:v', '0'],
      ...['-threads', '1', '-row-mt', '0', '-tile-columns', '0', '-frame-parallel', '0'],
      ...['-auto-alt-ref', '1', '-lag-in-frames', '25'],
      ...['-g', String(gopFrames), '-keyint_min', String(gopFrames)],
      ...[...colourArgs(colour), '-chroma_sample_location', 'left'],
    ];
  },
};
