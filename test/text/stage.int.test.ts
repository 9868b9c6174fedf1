import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CaptionBurst,
  captionedMaster,
  characters,
  code,
  command,
  load,
  place,
  sccFile,
  textFile,
} from '../../fixtures/captions.js';
import { makeClip } from '../../fixtures/clip.js';
import { h264Variant, moving } from '../../fixtures/masters.js';
import type { IngestResult, MasterText } from '../../src/ingest/index.js';
import { ffmpeg } from '../../src/media/index.js';
import { type TextFileSource, type TextResult, parseCues, textStage } from '../../src/text/index.js';
import { codes, ingest, refusal } from '../ingest/support.js';
import { freshContext } from '../package/support.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { short } from './support.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

const NTSC = { num: 30_000, den: 1001 };
const TITLE = { frames: 96, fps: { num: 24, den: 1 } };

async function cuesOf(result: TextResult, track = 0): Promise<string[]> {
  const { blob, cues } = result.tracks[track]!;
  const parsed = parseCues(await readFile(await stage.context.path(blob), 'utf8'));
  expect(parsed).toHaveLength(cues);
  return parsed.map(short);
}

async function ofFile(
  name: string,
  content: string | Buffer,
  over: Partial<TextFileSource> = {},
): Promise<TextResult> {
  const blob = await stage.put(await textFile(name, content));
  return textStage.run(
    { source: { kind: 'file', name, blob, ...over }, ...TITLE },
    await freshContext(stage),
  );
}

async function ofStream(found: IngestResult, text: MasterText): Promise<TextResult> {
  const { source, demuxer, picture } = found;
  const { frames, fps } = picture;
  return textStage.run(
    { source: { kind: 'stream', blob: source, demuxer, text }, frames, fps },
    await freshContext(stage),
  );
}

/** What ffmpeg makes of something, as SubRip without tags: a second opinion. */
async function asSrt(input: readonly string[], folder: string): Promise<string[]> {
  const { run, tools } = stage.context;
  const { stdout } = await ffmpeg(run, tools.ffmpeg, {
    args: [...input, '-map', '0:s', '-f', 'srt', 'pipe:1'],
    frames: 1000,
    cwd: folder,
  });
  const blocks = stdout.toString('utf8').replaceAll('\r', '').trim().split('\n\n');
  return blocks.map((block) =>
    block
      .split('\n')
      .slice(1)
      .join('|')
      .replace(/<[^>]*>|\{[^}]*\}|\\h/g, ''),
  );
}

describe('a text file', () => {
  const srt =
    '1\r\n00:00:01,000 --> 00:00:02,000\r\nGr\xfc\xdfe\r\n\r\n2\r\n00:00:03,500 --> 00:00:09,000\r\nlong\r\n';

  it('becomes cues in the time of the title, with what was found', async () => {
    const result = await ofFile('de.srt', Buffer.from(srt, 'latin1'));
    expect(await cuesOf(result)).toEqual(['1000-2000|Grüße', '3500-4000|long']);
    expect(codes(result)).toEqual(['text-encoding', 'text-beyond-title']);
    expect(result.findings.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });

  it('gives the same bytes each time, whatever its own were', async () => {
    const utf16 = Buffer.from(`\ufeff${srt.replaceAll('\r\n', '\n')}`, 'utf16le');
    const [one, two] = [await ofFile('a.srt', Buffer.from(srt, 'latin1')), await ofFile('b.srt', utf16)];
    expect(one.tracks).toEqual(two.tracks);
    expect(codes(two)).toEqual(['text-beyond-title']);
  });

  it('that is of no use is refused', async () => {
    expect(await refusal(ofFile('x.srt', '1\n00:00:01,000 -> x\n'))).toBe('TEXT_SYNTAX 3');
    expect(await refusal(ofFile('x.bin', Buffer.alloc(100)))).toBe('TEXT_ENCODING 3');
    expect(await refusal(ofFile('x.txt', 'Dear all,\n'))).toBe('TEXT_FORMAT 3');
    expect(await refusal(ofFile('x.vtt', 'WEBVTT\n\n00:09.000 --> 00:10.000\nlate\n'))).toBe('TEXT_EMPTY 3');
    expect(await refusal(ofFile('x.srt', srt, { start: 'soon' }))).toBe('TEXT_START 2');
  });
});

const CAPTIONS: CaptionBurst[] = [
  {
    frame: 5,
    words: load([
      { row: 14, column: 10, text: 'Hello there,' },
      { row: 15, column: 13, text: 'world!' },
    ]),
  },
  { frame: 40, words: command('end') },
  { frame: 45, words: load([{ row: 2, column: 4, text: 'on top' }]) },
  { frame: 70, words: command('end') },
  { frame: 100, words: command('erase') },
];
const at = (frame: number): number => Math.round((frame * 1001) / 30);
const CAPTION_CUES = [
  `${at(40)}-${at(70)}|Hello there,\nworld!`,
  `${at(70)}-${at(100)} line:15.33% position:20% size:70% align:start|on top`,
];

describe('SCC', () => {
  it('says what ffmpeg reads in it', async () => {
    const name = 'a.scc';
    const path = await textFile(name, sccFile(CAPTIONS));
    // ffmpeg shows a caption from the beginning of the line that ends it.
    expect(await asSrt(['-f', 'scc', '-i', `file:${path}`], stage.context.scratch)).toEqual([
      '00:00:01,330 --> 00:00:02,330|Hello there,|world!',
      '00:00:02,330 --> 00:00:03,330|on top',
    ]);
    const blob = await stage.put(path);
    const params = {
      source: { kind: 'file', name, blob } as const,
      frames: 150,
      fps: { num: 30_000, den: 1001 },
    };
    expect(await cuesOf(await textStage.run(params, await freshContext(stage)))).toEqual(CAPTION_CUES);
  });
});

it('all characters of CEA-608 are those that ffmpeg reads, but for the shape of four signs', async () => {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const rows = [
    ...[0x20, 0x40, 0x60].map((from) =>
      characters(String.fromCharCode(...range(from, from + 0x20)).replace(' ', 'x')),
    ),
    range(0x30, 0x40).flatMap((second) => code(0x11, second)),
    ...[0x12, 0x13].map((first) =>
      range(0x20, 0x40).flatMap((second) => [...characters('?'), ...code(first, second)]),
    ),
  ];
  const bursts = rows.map((row, index) => ({
    frame: 300 * index,
    words: [...command('popOn'), ...command('eraseHidden'), ...place(15, 0), ...row, ...command('end')],
  }));
  const name = 'characters.scc';
  const path = await textFile(name, sccFile([...bursts, { frame: 1900, words: command('erase') }]));
  const theirs = await asSrt(['-f', 'scc', '-i', `file:${path}`], stage.context.scratch);
  const params = {
    source: { kind: 'file', name, blob: await stage.put(path) } as const,
    frames: 2000,
    fps: NTSC,
  };
  const ours = await cuesOf(await textStage.run(params, await freshContext(stage)));
  const text = (cue: string): string => cue.slice(cue.indexOf('|') + 1);
  const signs = { '´': '‘', '‘': "'", '-': '—', '·': '•' } as const;
  const expected = theirs.map(text).map((line, row) => {
    const shaped = row === 4 ? line.replace(/[´‘·-]/g, (sign) => signs[sign as keyof typeof signs]) : line;
    return shaped.replace('&', '&amp;');
  });
  // Its way to SubRip takes braces and what stands between < and > for tags.
  const withoutTags = ours.map((cue) => text(cue).replace(/&lt;=&gt;|[{}]/g, ''));
  const plain = (line: string): string => line.replaceAll('\u00a0', ' ');
  expect(withoutTags.map(plain)).toEqual(expected.map(plain));
  expect(ours[0]).toContain('&lt;=&gt;');
  expect(ours[5]).toContain('{}');
  expect(expected).toHaveLength(6);
});

describe('captions in the pictures', () => {
  const rolling: CaptionBurst[] = [
    {
      frame: 0,
      words: [
        ...command('rollUp2'),
        ...command('carriageReturn'),
        ...place(15, 0),
        ...characters('>> rolling'),
      ],
    },
    { frame: 60, words: command('erase') },
  ];
  const B_FRAMES = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-a53cc', '1'];
  it.each([
    ['H.264 as it came, in MP4', 'cc.mp4', ['-c', 'copy']],
    [
      'H.264 with B-frames, in a transport stream that starts late',
      'cc.ts',
      [...B_FRAMES, '-output_ts_offset', '7'],
    ],
    ['H.264 with B-frames, in MP4 that starts late', 'late.mp4', [...B_FRAMES, '-output_ts_offset', '1.5']],
    ['MPEG-2', 'cc.mpg', ['-c:v', 'mpeg2video', '-q:v', '4', '-a53cc', '1']],
    [
      'HEVC in Matroska',
      'cc.mkv',
      ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:pools=none'],
    ],
  ])('are found and decoded, both fields: %s', async (_, name, output) => {
    const path = await captionedMaster({ name, seconds: 5, fields: [CAPTIONS, rolling], output });
    const found = await ingest(stage, path);
    expect(found.text).toEqual([expect.objectContaining({ codec: 'eia_608', inPicture: true, track: 0 })]);
    const result = await ofStream(found, found.text[0]!);
    expect(result.tracks.map(({ channel }) => channel)).toEqual(['CC1', 'CC3']);
    expect(await cuesOf(result)).toEqual(CAPTION_CUES);
    expect(await cuesOf(result, 1)).toEqual([
      `${at(6)}-${at(60)} position:10% size:80% align:start|&gt;&gt; rolling`,
    ]);
    expect(result.findings).toEqual([]);
    // The second opinion sees field 1 alone; its clock begins with the first picture.
    const { scratch } = await freshContext(stage);
    await symlink(path, join(scratch, 'master'));
    const second = await asSrt(['-f', 'lavfi', '-i', `movie=master:f=${found.demuxer}[out0+subcc]`], scratch);
    expect(second.map((cue) => cue.split('|').slice(1).join('|'))).toEqual(['Hello there,|world!', 'on top']);
    const starts = second.map((cue) => Number(/^00:00:(\d+),(\d+)/.exec(cue)!.slice(1).join('')));
    // The transport stream's clock is kept by ffmpeg's device: differences count.
    expect(Math.abs(starts[1]! - starts[0]! - (at(70) - at(40)))).toBeLessThanOrEqual(2);
  });

  it('that say nothing give no track', async () => {
    const path = await captionedMaster({ name: 'silent.mp4', seconds: 5, fields: [[], []] });
    const found = await ingest(stage, path);
    expect(found.text).toHaveLength(1);
    expect(await ofStream(found, found.text[0]!)).toEqual({ tracks: [], findings: [] });
  });

  it('of a stream of their own are decoded, too', async () => {
    const scc = await textFile('b.scc', sccFile(CAPTIONS));
    const path = await makeClip('c608.mov', [
      ...[...moving('192x108', '30000/1001', 5), '-f', 'scc', '-i', `file:${scc}`],
      ...[
        '-map',
        '0:v',
        '-map',
        '1:s',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-c:s',
        'copy',
        '-fflags',
        '+bitexact',
      ],
    ]);
    const found = await ingest(stage, path);
    expect(found.text).toMatchObject([{ codec: 'eia_608', track: 0 }]);
    const result = await ofStream(found, found.text[0]!);
    // ffmpeg put all pairs of a line at its beginning, and left out the last line.
    expect(await cuesOf(result)).toEqual([
      '1330-2330|Hello there,\nworld!',
      '2330-5005 line:15.33% position:20% size:70% align:start|on top',
    ]);
  });
});

const SRT =
  '1\n00:00:00,500 --> 00:00:01,500\n<i>Première</i> & <b>one</b>\n\n2\n00:00:02,000 --> 00:00:03,000\n1 < 2\n\n3\n00:00:03,500 --> 00:00:20,000\nlate\n';

/** A master with text, whose clock begins at `start` seconds. */
async function texted(
  name: string,
  codec: string,
  start: number,
  more: readonly string[] = [],
): Promise<string> {
  const srt = await textFile('in.srt', SRT);
  return makeClip(name, [
    ...[...moving('192x108', '24', 4), '-i', `file:${srt}`, '-map', '0:v', '-map', '1:s'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-pix_fmt', 'yuv420p', '-c:s', codec],
    ...[
      '-metadata:s:s:0',
      'language=fra',
      ...more,
      '-fflags',
      '+bitexact',
      '-output_ts_offset',
      String(start),
    ],
  ]);
}

describe('text streams', () => {
  it.each([
    ['mov_text in MP4', 'text.mp4', 'mov_text', 0],
    ['mov_text in MP4 that starts late', 'late.mp4', 'mov_text', 1.5],
    ['mov_text in MOV that starts late', 'late.mov', 'mov_text', 10],
    ['SubRip in Matroska', 'text.mkv', 'srt', 0],
    ['SubRip in Matroska that starts late', 'late.mkv', 'srt', 5.25],
    ['WebVTT in WebM', 'vtt.mkv', 'webvtt', 2],
    ['SubStation Alpha', 'ass.mkv', 'ass', 2],
  ])('are cues in the time of the title: %s', async (_, name, codec, start) => {
    const found = await ingest(stage, await texted(name, codec, start));
    expect(found.text).toMatchObject([{ track: 0, language: 'fra' }]);
    expect(found.text[0]!.pictureStart).toBeCloseTo(start, 2);
    const result = await ofStream(found, found.text[0]!);
    expect(await cuesOf(result)).toEqual([
      '500-1500|<i>Première</i> &amp; <b>one</b>',
      '2000-3000|1 &lt; 2',
      '3500-4000|late',
    ]);
    expect(codes(result)).toContain('text-beyond-title');
  });

  it('say what they are for', async () => {
    const more = ['-disposition:s:0', 'default+forced+hearing_impaired', '-metadata:s:s:0', 'title=Signs'];
    const found = await ingest(stage, await texted('forced.mkv', 'srt', 0, more));
    expect(found.text).toMatchObject([
      { title: 'Signs', default: true, forced: true, hearingImpaired: true },
    ]);
  });

  it('that cannot be understood are named, and left out', async () => {
    const crowd = Array.from(
      { length: 70 },
      (_, n) => `${n + 1}\n00:00:00,5${String(n + 10)} --> 00:00:03,000\nsign ${n}\n`,
    );
    const srt = await textFile('crowd.srt', crowd.join('\n'));
    const path = await makeClip('crowd.mkv', [
      ...[...moving('192x108', '24', 4), '-i', `file:${srt}`, '-map', '0:v', '-map', '1:s'],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-c:s', 'srt', '-fflags', '+bitexact'],
    ]);
    const found = await ingest(stage, path);
    const { tracks, findings } = await ofStream(found, found.text[0]!);
    expect(tracks).toEqual([]);
    expect(findings.map(({ code, message }) => [code, message.replace(/, at .*/, '')])).toEqual([
      [
        'text-skipped',
        'text track 0 of the master: it is left out: text track 0 of the master, line 1: more than 64 cues are shown at once',
      ],
    ]);
  });

  it('that are pictures are named, and left out', async () => {
    const path = await makeClip('bitmap.mkv', [
      ...[...moving('192x108', '24', 2), '-i', `file:${await texted('x.mkv', 'ass', 0)}`],
      ...[
        '-map',
        '0:v',
        '-map',
        '1:s',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-c:s',
        'copy',
        '-t',
        '2',
        '-fflags',
        '+bitexact',
      ],
    ]);
    const found = await ingest(stage, path);
    for (const [codec, why] of [
      ['hdmv_pgs_subtitle', 'its subtitles are pictures (hdmv_pgs_subtitle)'],
      ['dvb_teletext', 'its codec (dvb_teletext) is none that is read'],
    ]) {
      expect(await ofStream(found, { ...found.text[0]!, codec: codec! })).toEqual({
        tracks: [],
        findings: [
          {
            code: 'text-skipped',
            severity: 'error',
            message: `text track 0 of the master: it is left out: ${why}`,
          },
        ],
      });
    }
  });
});

it('a master without text has none, and its facts are what they were', async () => {
  const found = await ingest(stage, await h264Variant('no-text.mp4', ''));
  expect(found.text).toEqual([]);
});
