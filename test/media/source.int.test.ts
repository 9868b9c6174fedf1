import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import {
  BITEXACT_OUTPUT,
  type Tool,
  createRunner,
  ffmpeg,
  ffprobe,
  findTool,
  openArgs,
  sourceArgs,
  sourceFilter,
  sourceStream,
} from '../../src/media/index.js';

const FRAMES = 24;
const run = createRunner();
let tool: Tool;
let probeTool: Tool;
let clip: string;
let folder: string;

beforeAll(async () => {
  tool = await findTool(run, 'ffmpeg');
  probeTool = await findTool(run, 'ffprobe');
  folder = await mkdtemp(join(tmpdir(), 'hullcast-open-'));
  const source = ['-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=24:duration=1`];
  clip = await makeClip('open.mp4', [
    ...source,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '6',
    ...BITEXACT_OUTPUT,
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One hash a frame, as ffmpeg decodes the file. */
async function hashes(args: readonly string[]): Promise<string[]> {
  const result = await ffmpeg(run, tool, { args: [...args, '-f', 'framemd5', '-'], frames: FRAMES });
  const lines = result.stdout.toString().split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

describe('openArgs', () => {
  const NAMES = [
    '-i.mp4',
    '-f lavfi.mp4',
    'two words.mp4',
    `it's "quoted".mp4`,
    'dollar $(id) `id` ${HOME}.mp4',
    'Käse 映画 🎬.mp4',
    'concat:a.mp4|b.mp4',
    'http:example.mp4',
    'file:x.mp4',
    'pipe:0',
    'frame-%d.mp4',
    '%03d.mp4',
    'a?b#c&d=e,f;g[h]\\i.mp4',
    'line\nbreak.mp4',
    'playlist.m3u8',
  ];

  it.each(NAMES)('opens a file called %j, and nothing else', async (name) => {
    const path = join(folder, name);
    await copyFile(clip, path);
    const expected = await hashes(openArgs(clip, 'mov'));
    expect(expected).toHaveLength(FRAMES);
    expect(new Set(expected).size).toBe(FRAMES);
    expect(await hashes(openArgs(path, 'mov'))).toEqual(expected);
    const show = ['-count_packets', '-show_entries', 'stream=nb_read_packets'];
    const probed = await ffprobe(run, probeTool, { path, demuxer: 'mov', show });
    expect(probed).toMatchObject({ streams: [{ nb_read_packets: String(FRAMES) }] });
  });
});

describe('a file that names others', () => {
  let server: Server;
  let asked: string[];
  let address: string;

  beforeAll(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  const playlist = (uri: string): string =>
    `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n${uri}\n#EXT-X-ENDLIST\n`;
  const concat = (path: string): string => `ffconcat version 1.0\nfile '${path}'\n`;

  const write = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  const decode = (path: string, demuxer: string): Promise<string[]> => hashes(openArgs(path, demuxer));

  it('is not followed when it is called a movie: the demuxer is forced, not guessed', async () => {
    await expect(decode(await write('list.mp4', playlist(clip)), 'mov')).rejects.toMatchObject({
      code: 'PROCESS_FAILED',
    });
    await expect(decode(await write('concat.mp4', concat(clip)), 'mov')).rejects.toMatchObject({
      code: 'PROCESS_FAILED',
    });
    // The same text is followed by the demuxer that is meant for it: what was refused above is a real threat.
    expect(await hashes(['-f', 'concat', '-safe', '0', '-i', join(folder, 'concat.mp4')])).toHaveLength(
      FRAMES,
    );
  });

  it('reaches no network, even with the demuxer of playlists', async () => {
    const path = await write('remote.m3u8', playlist(`${address}/segment.ts`));
    await expect(decode(path, 'hls')).rejects.toMatchObject({ code: 'PROCESS_FAILED' });
    expect(asked).toEqual([]);
    // Without the whitelist the server is asked: the test above can fail.
    const open = ['-protocol_whitelist', 'file,http,tcp', '-f', 'hls', '-i', `file:${path}`];
    await expect(hashes(open)).rejects.toMatchObject({ code: 'PROCESS_FAILED' });
    expect(asked).toContain('/segment.ts');
  });
});

describe('a frame source', () => {
  it('is exactly its frames', async () => {
    const all = await hashes([...openArgs(clip, 'mov'), '-map', '0:v:0']);
    const source = { path: clip, demuxer: 'mov', skipFrames: 7, frames: 9, fps: { num: 24, den: 1 } };
    const args = [...sourceArgs(source), '-map', sourceStream(source), '-vf', sourceFilter(source)];
    expect(await hashes([...args, '-fps_mode', 'passthrough'])).toEqual(all.slice(7, 16));
  });
});
