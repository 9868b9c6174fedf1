import { mkdtemp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkOutput, publishFolder } from '../../src/distribute/index.js';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-publish-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const title = (text: string): Parameters<typeof publishFolder>[1] => [
  { path: 'video/a/init.mp4', from: { text } },
  { path: 'report.json', from: { text: '{ "schemaVersion": 1, "renditions": [] }' } },
];

test('writes files and folders, from text and from files', async () => {
  await writeFile(at('segment'), 'bytes');
  await publishFolder(at('new', 'out'), [
    ...title('init'),
    { path: 'video/a/1.m4s', from: { file: at('segment') } },
  ]);
  expect(await readFile(at('new', 'out', 'video', 'a', '1.m4s'), 'utf8')).toBe('bytes');
  expect(await readFile(at('new', 'out', 'video', 'a', 'init.mp4'), 'utf8')).toBe('init');
  expect(await readdir(at('new'))).toEqual(['out']);
});

test('replaces an earlier title as a whole: nothing of it is left', async () => {
  await publishFolder(at('out'), [...title('old'), { path: 'video/old.m4s', from: { text: 'old' } }]);
  await checkOutput(at('out'));
  await publishFolder(at('out'), title('new'));
  expect(await readFile(at('out', 'video', 'a', 'init.mp4'), 'utf8')).toBe('new');
  expect(await readdir(at('out', 'video'))).toEqual(['a']);
});

test('a failure in the middle leaves the earlier title as it was, and nothing half-written', async () => {
  await publishFolder(at('out'), title('old'));
  const broken = [...title('new'), { path: 'video/x.m4s', from: { file: at('missing') } }];
  await expect(publishFolder(at('out'), broken)).rejects.toMatchObject({ code: 'OUT_NOT_WRITABLE' });
  expect(await readFile(at('out', 'video', 'a', 'init.mp4'), 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['out']);
});

test('what a killed process left beside the output does not matter', async () => {
  await mkdir(at('.out.hullcast-partial', 'video'), { recursive: true });
  await publishFolder(at('out'), title('new'));
  expect(await readdir(folder)).toEqual(['out']);
});

test.each([
  ['a report that is none', { 'report.json': '{}' }, 'no report of one'],
  ['no report', { 'master.m3u8': '' }, 'no report of one'],
  ['a file besides the title', { 'thesis.txt': 'years' }, 'thesis.txt'],
  ['a folder besides the title', { '.hullcast/home': '' }, '.hullcast'],
])('a folder with %s is refused, before the work and after it', async (_, files, says) => {
  const refused = { code: 'OUT_NOT_EMPTY', exitCode: 2, message: expect.stringContaining(says) as string };
  if (says !== 'no report of one') await publishFolder(at('out'), title('old'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(at('out', name)), { recursive: true });
    await writeFile(at('out', name), text);
  }
  const before = await readdir(at('out'), { recursive: true });
  await expect(checkOutput(at('out'))).rejects.toMatchObject(refused);
  await expect(publishFolder(at('out'), title('new'))).rejects.toMatchObject(refused);
  expect(await readdir(at('out'), { recursive: true })).toEqual(before);
  expect(await readdir(folder)).toEqual(['out']);
});

test.each(['', ' '])('no folder, %j, is not the one that we are in', async (out) => {
  await expect(checkOutput(out)).rejects.toMatchObject({ code: 'OUT_NOT_FOLDER', exitCode: 2 });
});

test('a folder with other files, and a file, are refused before any work', async () => {
  await writeFile(at('thesis.txt'), 'years of work');
  await expect(checkOutput(folder)).rejects.toMatchObject({ code: 'OUT_NOT_EMPTY', exitCode: 2 });
  await expect(checkOutput(at('thesis.txt'))).rejects.toMatchObject({ code: 'OUT_NOT_FOLDER', exitCode: 2 });
  await checkOutput(at('not', 'there', 'yet'));
});
