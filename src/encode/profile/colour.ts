import type { ProfileRequest } from './profile.js';

/** ffmpeg options that signal the colour description in the bitstream and in the container; limited range. */
export function colourArgs({ primaries, transfer, matrix }: ProfileRequest['colour']): string[] {
  return [
    ...['-color_primaries', primaries, '-color_trc', transfer],
    ...['-colorspace', matrix, '-color_range', 'tv'],
  ];
}

/** 4:2:0 in the source's depth: 8 bits as they are, anything deeper in 10. */
export function planar420(bitDepth: number): string {
  return bitDepth > 8 ? 'yuv420p10le' : 'yuv420p';
}
