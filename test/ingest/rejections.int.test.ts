import { execFileSync } from 'node:child_process';
import { copyFile, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cutOff,
  damagedMaster,
  derived,
  externalReferenceMovie,
  h264Variant,
  plainIndexLast,
  plainMaster,
  soundOnly,
  variant,
} from '../../fixtures/masters.js';
import { DEFAULT_LIMITS, examineFile, ingestStage, probe } from '../../src/ingest/index.js';
import { type Run, createRunner, ffmpeg, openArgs } from '../../src/media/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { ingest, refusal } from './support.js';

let stage: TestStage;
let folder: string;

beforeAll(async () => {
  stage = await stageContext();
  folder = await mkdtemp(join(tmpdir(), 'hullcast-reject-'));
});

afterAll(async () => {
  await stage.cleanUp();
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('a master that cannot be used is refused with its own code', () => {
  it.each<[string, () => Promise<string>]>([
    ['MASTER_EMPTY 3', () => file('empty.mp4', '')],
    ['MASTER_UNKNOWN_CONTAINER 3', () => file('text.mp4', 'This is no video at all.\n'.repeat(500))],
    ['MASTER_UNKNOWN_CONTAINER 3', () => variant('picture.png', '', ['-frames:v', '1', '-update', '1'])],
    ['MASTER_NO_MOOV 3', async () => cutOff(await plainIndexLast(), 0.5)],
    ['MASTER_TRUNCATED 3', async () => cutOff(await plainMaster(), 0.3)],
    ['MASTER_TRUNCATED 3', async () => cutOff(await h264Variant('plain.mkv', '', ['-g', '12']), 0.3)],
    [
      'MASTER_DAMAGED 3',
      () => derived('header.mkv', Buffer.from('\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm', 'latin1')),
    ],
    ['MASTER_NO_FRAMES 3', () => damagedMaster(0, Infinity, 0)],
    ['MASTER_NO_VIDEO 3', () => soundOnly(false)],
    ['MASTER_NO_VIDEO 3', () => soundOnly(true)],
    ['MASTER_TOO_SMALL 3', () => variant('tiny.mkv', 'scale=3:3', ['-c:v', 'ffv1', '-frames:v', '5'])],
    ['MASTER_UNSUPPORTED_CODEC 3', () => variant('snow.avi', '', ['-c:v', 'asv1', '-frames:v', '5'])],
    ['accepted', plainMaster],
  ])('%s', async (expected, make) => {
    expect(await refusal(ingest(stage, await make()))).toBe(expected);
  });

  it('MASTER_TOO_SMALL also for what would be too narrow with square pixels', async () => {
    const path = await h264Variant('narrow.mp4', 'setsar=1/20', ['-frames:v', '5']);
    expect(await refusal(ingest(stage, path))).toBe('MASTER_TOO_SMALL 3');
  });

  it('MASTER_TOO_LARGE also for what would be too wide with square pixels', async () => {
    const path = await h264Variant('wide.mp4', 'setsar=100/1', ['-frames:v', '5']);
    expect(await refusal(ingest(stage, path))).toBe('MASTER_TOO_LARGE 3');
    const narrower = await h264Variant('wide.mp4', 'setsar=80/1', ['-frames:v', '5']);
    const limits = { ...DEFAULT_LIMITS, maxPixels: 192 * 80 * 108 - 1 };
    expect(await refusal(ingest(stage, narrower, limits))).toBe('MASTER_TOO_LARGE 3');
  });

  it.each([
    ['MASTER_TOO_LONG 3', { maxDurationSeconds: 1.5 }],
    ['MASTER_TOO_LARGE 3', { maxPixels: 192 * 108 - 1 }],
    ['MASTER_TOO_MANY_STREAMS 3', { maxStreams: 1 }],
  ])('%s by a limit of %o', async (expected, limit) => {
    expect(await refusal(ingest(stage, await plainMaster(), { ...DEFAULT_LIMITS, ...limit }))).toBe(expected);
  });

  it('names the title, not the path in the store, and what to do', async () => {
    const rejected = ingest(stage, await soundOnly(false));
    await expect(rejected).rejects.toThrow('a title holds only sound');
    await expect(rejected).rejects.toHaveProperty('hint', 'Give a file with a video stream.');
  });
});

describe('paths', () => {
  it('MASTER_UNREADABLE for what is not there, is a folder, or is a pipe without a writer', async () => {
    const pipe = join(folder, 'pipe.mp4');
    execFileSync('mkfifo', [pipe]);
    for (const path of [join(folder, 'missing.mp4'), folder, pipe, join(await plainMaster(), 'x')]) {
      expect(await refusal(examineFile(path))).toBe('MASTER_UNREADABLE 3');
    }
  });

  it.each([
    `with spaces and "quotes" and 'apostrophes'.mp4`,
    '-i.mp4',
    '-f lavfi.mp4',
    'concat:a|b.mp4',
    'Größe 映画 🎬.mp4',
    '%03d.mp4',
    'a;$(touch x)`y`&.mp4',
    'new\nline.mp4',
    'video.m3u8',
  ])('%j is only a name', async (name) => {
    const path = join(folder, 'names', name);
    await mkdir(join(folder, 'names'), { recursive: true });
    await copyFile(await plainMaster(), path);
    const { run, tools } = stage.context;
    const found = await probe(run, tools.ffprobe, path);
    expect(found.container).toEqual({ name: 'mp4', demuxer: 'mov' });
    expect(found.streams.map((stream) => stream.codec_name)).toEqual(['h264', 'aac']);
  });
});

describe('what a file names is never opened', () => {
  let server: Server;
  let origin: string;
  const requests: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => new Promise((done) => server.close(done)));

  it.each<[string, (target: string) => string]>([
    [
      'an HLS playlist',
      (target) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`,
    ],
    ['a concat script', (target) => `ffconcat version 1.0\nfile '${target}'\n`],
    [
      'a DASH manifest',
      (target) =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${target}</BaseURL></MPD>`,
    ],
  ])('%s that is called .mp4 starts no process at all', async (_, write) => {
    const started: string[] = [];
    const spy: Run = (request) => {
      started.push(request.file);
      return stage.context.run(request);
    };
    for (const target of [`${origin}/secret`, `file://${await plainMaster()}`]) {
      const source = await stage.put(await file('posing.mp4', write(target)));
      const params = { name: 'a title', source, limits: DEFAULT_LIMITS };
      const context = { ...stage.context, run: spy };
      expect(await refusal(ingestStage.run(params, context))).toBe('MASTER_UNKNOWN_CONTAINER 3');
    }
    expect(started).toEqual([]);
    expect(requests).toEqual([]);
  });

  it('a movie whose frames are in another file has none, though ffmpeg would find them if told to', async () => {
    const { movie, essence } = await externalReferenceMovie('essence.mov');
    await file('essence.mov', essence);
    const path = await file('reference.mov', movie);
    // The same bytes in the store, with the essence beside them: what is not opened is there to be opened.
    const source = await stage.put(path);
    const stored = await stage.context.path(source);
    await writeFile(join(stored, '..', 'essence.mov'), essence);
    const params = { name: 'a title', source, limits: DEFAULT_LIMITS };
    expect(await refusal(ingestStage.run(params, stage.context))).toBe('MASTER_NO_FRAMES 3');

    const listing = await ffmpeg(createRunner(), stage.context.tools.ffmpeg, {
      args: ['-enable_drefs', '1', '-f', 'mov', '-i', 'reference.mov', '-f', 'framemd5', 'pipe:1'],
      frames: 48,
      cwd: folder,
    });
    expect(listing.stdout.toString().match(/^0,/gm)).toHaveLength(48);
    expect(openArgs(path, 'mov').join(' ')).not.toContain('drefs');
  });
});
