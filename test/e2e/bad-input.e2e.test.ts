import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, truncate, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { titleMaster } from '../../fixtures/title.js';
import { parseReport } from '../../src/report/index.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);
const EXACT = ['-fflags', '+bitexact', '-flags:v', '+bitexact', '-threads', '1'];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...EXACT];
const home = at('home');

async function written(name: string, text: string): Promise<string> {
  await writeFile(at(name), text);
  return at(name);
}

async function truncatedMp4(): Promise<string> {
  await copyFile(await titleMaster(), at('truncated.mp4'));
  await truncate(at('truncated.mp4'), 100_000);
  return at('truncated.mp4');
}

/** Masters that are refused: exit code 3, a code, a hint, and no output. */
const REFUSED: [name: string, code: string, make: () => Promise<string>][] = [
  ['an empty file', 'MASTER_EMPTY', () => written('empty.mp4', '')],
  ['text renamed to .mp4', 'MASTER_UNKNOWN_CONTAINER', () => written('text.mp4', 'hello '.repeat(1000))],
  ['an mp4 without its index', 'MASTER_', truncatedMp4],
  [
    'sound alone',
    'MASTER_',
    () => makeClip('sound.mp4', ['-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', ...EXACT]),
  ],
  [
    '3×3 pixels',
    'MASTER_TOO_SMALL',
    () => makeClip('tiny.mkv', ['-f', 'lavfi', '-i', 'testsrc=s=3x3:d=1', '-c:v', 'ffv1', ...EXACT]),
  ],
  ['a path that is not there', 'MASTER_UNREADABLE', () => Promise.resolve(at('nowhere.mp4'))],
  ['a folder', 'MASTER_UNREADABLE', async () => (await mkdir(at('folder.mp4')), at('folder.mp4'))],
  [
    'a playlist posing as a video',
    'MASTER_UNKNOWN_CONTAINER',
    () =>
      written('playlist.mp4', '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n/etc/passwd\n#EXT-X-ENDLIST\n'),
  ],
  [
    'a concat script posing as a video',
    'MASTER_UNKNOWN_CONTAINER',
    () => written('concat.mp4', 'ffconcat version 1.0\nfile /etc/passwd\n'),
  ],
];

/** Text files that are refused before anything is made of the master, with the line where there is one. */
const REFUSED_TEXTS: [name: string, says: RegExp, content: string | Buffer, options: string][] = [
  [
    'no arrow',
    /error TEXT_SYNTAX: .*bad\.srt, line 2: "-->" is missing/,
    '1\n00:00:01,000 00:00:02,000\nx\n',
    'lang=fr',
  ],
  [
    'a picture',
    /error TEXT_ENCODING: .*bad\.srt: this is no text/,
    Buffer.from('\x89PNG\0\0\0', 'latin1'),
    'sdh',
  ],
  ['a document', /error TEXT_FORMAT: .*bad\.srt is no text that/, 'Dear all', 'forced'],
  [
    'an entity bomb',
    /error TEXT_SYNTAX: .*line 1: document types/,
    '<!DOCTYPE a [<!ENTITY b "c">]><tt/>',
    'lang=de',
  ],
];

describe('a text that cannot be used', () => {
  test.each(REFUSED_TEXTS)('%s', async (_, says, content, options) => {
    await writeFile(at('bad.srt'), content);
    const text = ['--text', `${at('bad.srt')}:${options}`];
    const result = await cli(['encode', await titleMaster(), '--out', at('refused'), ...text, ...LEAN], {
      home,
    });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toMatch(says);
    expect(result.stderr).toContain('hint: ');
    expect(existsSync(at('refused'))).toBe(false);
  });

  test('options that are none, and a file that is not there', async () => {
    const run = (text: string) => cli(['plan', at('nowhere.mp4'), '--text', text], { home });
    expect(await run('fr.srt:lang=fr,shd')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /error TEXT_OPTION: "fr\.srt:lang=fr,shd" has options that are none: shd/,
      ) as string,
    });
    const missing = await cli(['plan', await titleMaster(), '--text', `${at('none.srt')}:sdh`], { home });
    expect(missing.exitCode).toBe(3);
    expect(missing.stderr).toMatch(/error TEXT_UNREADABLE: .*none\.srt does not exist/);
  });
});

describe('a master that cannot be used', () => {
  test.each(REFUSED)('%s: %s', async (_, code, make) => {
    const result = await cli(['encode', await make(), '--out', at('refused'), ...LEAN], { home });
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toMatch(new RegExp(`error ${code}`));
    expect(result.stderr).toContain('hint: ');
    expect(result.stderr).not.toContain('root:');
    expect(existsSync(at('refused'))).toBe(false);
  });

  test('with --json the error is one line on standard output', async () => {
    const result = await cli(
      ['encode', await written('text2.mp4', 'hello '), '--out', at('refused'), '--json'],
      { home },
    );
    expect(result.lines().at(-1)).toMatchObject({
      type: 'error',
      code: 'MASTER_UNKNOWN_CONTAINER',
      exitCode: 3,
    });
  });
});

describe('a master that is odd but fine', () => {
  const encodes = async (master: string, name: string): Promise<ReturnType<typeof parseReport>> => {
    const result = await cli(['encode', master, '--out', at(name), ...LEAN], { home });
    expect(result.stderr).not.toContain('error');
    expect(result.exitCode).toBe(0);
    return parseReport(JSON.parse(await readFile(join(at(name), 'report.json'), 'utf8')));
  };

  test('one frame a second', async () => {
    const master = await makeClip('slow.mp4', ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=1:d=10', ...X264]);
    const report = await encodes(master, 'one-fps');
    expect(report.title).toMatchObject({ frames: 10, fps: '1/1' });
  });

  test('a name with spaces, quotes, unicode and a leading dash', async () => {
    const master = await makeClip('plain.mp4', ['-f', 'lavfi', '-i', 'testsrc2=s=192x108:r=24:d=1', ...X264]);
    const name = `-o 'ü"% d.mp4`;
    await symlink(master, at(name));
    const result = await cli(['encode', '--out', at('odd name'), ...LEAN, '--', name], {
      home,
      cwd: folder,
    });
    expect(result.stderr).not.toContain('error');
    expect(result.exitCode).toBe(0);
    const report = parseReport(JSON.parse(await readFile(join(at('odd name'), 'report.json'), 'utf8')));
    expect(report.title.name).toBe(name);
  });
});

describe('bad usage', () => {
  test('an unknown key in hullcast.yaml is named, with the nearest one', async () => {
    const cwd = at('with-config');
    await mkdir(cwd);
    await writeFile(join(cwd, 'hullcast.yaml'), 'encode:\n  presett: slow\n');
    const result = await cli(['encode', await titleMaster(), '--out', at('refused')], { home, cwd });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/CONFIG_INVALID.*presett.*\n?.*encode\.preset/s);
  });

  test('an output folder that holds something else is left alone', async () => {
    await mkdir(at('precious'));
    await writeFile(join(at('precious'), 'thesis.txt'), 'years of work');
    const result = await cli(['encode', await titleMaster(), '--out', at('precious'), ...LEAN], { home });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('OUT_NOT_EMPTY');
    expect(await readFile(join(at('precious'), 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  test.each([
    [['encode', '--out', 'o'], /missing required argument 'master'/],
    [['encode', 'x.mp4'], /--out/],
    [['encode', 'x.mp4', '--out', 'o', '--preset', 'fastest'], /preset/],
    [['encode', 'x.mp4', '--out', 'o', '--segment-seconds', '9'], /segment/],
    [['recode'], /recode/],
  ])('%j', async (args, words) => {
    const result = await cli(args, { home });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).toContain('hint: ');
  });
});

describe('a full disk', () => {
  /** Runs the command line in a mount namespace of its own, where `where` is a file system of 100 KiB. */
  const onSmallDisk = (where: string, args: readonly string[]) =>
    execa(
      'unshare',
      [
        ...['--user', '--map-root-user', '--mount', 'sh', '-c'],
        `mount -t tmpfs -o size=100k tmpfs "$1" && shift && "$@"; status=$?; ls -A "$0" >&2; exit $status`,
        where,
        where,
        process.execPath,
        'bin/hullcast.js',
        ...args,
      ],
      { reject: false, env: { HULLCAST_HOME: home } },
    );

  test('in the output: DISK_FULL, exit code 1, nothing that looks finished; with space the same command ends well', async () => {
    // One rung is more than fits.
    const args = [...LEAN, '--rungs', '@vmaf=95'];
    const master = await titleMaster();
    const disk = at('small-disk');
    await mkdir(disk);
    const full = await onSmallDisk(disk, ['encode', master, '--out', join(disk, 'title'), ...args]);
    expect(full.stderr).toContain('DISK_FULL');
    expect(full.exitCode).toBe(1);
    // What `ls` saw on the small disk at the end, after the last line of the error.
    expect(full.stderr.trimEnd().split('\n').at(-1)).toMatch(/^hint: /);
    const again = await cli(['encode', master, '--out', at('enough'), ...args, '--json'], { home });
    expect(again.exitCode).toBe(0);
    expect(again.lines().at(-1)).toMatchObject({ type: 'result', cost: { encodes: 0 } });
  });
});
