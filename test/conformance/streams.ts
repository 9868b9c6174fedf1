import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { makeClip } from '../../fixtures/clip.js';
import { TITLE_24, type TitleShape, renditionClips } from '../../fixtures/renditions.js';
import { createRunner, findTools } from '../../src/media/index.js';
import type { Files } from './memory.js';

const run = promisify(execFile);

export async function readFiles(folder: string): Promise<Files> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Files = new Map();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(folder, path), await readFile(path));
  }
  return files;
}

/** Pictures in two sizes with a key frame every two seconds, and sound: what others package. */
async function inputs(): Promise<{ videos: string[]; audio: string }> {
  const shape: TitleShape = { ...TITLE_24, segmentStarts: [0, 48, 96, 144] };
  const clips = await renditionClips(shape);
  const audio = await makeClip('sound.mp4', [
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=8', '-ac', '2'],
    ...['-c:a', 'aac', '-b:a', '64k', '-metadata:s:a:0', 'language=eng'],
    ...['-fflags', '+bitexact', '-flags:a', '+bitexact', '-f', 'mp4'],
  ]);
  return { videos: clips.map(({ path }) => path), audio };
}

async function inFolder(make: (folder: string) => Promise<unknown>): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-stream-'));
  try {
    await make(folder);
    return await readFiles(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface ShakaOptions {
  /** One file a rendition, with an index, instead of a file a segment. */
  single?: boolean;
  /** Encrypted with raw keys, by this scheme. */
  scheme?: 'cenc' | 'cbcs';
  /** Seconds in the clear at the start. */
  clearLead?: number;
  /** With texts in two languages, of this format, and sound in two. */
  text?: 'vtt' | 'vtt+mp4' | 'ttml+mp4';
  /** Other pictures, without sound. */
  videos?: string[];
}

/** Raw keys of the test; of no value. They are given in a file, as arguments can be seen by anybody. */
const KEYS = [
  'label=SD:key_id=00112233445566778899aabbccddeeff:key=0123456789abcdef0123456789abcdef',
  'label=AUDIO:key_id=ffeeddccbbaa99887766554433221100:key=fedcba9876543210fedcba9876543210',
].join(',');

/** What packagers are given as text. */
const TEXT_INPUT = 'input.vtt';
const VTT = `WEBVTT

00:00:00.500 --> 00:00:02.600
one

00:00:01.000 --> 00:00:02.000
two

00:00:07.000 --> 00:00:07.700
the end
`;

function shakaTexts(format: NonNullable<ShakaOptions['text']>): string[] {
  const isFile = format === 'vtt';
  return ['en', 'fr'].map((language) => {
    const name = `t-${language}`;
    return [
      ...[`in=${TEXT_INPUT}`, 'stream=text', `format=${format}`, `playlist_name=${name}.m3u8`],
      ...(isFile ? [] : [`init_segment=${name}/init.mp4`]),
      `segment_template=${name}/$Number$.${isFile ? 'vtt' : 'm4s'}`,
      ...['hls_group_id=text', `hls_name=${language}`, `language=${language}`],
    ].join(',');
  });
}

function shakaStream(input: string, kind: string, name: string, single: boolean, language = 'en'): string {
  const output = single
    ? [`output=${name}.mp4`]
    : [`init_segment=${name}/init.mp4`, `segment_template=${name}/$Number$.m4s`];
  const trick = kind === 'video' ? [`iframe_playlist_name=${name}-iframes.m3u8`] : [];
  const group =
    kind === 'audio' ? ['hls_group_id=audio', `hls_name=${language}`, `language=${language}`] : [];
  return [`in=${input}`, `stream=${kind}`, ...output, `playlist_name=${name}.m3u8`, ...trick, ...group].join(
    ',',
  );
}

function keyFlags(scheme: string, clearLead: number): string {
  return [
    ...['--enable_raw_key_encryption', `--keys=${KEYS}`, `--protection_scheme=${scheme}`],
    ...['--protection_systems=Common,Widevine,PlayReady', `--clear_lead=${clearLead}`],
    '--iv=11223344556677889900112233445566',
  ].join('\n');
}

/** What Shaka Packager makes by itself. */
export async function shakaPackage({
  single = false,
  scheme,
  clearLead = 0,
  videos,
  text,
}: ShakaOptions): Promise<Files> {
  const tools = await findTools(createRunner());
  const given = await inputs();
  return inFolder(async (folder) => {
    const flags = join(folder, 'keys.flags');
    const args = [
      ...(videos ?? given.videos).map((path, index) => shakaStream(path, 'video', `v${index}`, single)),
      ...(videos ? [] : [shakaStream(given.audio, 'audio', 'a', single)]),
      ...(text ? [shakaStream(given.audio, 'audio', 'b', single, 'fr'), ...shakaTexts(text)] : []),
      ...['--segment_duration', '2', '--mpd_output', 'manifest.mpd', '--generate_static_live_mpd'],
      ...['--hls_master_playlist_output', 'master.m3u8', '--hls_playlist_type', 'VOD'],
      ...['--use_fake_clock_for_muxer', '--quiet', ...(scheme ? [`--flagfile=${flags}`] : [])],
    ];
    if (text) await writeFile(join(folder, TEXT_INPUT), VTT);
    if (scheme) await writeFile(flags, keyFlags(scheme, clearLead), { mode: 0o600 });
    await run(tools.packager.path, args, { cwd: folder });
    for (const path of [flags, join(folder, TEXT_INPUT)]) await rm(path, { force: true });
  });
}

async function ffmpegFiles(args: (videos: string[], audio: string) => string[]): Promise<Files> {
  const tools = await findTools(createRunner());
  const { videos, audio } = await inputs();
  const given = [...videos, audio].flatMap((path) => ['-i', path]);
  return inFolder((folder) =>
    run(tools.ffmpeg.path, ['-v', 'error', '-nostdin', ...given, ...args(videos, audio)], { cwd: folder }),
  );
}

const COPY = ['-map', '0:v', '-map', '1:v', '-map', '2:a', '-c', 'copy'];

/** What ffmpeg's hls muxer makes of fragmented MP4. */
export async function ffmpegHls(): Promise<Files> {
  return ffmpegFiles(() => [
    ...[...COPY, '-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', '2', '-hls_playlist_type', 'vod'],
    ...['-hls_flags', 'independent_segments', '-master_pl_name', 'master.m3u8'],
    ...['-var_stream_map', 'v:0,agroup:aud v:1,agroup:aud a:0,agroup:aud,default:yes,language:en'],
    ...['-hls_fmp4_init_filename', 'init_%v.mp4', '-hls_segment_filename', 's_%v_%d.m4s', 'p_%v.m3u8'],
  ]);
}

/** Pictures, with segments of WebVTT beside them. */
export async function ffmpegHlsText(): Promise<Files> {
  const tools = await findTools(createRunner());
  const { videos } = await inputs();
  return inFolder(async (folder) => {
    await writeFile(join(folder, TEXT_INPUT), VTT);
    const args = [
      ...['-v', 'error', '-nostdin', '-i', videos[0]!, '-i', TEXT_INPUT],
      ...['-map', '0:v', '-map', '1:s', '-c:v', 'copy', '-c:s', 'webvtt', '-f', 'hls', '-hls_time', '2'],
      // With a type of playlist ffmpeg leaves it out of those of text, which RFC 8216, 6.2.4, forbids.
      ...['-hls_list_size', '0', '-hls_segment_type', 'fmp4', '-master_pl_name', 'master.m3u8'],
      ...['-var_stream_map', 'v:0,s:0,sgroup:subs,language:en,default:yes', 'p_%v.m3u8'],
    ];
    await run(tools.ffmpeg.path, args, { cwd: folder });
    await rm(join(folder, TEXT_INPUT));
  });
}

/** Sound and pictures in one file, by byte ranges. */
export async function ffmpegHlsSingle(): Promise<Files> {
  return ffmpegFiles(() => [
    ...[
      '-map',
      '0:v',
      '-map',
      '2:a',
      '-c',
      'copy',
      '-f',
      'hls',
      '-hls_segment_type',
      'fmp4',
      '-hls_time',
      '2',
    ],
    ...['-hls_playlist_type', 'vod', '-master_pl_name', 'master.m3u8', '-hls_flags', 'single_file', 'p.m3u8'],
  ]);
}

/** What ffmpeg's dash muxer makes, with further options. */
export async function ffmpegDash(...options: string[]): Promise<Files> {
  return ffmpegFiles(() => [
    ...[...COPY, '-f', 'dash', '-seg_duration', '2', '-adaptation_sets', 'id=0,streams=0,1 id=1,streams=2'],
    ...[...options, 'manifest.mpd'],
  ]);
}

/** A small clip by other codecs, in MP4. */
export async function codecClip(codec: 'hevc' | 'av1' | 'vp9', fps = 24): Promise<string> {
  const encoders = { hevc: 'libx265', av1: 'libsvtav1', vp9: 'libvpx-vp9' };
  const options = {
    hevc: ['-tag:v', 'hvc1', '-preset', 'ultrafast', '-x265-params', 'log-level=none:open-gop=0:pools=1'],
    av1: ['-preset', '12', '-svtav1-params', 'lp=1'],
    vp9: ['-cpu-used', '5', '-deadline', 'realtime'],
  };
  return makeClip(`${codec}.mp4`, [
    ...[
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=160x90:rate=${fps}`,
      '-frames:v',
      String(2 * fps),
      '-g',
      String(fps),
    ],
    ...['-c:v', encoders[codec], ...options[codec], '-pix_fmt', 'yuv420p'],
    ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-f', 'mp4'],
  ]);
}

/** Makes a folder of a package's files. */
export async function writeFiles(files: Files, folder: string): Promise<void> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}
