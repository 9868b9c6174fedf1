import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { timeLimitMs } from '../src/media/index.js';
import { type ClipSetting, ffmpegIn } from './ffmpeg.js';

/** Heights of the pictures, 16:9: what is checked is boxes, of which small pictures have as many as large ones. */
const HEIGHTS = [90, 108, 126, 144, 162, 180, 198, 216];
const LANGUAGES = ['en', 'fr'];
const FPS = 24;
const SEGMENT_SECONDS = 2;
/** Of the clip that a long picture repeats. */
const CLIP_SECONDS = 64;

/** A picture that repeats a clip, with a key frame where segments begin. */
async function picture(setting: ClipSetting, height: number, seconds: number): Promise<string> {
  const [clip, long] = [`clip-${height}.mp4`, `v${height}.mp4`];
  await ffmpegIn(setting, CLIP_SECONDS * FPS, [
    ...[
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=${(height * 16) / 9}x${height}:rate=${FPS}:duration=${CLIP_SECONDS}`,
    ],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '40', '-bf', '0', '-pix_fmt', 'yuv420p'],
    ...['-g', String(SEGMENT_SECONDS * FPS), '-sc_threshold', '0', '-threads', '1', clip],
  ]);
  await ffmpegIn(setting, seconds * FPS, [
    ...['-stream_loop', '-1', '-i', clip, '-t', String(seconds), '-c', 'copy', long],
  ]);
  return long;
}

/** Makes a title of so many seconds in eight sizes and two languages; gives its folder and the number of its segments. */
export async function longTitle(
  setting: ClipSetting,
  seconds: number,
): Promise<{ path: string; segments: number }> {
  const inputs: string[] = [];
  for (const height of HEIGHTS) {
    const input = await picture(setting, height, seconds);
    const name = input.replace('.mp4', '');
    inputs.push(stream(`../${input}`, 'video', name, [`iframe_playlist_name=${name}/iframes.m3u8`]));
  }
  await ffmpegIn(setting, seconds * FPS, [
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
    ...['-c:a', 'aac', '-b:a', '32k', 'sound.mp4'],
  ]);
  for (const language of LANGUAGES) {
    const group = ['hls_group_id=audio', `hls_name=${language}`, `language=${language}`];
    inputs.push(stream('../sound.mp4', 'audio', `a-${language}`, group));
  }
  const path = join(setting.folder, `title-${seconds}`);
  await mkdir(path);
  await setting.run({
    file: setting.tools.packager.path,
    args: [
      ...[...inputs, '--segment_duration', String(SEGMENT_SECONDS), '--mpd_output', 'manifest.mpd'],
      ...['--generate_static_live_mpd', '--hls_master_playlist_output', 'master.m3u8'],
      ...['--hls_playlist_type', 'VOD', '--quiet'],
    ],
    cwd: path,
    timeoutMs: timeLimitMs(seconds * FPS),
    signal: new AbortController().signal,
  });
  return { path, segments: (HEIGHTS.length + LANGUAGES.length) * Math.ceil(seconds / SEGMENT_SECONDS) };
}

function stream(input: string, kind: string, name: string, more: readonly string[]): string {
  const files = [`init_segment=${name}/init.mp4`, `segment_template=${name}/$Number$.m4s`];
  return [`in=${input}`, `stream=${kind}`, ...files, `playlist_name=${name}/playlist.m3u8`, ...more].join(
    ',',
  );
}
