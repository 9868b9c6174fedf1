import { makeClip } from '../../fixtures/clip.js';
import type { Resolution } from '../../src/encode/index.js';

/** A master over which the stages of a title are measured. */
export interface Master {
  name: string;
  size: Resolution;
  /** ffmpeg's options of its picture; the pixel format is the second one. */
  video: readonly string[];
  /** It is turned, so that it is normalised before anything else. */
  turned?: boolean;
  /** Its packets can be those of a rendition. */
  ships?: boolean;
}

/** Key frames are at 0 and in the middle. */
export const FRAMES = 50;
export const GOP = 25;

const UHD: Resolution = { width: 3840, height: 2160 };
const FULL_HD: Resolution = { width: 1920, height: 1080 };

const H264 = [
  ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'superfast', '-refs', '4', '-bf', '3'],
  ...['-g', String(GOP), '-sc_threshold', '0'],
];
const HEVC_PARAMS = [
  ...['pools=none', 'frame-threads=1', `keyint=${GOP}`, `min-keyint=${GOP}`, 'scenecut=0', 'open-gop=0'],
  ...['ref=4', 'bframes=4', 'log-level=error'],
];
const HEVC = [
  ...['-pix_fmt', 'yuv420p10le', '-c:v', 'libx265', '-preset', 'ultrafast', '-crf', '24'],
  ...['-x265-params', HEVC_PARAMS.join(':'), '-tag:v', 'hvc1', '-color_primaries', 'bt2020'],
  ...['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv'],
];
const PRORES = ['-pix_fmt', 'yuv422p10le', '-c:v', 'prores_ks', '-profile:v', '3'];

/** What masters are usually in, and one that has to be normalised. */
export const MASTERS: readonly Master[] = [
  { name: 'H.264, 1080p', size: FULL_HD, video: H264, ships: true },
  { name: 'H.264, 2160p', size: UHD, video: H264, ships: true },
  { name: 'ProRes 4:2:2, 2160p', size: UHD, video: PRORES },
  { name: 'HEVC, 10 bits, 2160p', size: UHD, video: HEVC, ships: true },
  { name: 'HEVC, 10 bits, 2160p, turned', size: UHD, video: HEVC, turned: true },
];

/** Moves, is noisy, and has sound. */
export async function makeMaster({ size, video, turned }: Master): Promise<string> {
  const name = `${size.height}-${video[1]}.mov`;
  const picture = `testsrc2=s=${size.width}x${size.height}:r=24,noise=alls=4:allf=t[v]`;
  const path = await makeClip(
    name,
    [
      ...['-filter_complex', `${picture};sine=440:r=48000,aformat=channel_layouts=stereo[a]`],
      ...['-map', '[v]', '-map', '[a]', '-frames:v', String(FRAMES), ...video, '-threads', '1'],
      ...['-c:a', 'pcm_s16le', '-t', String(FRAMES / 24)],
    ],
    100 * FRAMES,
  );
  if (turned !== true) return path;
  return makeClip(`turned-${name}`, ['-display_rotation:v:0', '90', '-i', `file:${path}`, '-c', 'copy']);
}

/** A master's picture so many times in a row. */
export async function makeLong(master: Master, times: number): Promise<string> {
  const from = await makeMaster(master);
  const loop = ['-stream_loop', String(times - 1), '-i', `file:${from}`, '-map', '0:v', '-c', 'copy'];
  return makeClip(`${times}-times-${master.size.height}-${master.video[1]}.mov`, loop);
}

/** The packets of a master's picture in an MP4, as those of a rendition. */
export async function makeRendition(master: Master): Promise<string> {
  const from = await makeMaster(master);
  const copy = ['-i', `file:${from}`, '-map', '0:v', '-c', 'copy', '-video_track_timescale', '24000'];
  return makeClip(`rendition-${master.size.height}-${master.video[1]}.mp4`, copy);
}
