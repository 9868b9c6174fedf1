import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CaptionBurst,
  captionedMaster,
  command,
  load,
  sccFile,
  textFile,
} from '../../fixtures/captions.js';
import { makeClip } from '../../fixtures/clip.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { createRunner, findTool } from '../../src/media/index.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);

/** One caption from frame 30 to frame 90 of 30000/1001 a second. */
const CAPTION: CaptionBurst[] = [
  { frame: 5, words: load([{ row: 15, column: 13, text: 'caption' }]) },
  { frame: 30, words: command('end') },
  { frame: 90, words: command('erase') },
];
/** The same, an hour later, as tapes have it. */
const SCC = sccFile(CAPTION, 3600 * 30);
const FRENCH = Buffer.from(
  '1\r\n00:00:00,500 --> 00:00:01,500\r\nÀ bientôt\r\n\r\n2\r\n00:00:04,000 --> 00:01:00,000\r\nFin\r\n',
  'latin1',
);
const GERMAN =
  '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xml:lang="de"><body><div>' +
  '<p begin="1s" dur="1.5s"><span tts:fontStyle="italic">Schild</span></p></div></body></tt>';

/** A master whose clock begins at 1.5 s, with captions in its pictures and a text track. */
async function master(): Promise<string> {
  const captioned = await captionedMaster({ name: 'cc.mp4', seconds: 5, fields: [CAPTION] });
  const text = await textFile('in.srt', '1\n00:00:01,000 --> 00:00:02,000\nembedded\n');
  return makeClip('texts.mp4', [
    ...['-i', `file:${captioned}`, '-i', `file:${text}`, '-map', '0:v', '-map', '1:s'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-a53cc', '1', '-c:s', 'mov_text'],
    ...['-metadata:s:s:0', 'language=spa', '-output_ts_offset', '1.5', '-fflags', '+bitexact'],
  ]);
}

async function textFlags(): Promise<string[]> {
  const files = [
    [await textFile('fr.srt', FRENCH), 'lang=fr'],
    [await textFile('en.scc', SCC), 'lang=en,sdh'],
    [await textFile('de.ttml', GERMAN), 'lang=de,forced'],
    [await textFile('fr-2.vtt', 'WEBVTT\n\n00:00.500 --> 00:01.500\nencore\n'), 'lang=fra'],
  ] as const;
  const flags = files.flatMap(([path, options]) => ['--text', `${path}:${options}`]);
  return [...flags, '--caption-languages', 'cc1=en'];
}

/** Payloads and times of a track's cues, as its HLS segments have them. */
async function cuesOf(out: string, id: string): Promise<string[]> {
  const first = await readFile(join(out, 'text', id, '1.vtt'), 'utf8');
  return first
    .trim()
    .split('\n\n')
    .slice(1)
    .map((block) => block.replace('\n', '|'));
}

describe('a title with text of every kind', () => {
  const out = at('title');
  let report: Report;
  beforeAll(async () => {
    const args = [
      'encode',
      await master(),
      '--out',
      out,
      ...LEAN,
      '--codecs',
      'h264,hevc',
      ...(await textFlags()),
    ];
    const made = await cli(args, { home: at('home') });
    expect(made.stderr).not.toContain('error');
    expect(made.exitCode).toBe(0);
    report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
  });

  test('says what ships', () => {
    expect(
      report.texts?.map(({ id, language, name, kind, forced, cues }) => [
        id,
        language,
        name,
        kind,
        forced,
        cues,
      ]),
    ).toEqual([
      ['text-fr', 'fr', 'fr', 'subtitles', false, 2],
      ['text-en-sdh', 'en', 'en SDH', 'captions', false, 1],
      ['text-de-forced', 'de', 'de forced', 'subtitles', true, 1],
      ['text-fr-2', 'fr', 'fr 2', 'subtitles', false, 1],
      ['text-es', 'es', 'es', 'subtitles', false, 1],
      ['text-en-sdh-2', 'en', 'en SDH 2', 'captions', false, 1],
    ]);
    expect(report.master.text).toEqual([
      { track: 0, codec: 'mov_text', language: 'spa', default: true },
      { track: 0, codec: 'eia_608', language: 'und', inPicture: true },
    ]);
    const findings = report.master.findings
      .map(({ code }) => code)
      .filter((code) => code.startsWith('text-'));
    expect(findings).toEqual(['text-encoding', 'text-beyond-title', 'text-start']);
  });

  test('has every cue in the time of the title, wherever its own clock began', async () => {
    expect(await cuesOf(out, 'text-fr')).toEqual(['00:00:00.500 --> 00:00:01.500|À bientôt']);
    expect(await cuesOf(out, 'text-fr-2')).toEqual(['00:00:00.500 --> 00:00:01.500|encore']);
    expect(await cuesOf(out, 'text-de-forced')).toEqual(['00:00:01.000 --> 00:00:02.500|<i>Schild</i>']);
    expect(await cuesOf(out, 'text-es')).toEqual(['00:00:01.000 --> 00:00:02.000|embedded']);
    const caption = ['00:00:01.001 --> 00:00:03.003|caption'];
    expect(await cuesOf(out, 'text-en-sdh-2')).toEqual(caption);
    // An hour of its timecodes lasts 3603.6 s.
    expect(await cuesOf(out, 'text-en-sdh')).toEqual(caption);
  });

  test('has no captions in its pictures, whatever the codec', async () => {
    const probe = await findTool(createRunner(), 'ffprobe');
    for (const { id } of report.renditions) {
      const args = ['-v', 'error', '-show_frames', '-of', 'json', join(out, 'video', id, 'playlist.m3u8')];
      const { stdout } = await execa(probe.path, args);
      expect((JSON.parse(stdout) as { frames: unknown[] }).frames).toHaveLength(150);
      expect(stdout).not.toContain('A53');
    }
  });
});

test('a plan lists the texts', async () => {
  const plan = await cli(['plan', await master(), '--json', ...LEAN, ...(await textFlags())], {
    home: at('home'),
  });
  expect(plan.lines().at(-1)).toMatchObject({
    texts: [
      { source: 'fr.srt', language: 'fr', kind: 'subtitles', forced: false, default: false, carried: true },
      { source: 'en.scc', kind: 'captions' },
      { source: 'de.ttml', forced: true },
      { source: 'fr-2.vtt', language: 'fra' },
      { source: 'text track 0 (mov_text)', language: 'spa' },
      { source: 'captions in the pictures', kind: 'captions' },
    ],
  });
  const shown = await cli(
    ['plan', await master(), ...LEAN, '--embedded-text', 'none', ...(await textFlags())],
    { home: at('home') },
  );
  expect(shown.stdout.match(/^ {2}text .*$/gm)).toEqual([
    '  text fr.srt: fr',
    '  text en.scc: en, SDH',
    '  text de.ttml: de, forced',
    '  text fr-2.vtt: fra',
  ]);
});
